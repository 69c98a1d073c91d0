// Goal: keys and networks are taken as given or refused all at once, by flag and line, and never shown. Method: command
// lines and files with one thing wrong at a time; the text of every key is searched for in what is said.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { command } from '../src/command/program.ts'
import { parseConfig, problemLines } from '../src/config.ts'
import { encryption } from '../src/flags/encryption.ts'
import { helpText } from '../src/flags/help.ts'
import { readKeyFile } from '../src/key-file.ts'
import { createLogger } from '../src/log.ts'
import { main } from '../src/main.ts'
import { flagProblem, nodeOptions } from '../src/node-options.ts'
import { FakeIo } from './fake-io.ts'

const scratch = mkdtempSync(join(tmpdir(), 'hearsayd-keys-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const keyOf = (name: string, sizeBytes = 32) => createHash('sha256').update(name).digest().subarray(0, sizeBytes)
const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64')
const [one, two, three] = [keyOf('one'), keyOf('two', 24), keyOf('three', 16)]
const file = (name: string, content: string | Uint8Array) => {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}

const logger = createLogger({ format: 'logfmt', level: 'error', write: () => {} })
const options = (...argv: string[]) => {
  const request = parseConfig(argv)
  if (request.kind !== 'run')
    throw new Error(request.kind === 'invalid' ? problemLines(request.problems) : request.kind)
  return nodeOptions(request.config, logger)
}
const hexKeys = (...argv: string[]) => options(...argv).encryptionKeys?.map((key) => Buffer.from(key).toString('hex'))
const hex = (...keys: readonly Uint8Array[]) => keys.map((key) => Buffer.from(key).toString('hex'))
/** What is said of a command line, a line a problem, and nothing in it of a key. */
const problems = (...argv: string[]) => {
  const request = parseConfig(argv)
  const said = request.kind === 'invalid' ? problemLines(request.problems) : ''
  for (const key of [one, two, three]) expect(said).not.toContain(base64(key).slice(4, 12))
  return said.split('\n').slice(0, -1)
}

describe('the node is told', () => {
  it('of nothing, without flags: version 2, everything verified, anyone allowed', () => {
    expect(options()).toMatchObject({
      encryptionKeys: [],
      gossipVerifyIncoming: true,
      gossipVerifyOutgoing: true,
      protocolVersion: 2,
      allowedCidrs: [],
    })
  })

  it('of every flag', () => {
    const flags = [
      '-memberlist.gossip-verify-incoming=false',
      '-memberlist.gossip-verify-outgoing=false',
      '-memberlist.protocol-version=5',
      '-memberlist.allowed-cidr=10.0.0.0/8,192.168.0.0/16',
      '-memberlist.allowed-cidr=2001:db8::/32',
    ]
    expect(options(...flags)).toMatchObject({
      gossipVerifyIncoming: false,
      gossipVerifyOutgoing: false,
      protocolVersion: 5,
      allowedCidrs: ['10.0.0.0/8', '192.168.0.0/16', '2001:db8::/32'],
    })
  })

  it('of keys in the order given: those of flags, then those of the file, each once', () => {
    const path = file('some', `# rotated in March\n\n${base64(two)} # the old one\r\n  ${base64(three)}\n`)
    expect(hexKeys(`-memberlist.encryption-key=${base64(one)}`)).toEqual(hex(one))
    expect(hexKeys(`-memberlist.encryption-key=${base64(two)},${base64(one)}`)).toEqual(hex(two, one))
    expect(hexKeys('-memberlist.encryption-key', base64(three), '--memberlist.encryption-key', base64(one))).toEqual(
      hex(three, one),
    )
    expect(hexKeys(`-memberlist.encryption-key-file=${path}`)).toEqual(hex(two, three))
    expect(hexKeys(`-memberlist.encryption-key-file=${path}`, `-memberlist.encryption-key=${base64(one)}`)).toEqual(
      hex(one, two, three),
    )
    expect(hexKeys(`-memberlist.encryption-key-file=${path}`, `-memberlist.encryption-key=${base64(three)}`)).toEqual(
      hex(three, two),
    )
  })

  it('is refused by the node in the words of the flags', () => {
    const flagOf = (path: string) => flagProblem({ path, message: 'm' }).flag
    expect(['encryptionKeys[1]', 'protocolVersion', 'allowedCidrs[0]', 'gossipVerifyIncoming'].map(flagOf)).toEqual([
      '-memberlist.encryption-key',
      '-memberlist.protocol-version',
      '-memberlist.allowed-cidr',
      '-memberlist.gossip-verify-incoming',
    ])
  })
})

describe('problems', () => {
  it('are all told at once, and no key with them', async () => {
    const path = file('mixed', `${base64(one)}\n\n${base64(two)}x\n${base64(keyOf('three', 15))}\n`)
    const argv = [
      `-memberlist.encryption-key=${base64(one)},${base64(two).slice(1)},`,
      `-memberlist.encryption-key=${base64(keyOf('one', 20))}`,
      `-memberlist.encryption-key-file=${path}`,
      '-memberlist.gossip-verify-incoming=maybe',
      '-memberlist.gossip-verify-outgoing=maybe',
      '-memberlist.protocol-version=6',
      '-memberlist.allowed-cidr=10.0.0.0/33,10.0.0.0/8,here',
      `-memberlist.cluster-label=${'x'.repeat(256)}`,
      base64(three),
    ]
    expect(problems(...argv)).toEqual([
      expect.stringMatching(/^what looks like an encryption key: unexpected argument/),
      expect.stringMatching(/^-memberlist\.cluster-label: must be at most 255 bytes/),
      expect.stringMatching(
        /^-memberlist\.encryption-key: key 2 of 4 is not base64; key 3 of 4 is empty; key 4 of 4 has 20 bytes, not 16, 24 or 32/,
      ),
      expect.stringMatching(/^-memberlist\.gossip-verify-incoming: .*must be true or false$/),
      expect.stringMatching(/^-memberlist\.gossip-verify-outgoing: .*must be true or false$/),
      expect.stringMatching(/^-memberlist\.protocol-version: .*from 1 to 5$/),
      expect.stringMatching(/^-memberlist\.allowed-cidr: .*"10\.0\.0\.0\/33".*; .*"here"/),
      `-memberlist.encryption-key-file: ${path} line 3 is not base64`,
      `-memberlist.encryption-key-file: ${path} line 4 has 15 bytes, not 16, 24 or 32`,
    ])
    const io = new FakeIo()
    expect([await main(argv, io), io.out, io.logLines.length]).toEqual([2, '', 9])
  })

  it.each([
    ['-memberlist.encryption-key=', 'the key is empty'],
    ['-memberlist.encryption-key=/etc/hearsay/gossip.key', 'the key is not base64'],
    [`-memberlist.encryption-key=${base64(three).replace(/=/g, '')}`, 'the key is not base64'],
    ['-memberlist.encryption-key=c2hvcnQ=', 'the key has 5 bytes, not 16, 24 or 32'],
    ['-memberlist.encryption-key-file=', 'is empty; leave the flag out if there is no file'],
    ['-memberlist.encryption-key-file=/nowhere/at/all', 'there is no file /nowhere/at/all'],
    [`-memberlist.encryption-key-file=${scratch}`, `${scratch} is not a regular file`],
    ['-memberlist.encryption-key-file=/dev/zero', '/dev/zero is not a regular file'],
    [`-memberlist.encryption-key-file=${base64(one)}`, 'it looks like a key'],
    ['-memberlist.allowed-cidr=', 'is empty; leave the flag out to allow any'],
    ['-memberlist.allowed-cidr=10.0.0.1', '10.0.0.1/32'],
    ['-memberlist.protocol-version=0', 'from 1 to 5'],
  ])('%s is one', (argument, message) => {
    const said = problems(argument)
    expect([said.length, said[0]?.startsWith(`${argument.split('=')[0]}: `), said[0]]).toEqual([
      1,
      true,
      expect.stringContaining(message),
    ])
  })

  it('more keys than a ring holds are one', () => {
    const lines = Array.from({ length: 64 }, (_, index) => base64(keyOf(`${index}`)))
    const path = `-memberlist.encryption-key-file=${file('many', lines.join('\n'))}`
    expect(options(path).encryptionKeys).toHaveLength(64)
    // One of them once more is none more.
    expect(options(path, `-memberlist.encryption-key=${lines[9]}`).encryptionKeys).toHaveLength(64)
    expect(problems(path, `-memberlist.encryption-key=${base64(one)}`)).toEqual([
      '-memberlist.encryption-key: there are 65 keys; at most 64 are held',
    ])
  })
})

describe('a file of keys', () => {
  it.each([
    ['with nothing in it', ''],
    ['with comments only', '# none yet\n\n  # none\n'],
  ])('%s is refused', (name, content) => {
    const path = file(name.replaceAll(' ', '-'), content)
    expect(readKeyFile(path)).toEqual({ keys: [], problems: [`${path} holds no key`] })
  })

  it('may have a byte order mark, and no line end', () => {
    expect(readKeyFile(file('bom', `\ufeff${base64(one)}`)).keys).toHaveLength(1)
  })

  it('is refused as a whole when one line is wrong', () => {
    expect(readKeyFile(file('half', `${base64(one)}\n!\n`))).toEqual({
      keys: [],
      problems: [expect.stringContaining('line 2 ')],
    })
  })

  it('has its first wrong lines told, and the number of the others', () => {
    const { problems } = readKeyFile(file('prose', 'it was a dark night\n'.repeat(20)))
    expect([problems.length, problems[7], problems[8]]).toEqual([
      9,
      expect.stringMatching(/ line 8 is not base64$/),
      expect.stringMatching(/ has 12 more wrong lines$/),
    ])
  })

  it('is read up to 64 KiB', () => {
    const padded = (sizeBytes: number) => `${base64(one)}\n#`.padEnd(sizeBytes, '.')
    expect(readKeyFile(file('full', padded(65_536))).keys).toHaveLength(1)
    const path = file('over', padded(65_537))
    expect(readKeyFile(path)).toEqual({ keys: [], problems: [`${path} is larger than 65536 bytes`] })
  })

  it('whose folder is none says what the system says', () => {
    const path = join(file('plain', ''), 'keys')
    expect(readKeyFile(path).problems).toEqual([`cannot read ${path} (ENOTDIR)`])
  })
})

describe('the help', () => {
  it('shows no key, not even as a default', () => {
    const flag = { ...encryption['memberlist.encryption-key'], default: [base64(one), base64(two)] }
    const help = helpText({ 'memberlist.encryption-key': flag }, ['lan'], '')
    expect(help).toContain('(default 2 masked)')
    expect(help).not.toContain(base64(one))
  })
})

describe('hearsay run', () => {
  it('takes the same flags', async () => {
    const io = new FakeIo()
    expect(await command(['run', '-memberlist.encryption-key=c2hvcnQ='], io)).toBe(2)
    expect(io.err).toMatch(/^-memberlist\.encryption-key: the key has 5 bytes/)
  })
})
