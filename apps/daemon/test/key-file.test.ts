// Goal: a daemon's keys follow its file, on SIGHUP and on change, and a broken file loses nothing. Method: the whole
// program in this process with signals from a fake one, real files; the keys as the API shows them, fingerprints from SHA-256.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Keyring } from '@hearsay/node'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { command } from '../src/command/program.ts'
import { KeyFile } from '../src/key-file.ts'
import { createLogger } from '../src/log.ts'
import { main } from '../src/main.ts'
import type { ReadyLine } from '../src/run.ts'
import { FakeIo } from './fake-io.ts'

const keyOf = (name: string) => createHash('sha256').update(name).digest()
const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64')
const names = (...keys: readonly Uint8Array[]) =>
  keys.map((key) => createHash('sha256').update(key).digest('hex').slice(0, 16))
const [one, two, three] = [keyOf('one'), keyOf('two'), keyOf('three')]

const ends: (() => Promise<unknown> | undefined)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hearsayd-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const loopback = [
  '-profile=local',
  '-memberlist.bind-addr=127.0.0.1',
  '-memberlist.bind-port=0',
  '-server.http-listen-port=0',
]

async function start(...flags: string[]) {
  const io = new FakeIo()
  const done = main([...loopback, ...flags], io)
  const stop = () => {
    io.signals.emit('SIGTERM')
    return done
  }
  ends.push(stop)
  await Promise.race([io.until(({ out }) => out.includes('\n')), done])
  const { http } = JSON.parse(io.out) as ReadyLine
  const post = async (body: object) =>
    (await fetch(`${http}/api/v1/keys`, { method: 'POST', body: JSON.stringify(body) })).status
  const keys = async () =>
    ((await (await fetch(`${http}/api/v1/keys`)).json()) as { keys: { fingerprint: string }[] }).keys.map(
      ({ fingerprint }) => fingerprint,
    )
  const lines = (text: string) => io.logLines.filter((line) => line.includes(text))
  return { io, stop, done, keys, post, lines }
}

describe('SIGHUP', () => {
  it('puts the keys of the flags and of the file as it is now in place, and says which', async () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const { io, keys, lines } = await start(
      `-memberlist.encryption-key-file=${file}`,
      `-memberlist.encryption-key=${base64(three)}`,
    )
    expect(await keys()).toEqual(names(three, one))
    expect(lines('encryption is on')).toEqual([expect.stringContaining(`keys=${names(three, one)}`)])
    writeFileSync(file, `${base64(two)}\n${base64(one)}\n`)
    io.signals.emit('SIGHUP')
    expect(await keys()).toEqual(names(three, two, one))
    expect(lines('level=info msg="encryption keys changed"')).toEqual([
      expect.stringContaining(`keys=${names(three, two, one)}`),
    ])
    // Once more, with nothing to do and nothing to say.
    io.signals.emit('SIGHUP')
    expect(lines('msg="encryption keys changed"')).toHaveLength(1)
    for (const key of [one, two, three]) expect(io.err).not.toContain(base64(key).slice(4, 12))
  })

  it('takes back what the API did, since the file has the last word', async () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const { io, keys, post } = await start(`-memberlist.encryption-key-file=${file}`)
    expect([await post({ add: base64(two) }), await post({ use: names(two)[0] })]).toEqual([200, 200])
    expect(await keys()).toEqual(names(two, one))
    io.signals.emit('SIGHUP')
    expect(await keys()).toEqual(names(one))
  })

  it.each([
    ['is empty', '', 'holds no key'],
    ['has a wrong line', `${base64(two)}\n${base64(three)}!\n`, 'line 2 is not base64'],
  ])('keeps the keys when the file %s, and says where', async (_, content, problem) => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const { io, keys, lines } = await start(`-memberlist.encryption-key-file=${file}`)
    writeFileSync(file, content)
    io.signals.emit('SIGHUP')
    expect(await keys()).toEqual(names(one))
    expect(lines('level=error')).toEqual([expect.stringContaining(`${file} ${problem}`)])
    expect(io.err).not.toContain(base64(three).slice(4, 12))
  })

  it('keeps the keys when the file is gone', async () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const { io, keys, lines } = await start(`-memberlist.encryption-key-file=${file}`)
    rmSync(file)
    io.signals.emit('SIGHUP')
    expect([await keys(), lines('level=error').length]).toEqual([names(one), 1])
  })

  it('without a file leaves everything as it is, also what the API did', async () => {
    const { io, keys, post, stop } = await start(`-memberlist.encryption-key=${base64(one)}`)
    await post({ add: base64(two) })
    io.signals.emit('SIGHUP')
    expect(await keys()).toEqual(names(one, two))
    expect(await stop()).toBe(0)
    expect(io.signals.listenerCount('SIGHUP')).toBe(0)
  })

  it('while the daemon starts ends nothing', async () => {
    const io = new FakeIo()
    const done = main(loopback, io)
    expect(io.signals.emit('SIGHUP')).toBe(true)
    await io.until(({ out }) => out.includes('\n'))
    io.signals.emit('SIGTERM')
    expect(await done).toBe(0)
  })
})

