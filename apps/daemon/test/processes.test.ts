// Goal: what a checkout runs works: two daemons as processes of their own gossip a value, and end as they should.
// Method: the bundle, built afresh; flags, stdout, HTTP and signals only.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReadyLine } from '../src/run.ts'

const home = join(import.meta.dirname, '..')
// Beneath the package, so that its dependencies are found from there.
const bundle = join(home, 'node_modules', '.cache', `bundle-${process.pid}`)
const children: ChildProcess[] = []

beforeAll(() => {
  const tsup = join(home, '..', '..', 'node_modules', 'tsup', 'dist', 'cli-default.js')
  execFileSync(process.execPath, [tsup, '--config', 'tsup.bundle.ts', '--out-dir', bundle, '--silent'], { cwd: home })
}, 60_000)
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(bundle, { recursive: true, force: true })
})

async function start(name: string, ...flags: string[]) {
  const child = spawn(
    process.execPath,
    [
      join(bundle, 'hearsayd.js'),
      '-profile=local',
      '-memberlist.bind-addr=127.0.0.1',
      '-memberlist.bind-port=0',
      '-server.http-listen-port=0',
      `-memberlist.nodename=${name}`,
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  children.push(child)
  let out = ''
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      out += chunk
      if (out.includes('\n')) resolve(out)
    })
    void ended.then((status) => reject(new Error(`ended with ${status}: ${err}`)))
  })
  return { child, ended, ready: JSON.parse(line) as ReadyLine, output: () => ({ out, err }) }
}

/** Asks again until the answer holds; the test's own timeout is the bound. */
async function eventually<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T

describe('two daemons', () => {
  it.each(['udp', 'tcp'])('gossip a ring over %s, and see each other leave', { timeout: 30_000 }, async (transport) => {
    const first = await start('first', `-memberlist.transport=${transport}`)
    const second = await start(
      'second',
      `-memberlist.transport=${transport}`,
      `-memberlist.join=${first.ready.memberlist}`,
    )
    expect(second.ready.pid).toBe(second.child.pid)

    const instance = {
      addr: '10.0.0.1:9095',
      timestamp: Math.floor(Date.now() / 1000),
      state: 'ACTIVE',
      tokens: [1, 2 ** 31, 2 ** 32 - 1],
      zone: 'a',
      registered_timestamp: 1_700_000_000,
    }
    const put = await fetch(`${first.ready.http}/api/v1/kv/collectors%2Fring?codec=ringDesc`, {
      method: 'PUT',
      body: JSON.stringify({ ingesters: { 'i-1': instance } }),
    })
    expect(put.status).toBe(200)
    const answer = await eventually(
      () => fetch(`${second.ready.http}/api/v1/kv/collectors%2Fring`),
      ({ status }) => status === 200,
    )
    expect(await answer.json()).toEqual({ ingesters: { 'i-1': instance } })

    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    expect(second.output().out.split('\n')).toHaveLength(2)
    type Members = { members: { name: string; state: string }[] }
    const { members } = await eventually(
      () => json<Members>(`${first.ready.http}/api/v1/members`),
      (answer) => answer.members.some(({ state }) => state === 'left'),
    )
    expect(members).toMatchObject([
      { name: 'first', state: 'alive' },
      { name: 'second', state: 'left' },
    ])
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(0)
  })
})

describe('the programs', () => {
  const run = (file: string, ...argv: string[]) =>
    execFileSync(process.execPath, [join(bundle, file), ...argv], { encoding: 'utf8' })

  it('print their versions', () => {
    expect(run('hearsayd.js', '-version')).toMatch(/^hearsayd \d+\.\d+\.\d+ \(node v/)
    expect(run('hearsay.js', '--version')).toMatch(/^hearsay \d+\.\d+\.\d+ \(node v/)
  })
})
