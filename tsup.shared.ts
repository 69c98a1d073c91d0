import type { Options } from 'tsup'

/** A published library: ESM with declarations, one file an entry, dependencies left outside. */
export const library = (entry: string[] = ['src/index.ts']): Options => ({
  entry,
  format: ['esm'],
  target: 'node20',
  dts: { compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] } },
  sourcemap: true,
  clean: true,
})

/** A program run from a checkout: everything bundled, ours from sources, so that it starts without a build of the libraries. */
export const program = (entry: Record<string, string>): Options => ({
  entry,
  outDir: 'bundle',
  format: ['esm'],
  target: 'node20',
  dts: false,
  sourcemap: true,
  clean: true,
  noExternal: [/./],
  // CommonJS inside an ES module still asks for a require of Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  esbuildOptions(options) {
    options.conditions = ['@hearsay/source']
  },
})
