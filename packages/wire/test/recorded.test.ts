// Goal: bytes equal to those of the Go library, for every kind of message. Method: what two of its versions recorded
// (each line: what went in, what came out), built again from what went in.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ByteReader, ByteWriter, compressLzw, decodeText, fromHex, toHex, uncompressLzw } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import { compressMessage } from '../src/compression.ts'
import { type PacketMessage, Part } from '../src/index.ts'
import { labelHeader } from '../src/label.ts'
import { pushPullHeader, userHeader } from '../src/messages/stream-bodies.ts'
import { encodeStreamMessage } from '../src/stream-message.ts'
import { StreamReader } from '../src/stream-reader.ts'
import { decodeVersions } from '../src/versions.ts'

/** Bytes in a recorded line: hex, a fill, or nothing. */
type Bytes = null | string | { readonly count: number; readonly fill: string } | { readonly hex: string }
// biome-ignore lint/suspicious/noExplicitAny: each kind of line has its own fields, and a wrong one fails the comparison
type Fields = Record<string, any>
interface Recorded {
  readonly id: string
  readonly lib: string
  readonly settings: { readonly compression?: boolean; readonly label?: string; readonly refused?: boolean }
  readonly in: Fields & { readonly type: string }
  readonly out: string
}

const versions = ['v0.5.0', 'v0.7.0'] as const
const recordedBy = (version: string): Recorded[] =>
  readFileSync(join(import.meta.dirname, `../../../interop/vectors/memberlist-${version}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
const all = versions.flatMap(recordedBy)
const of = (type: string): Recorded[] => all.filter((line) => line.in.type === type && typeof line.out === 'string')

const bytes = (value: Bytes): Uint8Array | null => {
  if (value === null) return null
  if (typeof value === 'string') return fromHex(value)
  if ('hex' in value) return fromHex(value.hex)
  return new Uint8Array(value.count).fill(Number.parseInt(value.fill, 16))
}
const text = (value: Exclude<Bytes, null>): string => {
  if (typeof value === 'string') return value
  return decodeText(bytes(value)!)
}
const node = (fields: Fields) => ({
  name: text(fields.name),
  address: bytes(fields.address),
  port: fields.port as number,
  meta: bytes(fields.meta),
  incarnation: fields.incarnation as number,
  state: fields.state as number,
  versions: decodeVersions(bytes(fields.versions)),
})

/** What a recorded input is as one of our messages. */
const messages: Record<string, (fields: Fields) => object> = {
  ping: (f) => ({ seqNo: f.seqNo, node: text(f.node), ...source(f) }),
  'indirect-ping': (f) => ({
    seqNo: f.seqNo,
    target: bytes(f.target),
    port: f.port,
    node: text(f.node),
    nack: f.nack,
    ...source(f),
  }),
  ack: (f) => ({ seqNo: f.seqNo, payload: bytes(f.payload) }),
  nack: (f) => ({ seqNo: f.seqNo }),
  suspect: (f) => ({ incarnation: f.incarnation, node: text(f.node), from: text(f.from) }),
  dead: (f) => ({ incarnation: f.incarnation, node: text(f.node), from: text(f.from) }),
  alive: (f) => ({
    incarnation: f.incarnation,
    node: text(f.node),
    address: bytes(f.address),
    port: f.port,
    meta: bytes(f.meta),
    versions: decodeVersions(bytes(f.versions)),
  }),
}
const userHeaderOf = (f: Fields) => ({ payloadBytes: f.userMessageLength })
const pushPullHeaderOf = (f: Fields) => ({ join: f.join, nodeCount: f.nodes, userStateBytes: f.userStateLength })
const source = (f: Fields) => ({
  sourceAddress: bytes(f.sourceAddress ?? null),
  sourcePort: f.sourcePort ?? 0,
  sourceNode: text(f.sourceNode ?? ''),
})

describe.each(versions)('the vectors of %s', (version) => {
  it('name their library in each line', () => {
    expect(new Set(recordedBy(version).map(({ lib }) => lib))).toEqual(
      new Set([`github.com/hashicorp/memberlist@${version}`]),
    )
  })
})

describe('made from what went in, what came out is the same', () => {
  it.each(Object.keys(messages))('%s', (type) => {
    const lines = of(type)
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) {
      const message = { type, ...messages[type]!(line.in) } as PacketMessage
      // Go peers may have sent fewer than six version bytes; we never do (wire spec 4.3).
      if (message.type === 'alive' && message.versions === null) continue
      expect(toHex(new Part(message).bytes), JSON.stringify(line.in)).toBe(line.out)
    }
  })

  it('error', () => {
    const lines = of('error')
    expect(lines.length).toBeGreaterThan(0)
    for (const { in: fields, out } of lines)
      expect(toHex(encodeStreamMessage({ type: 'error', error: text(fields.error) }, { compression: 'none' }))).toBe(
        out,
      )
  })

  it('headers of streams', () => {
    const lines = recordedBy('v0.7.0').filter(({ in: { type } }) => type.endsWith('-header'))
    expect(lines.length).toBe(38)
    for (const { in: fields, out } of lines) {
      const writer = new ByteWriter(64)
      writer.u8(out.startsWith('08') ? 8 : 6)
      if (fields.type === 'user-header') userHeader.write(writer, userHeaderOf(fields))
      else pushPullHeader.write(writer, pushPullHeaderOf(fields))
      expect(toHex(writer.finish()), JSON.stringify(fields)).toBe(out)
    }
  })

  it('node states and push/pulls, plain and compressed', () => {
    const lines = of('push-pull')
    expect(lines.length).toBeGreaterThan(0)
    for (const { in: fields, out, settings } of lines) {
      const message = {
        type: 'push-pull' as const,
        join: fields.join as boolean,
        nodes: fields.nodes.map((each: Fields) => ({ type: 'node-state', ...node(each) })),
        userState: bytes(fields.userState) ?? new Uint8Array(0),
      }
      const compression = settings.compression ? ('lzw' as const) : ('none' as const)
      expect(toHex(encodeStreamMessage(message, { compression, when: 'always' }))).toBe(out)
    }
  })

  it('user messages on streams, labelled or not', () => {
    const lines = of('user-stream')
    expect(lines.length).toBeGreaterThan(0)
    for (const { in: fields, out, settings } of lines) {
      const compression = settings.compression ? ('lzw' as const) : ('none' as const)
      const message = { type: 'user' as const, payload: bytes(fields.payload)! }
      const stream = encodeStreamMessage(message, { compression, when: 'always' })
      expect(toHex(labelHeader(settings.label ?? '')) + toHex(stream)).toBe(out)
    }
  })

  it('compressed messages', () => {
    const lines = of('compress')
    expect(lines.length).toBeGreaterThan(0)
    for (const { in: fields, out } of lines) expect(toHex(compressMessage(bytes(fields.message)!, 'lzw'))).toBe(out)
  })

  it('LZW of plain bytes, which also expands to what went in', () => {
    const lines = of('lzw').filter(({ in: { input } }) => typeof input === 'string')
    expect(lines.length).toBeGreaterThan(0)
    for (const { in: fields, out } of lines) {
      expect(toHex(compressLzw(fromHex(fields.input)))).toBe(out)
      expect(toHex(uncompressLzw(fromHex(out), 1 << 20))).toBe(fields.input)
    }
  })

  it('label headers', () => {
    const lines = of('label').filter(({ settings }) => !settings.refused)
    expect(lines.length).toBeGreaterThan(0)
    for (const { in: fields, out } of lines)
      expect(toHex(labelHeader(text(fields.label))) + toHex(bytes(fields.message)!)).toBe(out)
  })
})

describe('what came out is read', () => {
  // The older codec of v0.5.0 writes small positive numbers as unsigned, the newer one as signed.
  it.each(versions)('headers as what went in (%s)', (version) => {
    for (const { in: fields, out } of recordedBy(version).filter(({ in: { type } }) => type.endsWith('-header'))) {
      const reader = new ByteReader(fromHex(out).subarray(1))
      if (fields.type === 'user-header') expect(userHeader.read(reader)).toEqual(userHeaderOf(fields))
      else expect(pushPullHeader.read(reader)).toEqual(pushPullHeaderOf(fields))
    }
  })

  it('push/pulls as what went in', () => {
    for (const { in: fields, out } of of('push-pull')) {
      const reader = new StreamReader({ role: 'acceptor', label: '', labelMode: 'strict' })
      reader.push(fromHex(out))
      const result = reader.next()
      expect(result).toMatchObject({ kind: 'message', message: { type: 'push-pull', join: fields.join } })
      if (result.kind === 'message' && result.message.type === 'push-pull')
        expect(result.message.nodes.map(({ name }) => name)).toEqual(
          fields.nodes.map((each: Fields) => text(each.name)),
        )
    }
  })
})
