// Plays the same to a real member of memberlist v0.7.0 and to our machine in its faithful profile, and compares.
//
//   node interop/src/differential/run.mjs --seeds N [--first S]           random sequences, without timers
//   node interop/src/differential/run.mjs --timed --seeds N [--first S]   scripts on virtual time
//   node interop/src/differential/run.mjs --replay JSON                   a sequence as a failure printed it
//
// Fails on every difference that is not listed in interop/src/differential/allowances.ts, and on each of these that
// explained nothing.

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createViteServer } from 'vitest/node'

if (spawnSync('go', ['version']).error) {
  console.error('run.mjs needs Go 1.25 or newer on the PATH')
  process.exit(1)
}

// The suites are TypeScript, and run from source as the tests do.
const conditions = ['@hearsay/source']
const server = await createViteServer({
  configFile: false,
  root: join(dirname(fileURLToPath(import.meta.url)), '..', '..'),
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
})
let status = 1
try {
  const { main } = await server.ssrLoadModule('/src/differential/command.ts')
  status = await main(process.argv.slice(2))
} catch (error) {
  console.error(`run.mjs: ${error.stack ?? error}`)
} finally {
  await server.close()
}
process.exit(status)
