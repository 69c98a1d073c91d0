// Goal: a cluster of real processes is encrypted, changes its key and begins to encrypt without losing a member or a
// message. Method: the bundle; whether a key is really in use is asked of a newcomer that has this key only, and of one
// that has none.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type DaemonProcess, eventually, json, program, start, useBundle } from './daemon-process.ts'

useBundle()

const keyOf = (name: string, sizeBytes = 32) => createHash('sha256').update(name).digest().subarray(0, sizeBytes)
const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64')
const nameOf = (key: Uint8Array) => createHash('sha256').update(key).digest('hex').slice(0, 16)
const [one, two] = [keyOf('one'), keyOf('two', 16)]
const keyFlag = (key: Uint8Array) => `-memberlist.encryption-key=${base64(key)}`

interface Members {
  readonly members: readonly { readonly name: string; readonly state: string }[]
}

const alive = async ({ ready }: DaemonProcess): Promise<string[]> =>
  (await json<Members>(`${ready.http}/api/v1/members`)).members
    .filter(({ state }) => state === 'alive')
    .map(({ name }) => name)
    .sort()

const drops = async ({ ready }: DaemonProcess): Promise<string[]> =>
  (await (await fetch(`${ready.http}/metrics`)).text())
    .split('\n')
    .filter((line) => /^hearsay_drops_by_peer_total\{.*(decrypt-failed|encrypted)"/.test(line))

let writes = 0
/** What one writes, the other reads: in both directions, if need be by a newcomer's full exchange only later. */
async function gossips(from: DaemonProcess, to: DaemonProcess): Promise<void> {
  const key = `${from.ready.http}/api/v1/kv/ring${++writes}`
  const ingesters = {
    i: { addr: '10.0.0.1:1', timestamp: Math.floor(Date.now() / 1000), state: 'ACTIVE', tokens: [1] },
  }
  const put = await fetch(`${key}?codec=ringDesc`, { method: 'PUT', body: JSON.stringify({ ingesters }) })
  expect(put.status).toBe(200)
  await eventually(
    () => fetch(`${to.ready.http}/api/v1/kv/ring${writes}`),
    ({ status }) => status === 200,
  )
}

const joined = async ({ ready }: DaemonProcess) => (await json<{ joined: boolean }>(`${ready.http}/ready`)).joined

/** Who has only this key, or none, is let in or is not. Leaves again. */
async function lets(member: DaemonProcess, name: string, ...flags: string[]): Promise<boolean> {
  const newcomer = await start(name, `-memberlist.join=${member.ready.memberlist}`, ...flags)
  const isIn = await joined(newcomer)
  expect((await alive(newcomer)).includes(member.ready.name)).toBe(isIn)
  newcomer.child.kill('SIGTERM')
  expect(await newcomer.ended).toBe(0)
  return isIn
}

const hearsay = (member: DaemonProcess, ...argv: string[]) =>
  execFileSync(process.execPath, [program('hearsay.js'), ...argv, '--http', member.ready.http], { encoding: 'utf8' })

/** Nothing that a daemon wrote shows a key. */
function saidNoKey(...members: readonly DaemonProcess[]): void {
  for (const member of members)
    for (const key of [one, two]) {
      const { out, err } = member.output()
      expect(out + err).not.toContain(base64(key).slice(4, 12))
    }
}

describe('a key', () => {
  it('is changed by command, one step everywhere before the next', { timeout: 60_000 }, async () => {
    const first = await start('first', keyFlag(one))
    const second = await start('second', keyFlag(one), `-memberlist.join=${first.ready.memberlist}`)
    const members = [first, second]
    expect(await lets(first, 'keyless')).toBe(false)
    expect(await lets(first, 'stranger', keyFlag(two))).toBe(false)
    const before = await drops(first)
    expect(before.map((line) => line.replace(/ \d+$/, ''))).toEqual(
      expect.arrayContaining([
        'hearsay_drops_by_peer_total{peer="127.0.0.1",reason="not-encrypted"}',
        'hearsay_drops_by_peer_total{peer="127.0.0.1",reason="decrypt-failed"}',
      ]),
    )

    const steps = [
      ['add', base64(two)],
      ['use', nameOf(two)],
      ['remove', nameOf(one)],
    ]
    for (const step of steps)
      for (const member of members) {
        hearsay(member, 'keys', ...step)
        await gossips(first, second)
        await gossips(second, first)
      }
    // Nobody was refused on the way.
    expect(await Promise.all(members.map(drops))).toEqual([before, []])
    expect(hearsay(second, 'keys')).toBe(`FINGERPRINT       PRIMARY\n${nameOf(two)}  yes\n`)
    expect(await lets(first, 'late', keyFlag(one))).toBe(false)
    expect(await lets(first, 'newcomer', keyFlag(two))).toBe(true)
    saidNoKey(first, second)
  })

  it('is changed by file, seen on SIGHUP and without it', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearsayd-keys-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'keys')
    const write = (...keys: readonly Uint8Array[]) => writeFileSync(path, `# keys\n${keys.map(base64).join('\n')}\n`)
    write(one)
    const flags = ['-memberlist.transport=tcp', `-memberlist.encryption-key-file=${path}`]
    const first = await start('first', ...flags)
    const second = await start('second', ...flags, `-memberlist.join=${first.ready.memberlist}`)
    const members = [first, second]
    const taken = (...keys: readonly Uint8Array[]) =>
      Promise.all(
        members.map((member) =>
          eventually(
            async () => member.output().err,
            (err) => err.includes(`keys=${keys.map(nameOf)}\n`),
          ),
        ),
      )

    write(one, two)
    for (const { child } of members) child.kill('SIGHUP')
    await taken(one, two)
    write(two, one)
    await taken(two, one)
    await gossips(first, second)
    // A broken file is told and changes nothing, and no signal ends the daemon.
    writeFileSync(path, 'oh no\n')
    second.child.kill('SIGHUP')
    await eventually(
      async () => second.output().err,
      (err) => err.includes(`${path} line 1 is not base64`),
    )
    await gossips(second, first)
    write(two)
    await taken(two)
    await gossips(first, second)
    expect(await lets(second, 'late', '-memberlist.transport=tcp', keyFlag(one))).toBe(false)
    expect(await lets(second, 'newcomer', '-memberlist.transport=tcp', keyFlag(two))).toBe(true)
    saidNoKey(first, second)
  })
})

