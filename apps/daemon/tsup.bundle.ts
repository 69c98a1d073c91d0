import { defineConfig } from 'tsup'
import { program } from '../../tsup.shared.ts'

export default defineConfig({
  ...program({ hearsayd: 'src/hearsayd.ts', hearsay: 'src/hearsay.ts' }),
  // What is bundled of CommonJS (prom-client) still says `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
})
