// Goal: flags are the same in three processes, whatever happens to one of them. Method: the service as a user runs it; one is killed
// and started again, one leaves.

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const home = join(import.meta.dirname, '..')
const bundle = join(home, 'node_modules', '.cache', `bundle-${process.pid}`)
const data = mkdtempSync(join(tmpdir(), 'flags-'))
const children = []

beforeAll(() => {
  const tsup = join(home, 'node_modules', 'tsup', 'dist', 'cli-default.js')
  execFileSync(process.execPath, [tsup, '--config', 'tsup.bundle.js', '--out-dir', bundle, '--silent'], { cwd: home })
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of [bundle, data]) rmSync(folder, { recursive: true, force: true })
})

/** A process of the service, once it serves. */
async function start(name, ...options) {
  const child = spawn(process.execPath, [join(bundle, 'flag-service.js'), '--name', name, ...options])
  children.push(child)
  let log = ''
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  const line = await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${log}`)))
  })
  const { http, gossip } = JSON.parse(line)
  const ask = async (path, method = 'GET') => (await fetch(http + path, { method })).json()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return { name, gossip, ask, flags: () => ask('/flags'), kill: (signal) => child.kill(signal), ended, log: () => log }
}

it('shares flags among three processes, through a kill and a departure', async () => {
  const a = await start('a', '--data-dir', data)
  const [b, c] = await Promise.all([start('b', '--join', a.gossip), start('c', '--join', a.gossip)])
  await expect.poll(async () => (await c.ask('/members')).length, { timeout: 10_000 }).toBe(3)

  // Set in one, seen in all: who waits for it need not ask twice.
  const { proven } = await a.ask('/flags/new-checkout?wait=1', 'PUT')
  expect(proven.sort()).toEqual(['b', 'c'])
  for (const each of [a, b, c]) expect(await each.flags()).toEqual({ 'new-checkout': true })
  expect(await b.ask('/flags/nothing')).toEqual({ on: false })
  await expect.poll(() => c.log()).toContain('c: new-checkout is on')

  // Two at once: nothing is lost.
  await Promise.all([b.ask('/flags/from%20b', 'PUT'), c.ask('/flags/from-c', 'PUT')])
  const all = { 'from b': true, 'from-c': true, 'new-checkout': true }
  for (const each of [a, b, c]) await expect.poll(each.flags, { timeout: 10_000 }).toEqual(all)

  // Removed in one while another is not there: it does not bring the flag back.
  await new Promise((resolve) => setTimeout(resolve, 500))
  a.kill('SIGKILL')
  await a.ended
  await b.ask('/flags/new-checkout', 'DELETE')
  const left = { 'from b': true, 'from-c': true }
  await expect.poll(c.flags, { timeout: 10_000 }).toEqual(left)
  const again = await start('a', '--data-dir', data, '--join', b.gossip)
  for (const each of [again, b, c]) await expect.poll(each.flags, { timeout: 10_000 }).toEqual(left)

  // Alone, it knows what it knew.
  for (const each of [b, c]) each.kill('SIGTERM')
  expect(await Promise.all([b.ended, c.ended])).toEqual([0, 0])
  again.kill('SIGKILL')
  await again.ended
  expect(await (await start('a', '--data-dir', data)).flags()).toEqual(left)
})

it('says what is wrong with a request', async () => {
  const lone = await start('lone')
  expect(await lone.ask('/flags?wait=2', 'PUT')).toEqual({ error: 'wait: a share of the members, from 0 to 1' })
  expect(await lone.ask('/flags', 'PUT')).toEqual({ error: 'PUT and DELETE go to /flags/NAME' })
  expect(await lone.ask('/flags/x?wait=1', 'PUT')).toEqual({ proven: [], unproven: [] })
  expect(await lone.flags()).toEqual({ x: true })
})