describe('a running cluster', () => {
  it('begins to encrypt by three restarts of each, and nobody is lost meanwhile', { timeout: 60_000 }, async () => {
    const verify = (incoming: boolean, outgoing: boolean) => [
      `-memberlist.gossip-verify-incoming=${incoming}`,
      `-memberlist.gossip-verify-outgoing=${outgoing}`,
    ]
    const first = await start('first')
    let members = [first, await start('second', `-memberlist.join=${first.ready.memberlist}`)]
    for (const switches of [verify(false, false), verify(false, true), []])
      for (const _ of members) {
        const [old, other] = members as [DaemonProcess, DaemonProcess]
        old.child.kill('SIGTERM')
        expect(await old.ended).toBe(0)
        const restarted = await start(
          old.ready.name,
          `-memberlist.join=${other.ready.memberlist}`,
          keyFlag(one),
          ...switches,
        )
        members = [other, restarted]
        for (const member of members)
          await eventually(
            () => alive(member),
            (names) => names.join() === 'first,second',
          )
        await gossips(other, restarted)
        await gossips(restarted, other)
        expect(await Promise.all(members.map(drops))).toEqual([[], []])
      }
    expect(await lets(members[0] as DaemonProcess, 'keyless')).toBe(false)
  })
})

describe('a start', () => {
  it('is refused with everything that is wrong, by flag and line, and no key', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearsayd-keys-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'keys')
    writeFileSync(path, `${base64(one)}\n${base64(two)}.\n`)
    const argv = [
      `-memberlist.encryption-key=${base64(one.subarray(1))}`,
      `-memberlist.encryption-key-file=${path}`,
      '-memberlist.allowed-cidr=10.0.0.0/99',
      '-memberlist.protocol-version=9',
    ]
    const { status, stdout, stderr } = spawnSync(process.execPath, [program('hearsayd.js'), ...argv], {
      encoding: 'utf8',
    })
    expect([status, stdout]).toEqual([2, ''])
    const lines = stderr.split('\n').slice(0, -1)
    expect(lines.map((line) => line.split(':')[0]).sort()).toEqual(argv.map((flag) => flag.split('=')[0]).sort())
    expect(stderr).toContain(`${path} line 2 is not base64`)
    for (const key of [one, two, one.subarray(1)]) expect(stderr).not.toContain(base64(key).slice(4, 12))
  })
})
