// Goal: `hearsay decode` takes bytes in every form people have them in, explains them, and says with its status whether a
// member would take them. Method: vectors of the wire spec; every output compared as text.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_INPUT_BYTES } from '../src/command/decode-input.ts'
import { command } from '../src/command/program.ts'
import { FakeIo } from './fake-io.ts'

// Wire spec 2.3, 2.4, Appendix B and C.
const labelledAck = 'f40470726f640282a75061796c6f6164c0a55365714e6f2a'
const sealedAck =
  'f40470726f6401a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc46a5af2b24ca4194403ebef05910b412a'
const sealedPing =
  'f40470726f640a0000006001a0a1a2a3a4a5a6a7a8a9aaabaa039cf511ed56afe417d16574b7e30522a04c22294452da577314da26e9fd0c90a34530a5b983180dbd878ac0bf6c75d23b282c022bc582f744edafb50a76093c2eb9eb3546a8f3f3a3fd4898ef18cff7c133'
const sealedReply =
  '0a0000002f01a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc43f9023833ad556df479c60b420cc9716'
const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex').toString('base64')
const otherKey = Buffer.alloc(32, 7).toString('base64')

const dumpOfLabelledAck = `0000  f4 04 70 72 6f 64        label "prod"
0006  02 82                    ack
0008  a7 50 61 79 6c 6f 61 64    Payload nil
0010  c0
0011  a5 53 65 71 4e 6f 2a       SeqNo 42
`

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hearsay-decode-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

async function decode(argv: string[], stdin = '') {
  const io = new FakeIo(stdin)
  const status = await command(['decode', ...argv], io)
  return { status, out: io.out, err: io.err }
}

describe('bytes', () => {
  const explained = { status: 0, out: dumpOfLabelledAck, err: '' }

  it.each([
    ['plain', labelledAck],
    ['in capitals', labelledAck.toUpperCase()],
    ['spaced', labelledAck.replace(/../g, '$& ')],
    ['with colons', labelledAck.replace(/..(?=.)/g, '$&:')],
    ['as numbers', labelledAck.replace(/../g, '0x$&, ')],
    ['on lines', `${labelledAck.replace(/.{16}/g, '$&\r\n')}\n`],
  ])('are hex, %s', async (_, hex) => {
    expect(await decode([hex])).toEqual(explained)
    expect(await decode([], hex)).toEqual(explained)
    expect(await decode(['-'], hex)).toEqual(explained)
    expect(await decode(['--file', file('hex', hex)])).toEqual(explained)
  })

  it('are several arguments', async () => {
    expect(await decode(labelledAck.match(/../g)!)).toEqual(explained)
  })

  it('are raw in a file, and stay so on demand', async () => {
    expect(await decode(['--file', file('raw', Buffer.from(labelledAck, 'hex'))])).toEqual(explained)
    // The bytes of "02" are no packet: 0x30 is no type.
    expect(await decode(['--raw', '--file', file('text', '02')])).toMatchObject({ status: 1 })
    expect((await decode(['--raw'], '02')).err).toContain('type 48')
  })

  it('may be none', async () => {
    expect(await decode([], '')).toEqual({
      status: 1,
      out: '',
      err: 'hearsay: offset 0 (0x0000): an empty datagram (empty)\n',
    })
  })
})

describe('garbage', () => {
  it('is explained up to the fault, with offset and reason on stderr', async () => {
    expect(await decode(['0281a55365714e6fff'])).toEqual({
      status: 1,
      out:
        '0000  02 81                    ack\n' +
        '0002  a5 53 65 71 4e 6f ff       unreadable -1 is outside 0 … 4294967295\n',
      err: 'hearsay: offset 8 (0x0008): -1 is outside 0 … 4294967295 (malformed)\n',
    })
  })
})

describe('what is encrypted', () => {
  it('looks so without a key, and is opened with one of several', async () => {
    expect(await decode([sealedAck])).toMatchObject({ status: 1, err: expect.stringContaining('looks encrypted') })
    expect(await decode(['--key', otherKey, sealedAck])).toMatchObject({
      status: 1,
      err: expect.stringContaining('no installed key opens it'),
    })
    const opened = await decode(['--key', otherKey, '--key', key, sealedAck])
    expect(opened).toMatchObject({ status: 0, err: '' })
    expect(opened.out).toContain('18 bytes by key 2 of 2')
    expect(opened.out).toContain('SeqNo 42')
  })

  it('is opened with keys of a file, whose comments are none', async () => {
    const keyFile = file('keys', `# old\n${otherKey}\n\n  ${key}\n`)
    expect(await decode(['--key-file', keyFile, sealedAck])).toMatchObject({ status: 0 })
  })

  it('stands on streams in both directions', async () => {
    const request = await decode(['--stream', '--key', key, sealedPing])
    expect(request).toMatchObject({ status: 0, err: '' })
    expect(request.out).toContain('Node "node2"')
    const reply = ['--reply', '--key', key, sealedReply]
    expect(await decode(reply)).toMatchObject({ status: 1, out: expect.stringContaining('no label') })
    expect(await decode(['--label', 'prod', ...reply])).toMatchObject({
      status: 0,
      out: expect.stringContaining('SeqNo 42'),
    })
  })

  it('never shows a key', async () => {
    const { out, err } = await decode(['--key', key, '--json', sealedAck])
    expect(out + err).not.toContain(key)
  })
})

