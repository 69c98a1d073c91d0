import { defineConfig } from 'tsup'

// For the test: one file with everything in it, from the sources as they are.
export default defineConfig({
  entry: ['src/flag-service.js'],
  format: 'esm',
  platform: 'node',
  target: 'node20',
  noExternal: [/./],
  esbuildOptions(options) {
    options.conditions = ['@hearsay/source']
    // What is CommonJS among the dependencies asks for Node's modules by `require`.
    options.banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    }
  },
})
