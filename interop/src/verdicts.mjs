// Sends the same hostile bytes to Go and to us, and compares what they do about them.
//
//   node interop/src/verdicts.mjs                        plays every row and writes docs/verdicts.md
//   node interop/src/verdicts.mjs --check                plays every row; fails when the page says something else
//   node interop/src/verdicts.mjs --count N --seed S     sends N generated packets and a quarter as many streams
//   node interop/src/verdicts.mjs --replay GROUP INPUT…  sends inputs as a failure printed them
//
// Fails on every difference that is not listed in interop/hostile/differences.ts.

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createViteServer } from 'vitest/node'

if (spawnSync('go', ['version']).error) {
  console.error('verdicts.mjs needs Go 1.25 or newer on the PATH')
  process.exit(1)
}

// The suites are TypeScript, and run from source as the tests do.
const conditions = ['@hearsay/source']
const server = await createViteServer({
  configFile: false,
  root: join(dirname(fileURLToPath(import.meta.url)), '..'),
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
})
let status = 1
try {
  const { main } = await server.ssrLoadModule('/hostile/command.ts')
  status = await main(process.argv.slice(2))
} catch (error) {
  console.error(`verdicts.mjs: ${error.stack ?? error}`)
} finally {
  await server.close()
}
process.exit(status)
