// Goal: dumps are printed so that a person finds the byte, and a failing test says which field differs. Method: messages of
// the wire spec, printed in full and compared as text.
import { concatBytes, fromHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import { describePacketDifference, dumpPacket, explain, formatDump, formatProblem } from '../src/dump/index.ts'
import { encodeStreamMessage, labelHeader } from '../src/index.ts'
import { ackHex, compound, compressWrapper, lzwLiterals, pushPullHex, suspectHex, utf8 } from './samples.ts'

const user = (payload: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(8), payload])
const printed = (bytes: Uint8Array): string[] => formatDump(dumpPacket(bytes)).split('\n').slice(0, -1)

describe('a printed dump', () => {
  it('has offset, own bytes in rows of eight, and the meaning, indented by depth', () => {
    expect(printed(concatBytes([labelHeader('prod'), fromHex(ackHex)]))).toEqual([
      '0000  f4 04 70 72 6f 64        label "prod"',
      '0006  02 82                    ack',
      '0008  a7 50 61 79 6c 6f 61 64    Payload nil',
      '0010  c0',
      '0011  a5 53 65 71 4e 6f 2a       SeqNo 42',
    ])
  })

  it('leaves out the middle of many bytes, and counts it', () => {
    expect(printed(user(new Uint8Array(32).fill(0x61)))).toHaveLength(1 + 4)
    expect(printed(user(new Uint8Array(33).fill(0x61)))).toEqual([
      '0000  08                       user',
      `0001  61 61 61 61 61 61 61 61    payload 33 bytes |${'a'.repeat(33)}|`,
      '0009  61 61 61 61 61 61 61 61',
      '0011  61 61 61 61 61 61 61 61',
      '      … 9 more',
    ])
  })

  it('says where another layer begins, and where the outer one goes on', () => {
    const packet = compound(compressWrapper(0, lzwLiterals(user(utf8('a')))), user(utf8('b')))
    const text = printed(packet)
    expect(text.filter((line) => line.includes('--'))).toEqual([
      '      -- expanded 2 bytes, 0.40 times the 5 bytes',
      '      -- packet, continued',
    ])
    const last = (packet.length - 1).toString(16)
    expect(text.at(-1)).toBe(`00${last}  62                           payload 1 byte |b|`)
  })

  it('ends with its problems, unless they are wanted apart', () => {
    const dump = dumpPacket(fromHex('0281a55365714e6fff'))
    const text = formatDump(dump)
    expect(text).toBe(
      '0000  02 81                    ack\n' +
        `0002  a5 53 65 71 4e 6f ff       unreadable -1 is outside 0 … 4294967295\n` +
        'offset 8 (0x0008): -1 is outside 0 … 4294967295 (malformed)\n',
    )
    expect(text).toBe(`${formatDump(dump, { problems: false })}${formatProblem(dump.problems[0]!)}\n`)
  })

  it('is coloured if asked, with the same text', () => {
    const dump = dumpPacket(fromHex('0281a55365714e6fff'))
    const coloured = formatDump(dump, { colour: true })
    expect(coloured).toContain('\u001b[31m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of a terminal are what is looked for
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(formatDump(dump))
  })

  it('escapes what drives a terminal, and bytes that are no text', () => {
    const name = Uint8Array.of(0x1b, 0x5b, 0x0a, 0x22, 0x5c, 0xff, 0xc2, 0x9b)
    const packet = concatBytes([fromHex('0381a44e6f6465a8'), name])
    expect(printed(packet)[1]).toBe('0002  a4 4e 6f 64 65 a8 1b 5b    Node "\\u{1b}[\\u{a}\\"\\\\\\xff\\u{9b}"')
    expect(
      explain(concatBytes([labelHeader('\u007f'), fromHex(ackHex)]), { label: 'x', labelMode: 'strict' }),
    ).toContain('with the label "\\u{7f}", but')
  })
})

describe('explained bytes', () => {
  it('are a packet, a request or a reply, whatever reads them', () => {
    expect(explain(fromHex(suspectHex))).toContain('Incarnation 3')
    expect(explain(fromHex(pushPullHex))).toContain('UserStateLen 5')
    const reply = encodeStreamMessage({ type: 'error', error: 'no' }, { compression: 'none' })
    expect(explain(reply)).toContain('Error "no"')
    expect(explain(Uint8Array.of(99))).toContain('do not stand in packets')
  })
})

describe('a difference', () => {
  it('names the byte, the field, and the entries of both around it', () => {
    const other = fromHex(suspectHex.replace('6e03a44e6f6465', '6eccc8a44e6f6465'))
    expect(describePacketDifference(fromHex(suspectHex), other)).toBe(
      [
        'first difference at offset 25 (0x0019), in suspect > Incarnation: cc instead of 03; 38 bytes instead of 37',
        '  0000  03 83                    suspect',
        '  0002  a4 46 72 6f 6d a5 6e 6f    From "node1"',
        '  000a  64 65 31',
        '- 000d  ab 49 6e 63 61 72 6e 61    Incarnation 3',
        '- 0015  74 69 6f 6e 03',
        '+ 000d  ab 49 6e 63 61 72 6e 61    Incarnation 200',
        '+ 0015  74 69 6f 6e cc c8',
        '  001a  a4 4e 6f 64 65 a5 6e 6f    Node "node2"',
        '  0022  64 65 32',
        '',
      ].join('\n'),
    )
  })

  it('is found inside layers, and tells what the actual bytes do wrong', () => {
    const wrapped = (hex: string) => compressWrapper(0, lzwLiterals(fromHex(hex)))
    const text = describePacketDifference(wrapped(ackHex), wrapped(ackHex.replace(/2a$/, 'ff')))
    expect(text).toContain('in compress > Buf')
    expect(text).toMatch(/^- 000b .* SeqNo 42$/m)
    expect(text).toMatch(/^! offset 17 \(0x0011\) of what is expanded: .* \(malformed\)$/m)
  })

  it('may be that one ends early, or that there is none', () => {
    expect(describePacketDifference(fromHex(ackHex), fromHex(ackHex.slice(0, -2)))).toContain(
      'the end instead of 2a; 17 bytes instead of 18',
    )
    // Behind everything: in no field.
    expect(describePacketDifference(fromHex(ackHex), fromHex(`${ackHex}ff`))).toMatch(
      /^first difference at offset 18 \(0x0012\): ff instead of the end; 19 bytes instead of 18$/m,
    )
    expect(describePacketDifference(fromHex(ackHex), fromHex(ackHex))).toBe('')
  })
})