/** A keyring kept by a file, looked at often. */
function kept(file: string, keys: readonly Uint8Array[]) {
  const io = new FakeIo()
  const logger = createLogger({ format: 'logfmt', level: 'info', write: io.stderr })
  const keyring = new Keyring(keys)
  const keyFile = new KeyFile({ file, flagKeys: [], keyring, logger, pollMs: 20 }, keys)
  onTestFinished(() => keyFile.stop())
  return { io, keyring, keyFile }
}

describe('a file that changes', () => {
  it('is read again, whether written anew or replaced', async () => {
    const folder = scratch()
    const file = join(folder, 'keys')
    writeFileSync(file, base64(one))
    const { io, keyring } = kept(file, [one])
    writeFileSync(file, `${base64(two)}\n`)
    await io.until(() => keyring.fingerprints().join() === names(two).join())
    writeFileSync(`${file}.new`, `${base64(three)}\n`)
    renameSync(`${file}.new`, file)
    await io.until(() => keyring.fingerprints().join() === names(three).join())
  })

  it('is read again when a link before it is put elsewhere, as Kubernetes does', async () => {
    const folder = scratch()
    for (const [name, key] of [
      ['..1', one],
      ['..2', two],
    ] as const) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'keys'), base64(key))
    }
    symlinkSync('..1', join(folder, '..data'))
    symlinkSync('..data/keys', join(folder, 'keys'))
    const { io, keyring } = kept(join(folder, 'keys'), [one])
    symlinkSync('..2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await io.until(() => keyring.fingerprints().join() === names(two).join())
  })

  it('and is broken for a while changes nothing until it is whole again', async () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const { io, keyring } = kept(file, [one])
    writeFileSync(file, `${base64(two)}\n${base64(three).slice(0, 11)}`)
    await io.until(({ err }) => err.includes('level=error'))
    expect(keyring.fingerprints()).toEqual(names(one))
    writeFileSync(file, `${base64(two)}\n${base64(three)}`)
    await io.until(() => keyring.size === 2)
    expect(keyring.fingerprints()).toEqual(names(two, three))
    expect(io.logLines.filter((line) => line.includes('level=error'))).toHaveLength(1)
  })

  it('only in its dates does not undo what the API did', async () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const { io, keyring } = kept(file, [one])
    keyring.add(three)
    utimesSync(file, 1, 1)
    // The next change is seen after this one: what had been done about the dates would show.
    const seen: string[] = []
    const replace = keyring.replace.bind(keyring)
    keyring.replace = (keys) => {
      seen.push(keyring.fingerprints().join())
      replace(keys)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
    writeFileSync(file, base64(two))
    await io.until(() => keyring.fingerprints().join() === names(two).join())
    expect(seen).toEqual([names(one, three).join()])
  })

  it('between the first reading and the watch is not missed', () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(two))
    expect(kept(file, [one]).keyring.fingerprints()).toEqual(names(two))
  })

  it('after the daemon stopped is nobody’s business', async () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const { io, keyring, keyFile } = kept(file, [one])
    keyFile.stop()
    // A second one sees the change; the first would have seen it in the same look.
    const witness = kept(file, [one])
    writeFileSync(file, base64(two))
    await witness.io.until(() => witness.keyring.fingerprints().join() === names(two).join())
    expect([keyring.fingerprints(), io.err]).toEqual([names(one), ''])
  })
})

describe('a daemon', () => {
  it('sees its file change by itself, until it stops', { timeout: 20_000 }, async () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const { io, keys, lines, stop } = await start(`-memberlist.encryption-key-file=${file}`)
    writeFileSync(file, base64(two))
    await io.until(({ err }) => err.includes('encryption keys changed'))
    expect(await keys()).toEqual(names(two))
    await stop()
    const witness = kept(file, [two])
    writeFileSync(file, base64(three))
    await witness.io.until(() => witness.keyring.fingerprints().join() === names(three).join())
    expect(lines('encryption keys changed')).toHaveLength(1)
  })

  it('as hearsay run does, too', { timeout: 20_000 }, async () => {
    const file = join(scratch(), 'keys')
    writeFileSync(file, base64(one))
    const io = new FakeIo()
    const flags = [...loopback.slice(0, 3), `-memberlist.encryption-key-file=${file}`]
    const done = command(['run', ...flags], io)
    await io.until(({ out }) => out.includes('listens'))
    writeFileSync(file, base64(two))
    await io.until(({ err }) => err.includes(`keys=${names(two)}`))
    io.signals.emit('SIGTERM')
    expect(await done).toBe(0)
  })
})
