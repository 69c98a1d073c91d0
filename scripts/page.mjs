// The live page of a daemon in a real browser: two members appear, one is killed, and the page shows that by itself.
// Installs Debian's Chromium where there is none and apt-get may be used. `--screenshot FILE` keeps the last picture.
// Ends with "N passed, N failed".

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { root } from './lock.mjs'

const LONGEST_MS = 30_000
const picture = process.argv.includes('--screenshot')
  ? process.argv[process.argv.indexOf('--screenshot') + 1]
  : undefined
const daemons = []
let passed = 0
let failed = 0

const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] })
try {
  const a = await daemon('a')
  const b = await daemon('b', `-memberlist.join=${a.memberlist}`)
  const page = await browser.newPage()
  const faults = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  const row = (name) => page.locator('#members tbody tr', { has: page.getByRole('cell', { name, exact: true }) })

  await check('opens', () => page.goto(a.http))
  await check('lists both members as alive', () =>
    Promise.all(['a', 'b'].map((name) => row(name).getByText('alive').waitFor({ timeout: LONGEST_MS }))),
  )
  await check('lists a key that was written, without a reload', async () => {
    const answer = await fetch(`${a.http}/api/v1/kv/workers?codec=ringDesc`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ingesters: { one: instance('one', 1), two: instance('two', 2) } }),
    })
    if (!answer.ok) throw new Error(`PUT answered ${answer.status}: ${await answer.text()}`)
    await page.locator('#rings').getByText('workers').waitFor({ timeout: LONGEST_MS })
  })
  await check('shows that a member was killed, without a reload', async () => {
    process.kill(b.pid, 'SIGKILL')
    await row('b').getByText('alive').waitFor({ state: 'detached', timeout: LONGEST_MS })
  })
  if (picture) await page.screenshot({ path: picture, fullPage: true })
  await check('raises no error', () => {
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
} finally {
  for (const child of daemons) child.kill('SIGTERM')
  await browser.close()
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function instance(id, token) {
  return {
    id,
    addr: `127.0.0.1:${9000 + token}`,
    state: 'ACTIVE',
    tokens: [token],
    timestamp: Math.floor(Date.now() / 1000),
  }
}

/** Starts a member on free ports of loopback; resolves with its ready line. */
async function daemon(name, ...flags) {
  const child = spawn(
    process.execPath,
    [
      'scripts/run.mjs',
      'hearsayd',
      '-profile=local',
      `-memberlist.nodename=${name}`,
      '-memberlist.bind-addr=127.0.0.1',
      '-memberlist.bind-port=0',
      '-server.http-listen-port=0',
      ...flags,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  daemons.push(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return JSON.parse(line)
}

async function check(name, work) {
  try {
    await work()
    passed++
    console.log(`ok   ${name}`)
  } catch (error) {
    failed++
    console.log(`FAIL ${name}\n${error.message}`)
  }
}

function chromiumPath() {
  const find = () =>
    ['chromium', 'chromium-browser', 'google-chrome']
      .map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim())
      .find((path) => path !== '')
  const found = find()
  if (found) return found
  console.log('installing chromium …')
  spawnSync('sh', ['-c', 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const installed = find()
  if (installed) return installed
  console.log('There is no Chromium, and it could not be installed. The page is part of this gate: install one.')
  console.log('0 passed, 1 failed')
  process.exit(1)
}