it('a label that is not the one expected is a problem, and what follows is shown', async () => {
  expect(await decode(['--label', 'test', labelledAck])).toEqual({
    status: 1,
    out: dumpOfLabelledAck,
    err: 'hearsay: offset 0 (0x0000): it came with the label "prod", but with the label "test" is wanted (label-mismatch)\n',
  })
  expect(await decode(['--label', 'prod', labelledAck])).toMatchObject({ status: 0 })
})

it("dskit's framing says itself what it is around", async () => {
  const { createHash } = await import('node:crypto')
  const md5 = createHash('md5').update(Buffer.from(labelledAck, 'hex')).digest('hex')
  const packet = `010d${Buffer.from('10.0.0.1:7946').toString('hex')}${labelledAck}${md5}`
  const framed = await decode(['--framing', 'dskit', packet])
  expect(framed).toMatchObject({ status: 0, err: '' })
  expect(framed.out).toContain(`from "10.0.0.1:7946"`)
  expect(framed.out).toContain(`MD5 ${md5}, correct`)
  expect(await decode(['--framing', 'dskit', '--key', key, `02${sealedPing}`])).toMatchObject({ status: 0 })
  expect(await decode(['--framing', 'dskit', labelledAck])).toMatchObject({ status: 1 })
})

describe('--json', () => {
  it('is one object with entries and problems', async () => {
    const { status, out } = await decode(['--json', '0cada372540868656c6c6f'])
    expect(status).toBe(1)
    expect(out.split('\n')).toHaveLength(2)
    expect(JSON.parse(out)).toEqual({
      kind: 'packet',
      sizeBytes: 11,
      entries: [
        {
          offset: 0,
          sizeBytes: 5,
          depth: 0,
          name: 'checksum',
          value: 'ada37254, computed ada37255',
          hex: '0cada37254',
        },
        { offset: 5, sizeBytes: 6, depth: 0, name: 'user', value: '', hex: '08' },
        { offset: 6, sizeBytes: 5, depth: 1, name: 'payload', value: '5 bytes |hello|', hex: '68656c6c6f' },
      ],
      omittedEntries: 0,
      problems: [{ reason: 'checksum-mismatch', offset: 0, detail: 'the checksum does not match' }],
      omittedProblems: 0,
    })
  })

  it('leaves out most of very many bytes, and counts them', async () => {
    const { out } = await decode(['--json', `08${'00'.repeat(5000)}`])
    const { hex, hiddenBytes, sizeBytes } = JSON.parse(out).entries[1]
    expect(hex.length / 2 + hiddenBytes).toBe(5000)
    expect(hiddenBytes).toBeGreaterThan(0)
    expect(sizeBytes).toBe(5000)
  })
})

describe('wrong arguments', () => {
  it('are told all at once, before anything is decoded', async () => {
    const keyFile = file('bad-keys', 'AAAA\n')
    const argv = ['--packet', '--stream', '--framing', 'grpc', '--key', 'secret!', '--key-file', keyFile, '0x5z']
    expect(await decode(argv)).toEqual({
      status: 2,
      out: '',
      err: [
        'hearsay: --packet: contradicts --stream and --reply',
        'hearsay: --framing: must be dskit',
        'hearsay: --key: the key is not base64',
        `hearsay: --key-file: ${keyFile} line 1 has 3 bytes, not 16, 24 or 32`,
        'hearsay: the hex is no hex at line 1, column 4: "z"',
        '',
      ].join('\n'),
    })
  })

  it.each([
    [['--file', '/nowhere/at/all'], '--file: /nowhere/at/all cannot be read (ENOENT)'],
    [['--file', '/nowhere/at/all', '02'], '--file: there are bytes on the command line too'],
    [['--key-file', '/nowhere/at/all', '02'], '--key-file: there is no file /nowhere/at/all'],
    [['--raw', '02'], '--raw: bytes on the command line are hex'],
    [['-', '02'], '-: stands for all bytes, and there are others'],
    [['028'], 'the hex has 3 hex digits, an odd number'],
    [['--label', 'ä'.repeat(128), '02'], '--label: has more than 255 bytes'],
    [['--key', key, '--key', key.slice(0, -1), '02'], '--key: key 2 of 2 is not base64'],
    [['--unknown'], "unknown option '--unknown'"],
  ])('%j', async (argv, expected) => {
    const { status, out, err } = await decode(argv)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(`hearsay: ${expected}`)
  })

  it('of standard input name the place', async () => {
    expect(await decode([], '02 82\nzz')).toEqual({
      status: 2,
      out: '',
      err: 'hearsay: standard input is no hex at line 2, column 1: "z"\n',
    })
  })

  it('may be a file that is too large, or never ends', async () => {
    const large = file('large', '')
    truncateSync(large, MAX_INPUT_BYTES + 1)
    for (const path of [large, '/dev/zero'])
      expect(await decode(['--file', path])).toEqual({
        status: 2,
        out: '',
        err: `hearsay: --file: ${path} has more than ${MAX_INPUT_BYTES} bytes\n`,
      })
  })
})
