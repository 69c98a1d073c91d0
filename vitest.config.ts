import { defineConfig } from 'vitest/config'

// `npm test`: every project in one run, one summary. What needs Go lives in interop/ and has its own command.
export default defineConfig({
  test: { projects: ['packages/*', 'apps/*', 'docs', 'experiments', 'examples/*'] },
})
