// Goal: an operator rotates the keys of a daemon by command, in sentences that never show a key. Method: a real daemon in
// this process; output compared as text, fingerprints from SHA-256; a server with known answers for what it cannot be.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { command } from '../src/command/program.ts'
import { main } from '../src/main.ts'
import type { ReadyLine } from '../src/run.ts'
import { FakeIo } from './fake-io.ts'

const keyOf = (name: string, sizeBytes = 32) => createHash('sha256').update(name).digest().subarray(0, sizeBytes)
const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64')
const nameOf = (key: Uint8Array) => createHash('sha256').update(key).digest('hex').slice(0, 16)
const [one, two, three] = [keyOf('one'), keyOf('two', 24), keyOf('three', 16)]

let url: string
let end: () => Promise<unknown>
async function start(...flags: string[]) {
  const io = new FakeIo()
  const loopback = ['-profile=local', '-memberlist.bind-addr=127.0.0.1', '-memberlist.bind-port=0']
  const done = main([...loopback, '-server.http-listen-port=0', ...flags], io)
  await Promise.race([io.until(({ out }) => out.includes('\n')), done])
  url = (JSON.parse(io.out) as ReadyLine).http
  end = () => {
    io.signals.emit('SIGTERM')
    return done
  }
}
beforeEach(() => start(`-memberlist.encryption-key=${base64(one)}`))
afterEach(() => end())

/** A command's status and outputs, in which nothing of a key stands. */
async function hearsay(argv: string[], stdin = '') {
  const io = new FakeIo(stdin)
  const status = await command([...argv, '--http', url], io)
  for (const key of [one, two, three]) expect(io.out + io.err).not.toContain(base64(key).slice(4, 12))
  return { status, out: io.out, err: io.err }
}

const table = (...keys: readonly Uint8Array[]) =>
  ['FINGERPRINT       PRIMARY', ...keys.map((key, index) => `${nameOf(key)}  ${index === 0 ? 'yes' : 'no'}`), ''].join(
    '\n',
  )

describe('hearsay keys', () => {
  it('lists fingerprints', async () => {
    expect(await hearsay(['keys'])).toEqual({ status: 0, out: table(one), err: '' })
    expect(await hearsay(['keys', 'list'])).toEqual({ status: 0, out: table(one), err: '' })
  })

  it('rotates, and shows what there is then', async () => {
    expect((await hearsay(['keys', 'add', base64(two)])).out).toBe(table(one, two))
    expect((await hearsay(['keys', 'add', '-'], `${base64(three)}\n`)).out).toBe(table(one, two, three))
    expect((await hearsay(['keys', 'use', base64(two)])).out).toBe(table(two, one, three))
    expect((await hearsay(['keys', 'use', nameOf(three)])).out).toBe(table(three, two, one))
    expect((await hearsay(['keys', 'remove', nameOf(one)])).out).toBe(table(three, two))
    expect((await hearsay(['keys', 'remove', '-'], base64(two))).out).toBe(table(three))
  })

  it('with --json prints the API’s own JSON on one line', async () => {
    const { out } = await hearsay(['keys', 'add', base64(two), '--json'])
    expect(out).toBe(await (await fetch(`${url}/api/v1/keys`)).text().then((text) => `${text}\n`))
    expect(JSON.parse(out)).toEqual({
      keys: [
        { fingerprint: nameOf(one), primary: true },
        { fingerprint: nameOf(two), primary: false },
      ],
      verifyIncoming: true,
      verifyOutgoing: true,
    })
  })

  it.each([
    [['use', base64(two)], 3, 'hearsay: the key is not in the keyring; add it first\n'],
    [['use', nameOf(two)], 3, 'hearsay: no key of this node has that fingerprint\n'],
    [['remove', base64(one)], 4, 'hearsay: the primary key cannot be removed; use another key first\n'],
    [['add'], 2, 'hearsay: keys: add needs a key, or - to read it from standard input\n'],
    [['add', base64(keyOf('two', 15))], 2, 'hearsay: keys: the key has 15 bytes, not 16, 24 or 32\n'],
    [['add', base64(two).slice(1)], 2, 'hearsay: keys: the key is not base64\n'],
    [['add', nameOf(two)], 2, 'hearsay: keys: the key has 12 bytes, not 16, 24 or 32\n'],
    [['add', '-'], 2, 'hearsay: keys: the key is empty\n'],
    [['use', 'x'], 2, 'hearsay: keys: the key is not base64, and no fingerprint of 16 hex digits\n'],
    [['list', base64(two)], 2, 'hearsay: keys: list takes no key\n'],
  ])('%j ends with %i and says why', async (argv, status, err) => {
    expect(await hearsay(['keys', ...argv])).toEqual({ status, out: '', err })
    expect((await hearsay(['keys'])).out).toBe(table(one))
  })

  it('with a key and no action does nothing, and does not show it', async () => {
    const { status, err } = await hearsay(['keys', base64(two)])
    expect([status, err]).toEqual([2, expect.stringMatching(/^hearsay: keys: .*add, use and remove/)])
    expect(await hearsay(['keys', 'add', base64(two), base64(three)])).toMatchObject({ status: 2, out: '' })
  })

  it('needs the token where there is one', async () => {
    await end()
    const folder = mkdtempSync(join(tmpdir(), 'hearsay-token-'))
    const token = join(folder, 'token')
    writeFileSync(token, 's3cret\n')
    await start(`-memberlist.encryption-key=${base64(one)}`, `-server.api-token-file=${token}`)
    expect(await hearsay(['keys', 'add', base64(two)])).toMatchObject({
      status: 1,
      err: expect.stringContaining('token'),
    })
    expect((await hearsay(['keys', 'add', base64(two), '--token-file', token])).out).toBe(table(one, two))
    rmSync(folder, { recursive: true })
  })

  it('says that nothing is encrypted, and what is not insisted on', async () => {
    await end()
    await start('-memberlist.gossip-verify-incoming=false', '-memberlist.gossip-verify-outgoing=false')
    expect((await hearsay(['keys'])).out).toBe('no keys: nothing is encrypted\n')
    expect((await hearsay(['keys', 'add', base64(one)])).out).toBe(
      `${table(one)}what is not encrypted is accepted, too (-memberlist.gossip-verify-incoming=false)\n` +
        'what is sent is not encrypted (-memberlist.gossip-verify-outgoing=false)\n',
    )
  })

  it('makes what a stranger answers harmless to a terminal', async () => {
    const keys = [{ fingerprint: '\u001b[31m', primary: true }]
    const server = createServer((_, response) =>
      response.end(JSON.stringify({ keys, verifyIncoming: true, verifyOutgoing: true })),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await hearsay(['keys'])).out).toContain('\\u001b[31m')
    await new Promise((resolve) => server.close(resolve))
  })
})
