// Goal: a dump and the decoders never disagree: what one shows is what the others deliver, and each finds fault where the
// others do. Method: packets and streams of our encoder, and mutated ones, inside every combination of wrappers.
import { concatBytes, encodeText, toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withChecksum } from '../src/checksum.ts'
import { compressMessage } from '../src/compression.ts'
import {
  type Dump,
  type DumpEntry,
  dumpPacket,
  dumpStream,
  formatDump,
  type StreamDumpOptions,
} from '../src/dump/index.ts'
import {
  type Drop,
  decodePacket,
  encodePacket,
  encodeStreamMessage,
  Keyring,
  labelHeader,
  type OpenOptions,
  openPacket,
  type PacketMessage,
  Part,
  type StreamMessage,
  StreamReader,
  sealPacket,
} from '../src/index.ts'
import { packetMessages, requests } from './samples.ts'

const numRuns = 200
const keys = [new Uint8Array(16).fill(1), new Uint8Array(32).fill(2)]
const nonce = () => new Uint8Array(12).fill(3)

const settings = fc.record({
  label: fc.constantFrom('', 'prod'),
  labelMode: fc.constantFrom('strict' as const, 'ignore' as const, 'stripped-by-proxy' as const),
  senderKey: fc.constantFrom(undefined, ...keys, new Uint8Array(24).fill(9)),
  keys: fc.constantFrom([], keys),
  version: fc.constantFrom(0 as const, 1 as const),
  verifyIncoming: fc.boolean(),
})
type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never
const packing = fc.record({ compression: fc.constantFrom('none', 'lzw', 'snappy'), checksum: fc.boolean() })
// Long fields cost time here and find nothing that short ones do not.
const parts = fc.array(
  packetMessages.filter((message) => new Part(message).sizeBytes < 1500),
  { minLength: 1, maxLength: 4 },
)

/** Damage of a few kinds, most often small. */
const mutations = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at: fc.nat(300), byte: fc.nat(255) }),
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(300), byte: fc.constantFrom(1, 2, 0x10, 0x80) }),
    fc.record({ kind: fc.constant('insert' as const), at: fc.nat(300), byte: fc.nat(255) }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(300), byte: fc.constant(0) }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat(300), byte: fc.constant(0) }),
  ),
  { maxLength: 3 },
)
type Mutations = typeof mutations extends fc.Arbitrary<infer Value> ? Value : never

function mutated(bytes: Uint8Array, list: Mutations): Uint8Array {
  let result = [...bytes]
  for (const { kind, at: anywhere, byte } of list) {
    const at = anywhere % Math.max(1, result.length)
    if (kind === 'set') result[at] = byte
    else if (kind === 'flip') result[at] = (result[at] ?? 0) ^ byte
    else if (kind === 'insert') result.splice(at, 0, byte)
    else if (kind === 'remove') result.splice(at, 1)
    else result = result.slice(0, at)
  }
  return Uint8Array.from(result)
}

const opening = ({ label, labelMode, keys: ring, verifyIncoming }: Settings): OpenOptions => ({
  label,
  labelMode,
  encryption: { keyring: new Keyring(ring), verifyIncoming },
})
const sealing = ({ senderKey, version }: Settings) =>
  senderKey ? { encryption: { keyring: new Keyring([senderKey]), version, nonce } } : {}

/** What drives a terminal, or cannot be seen. */
const harmful = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u

/** What a member makes of a datagram. */
function received(
  datagram: Uint8Array,
  given: Settings,
): { messages: readonly PacketMessage[]; drops: readonly Drop[] } {
  const opened = openPacket(datagram, opening(given))
  return opened.ok ? decodePacket(opened.payload) : { messages: [], drops: [opened.drop] }
}

const outerReasons = new Set([
  'empty',
  'label-malformed',
  'label-mismatch',
  'encrypted',
  'not-encrypted',
  'decrypt-failed',
])

function comparePackets(datagram: Uint8Array, given: Settings): void {
  const { messages, drops } = received(datagram, given)
  const dump = dumpPacket(datagram, given)
  covers(dump, datagram)
  expect(formatDump(dump).replaceAll('\n', '')).not.toMatch(harmful)
  expect(dump.problems.length > 0, describeBoth(dump, drops)).toBe(drops.length > 0)
  const [first] = drops
  const opened = openPacket(datagram, opening(given))
  if (!opened.ok) {
    expect(dump.problems[0]).toMatchObject({ reason: first!.reason, offset: first!.offset })
    return
  }
  // A checksum that does not match ends the decoder, not the dump.
  const comparable = first?.reason === 'checksum-mismatch' ? dump.problems.slice(0, 1) : dump.problems
  expect(
    comparable.map(({ reason }) => reason),
    describeBoth(dump, drops),
  ).toEqual(drops.map(({ reason }) => reason))
  // Offsets are the decoder's, as far as no layer lies between.
  const payloadAt = isDecrypted(dump) ? 0 : datagram.length - opened.payload.length
  for (const [index, { offset, layer }] of comparable.entries())
    if (layer === undefined || layer === 'decrypted') expect(offset).toBe(drops[index]!.offset + payloadAt)
  if (first?.reason !== 'checksum-mismatch') showsInOrder(dump, messages)
}

const isDecrypted = ({ entries }: Dump): boolean => entries.some(({ layer }) => layer === 'decrypted')

const describeBoth = (dump: Dump, drops: readonly Drop[]): string => `${formatDump(dump)}\n${JSON.stringify(drops)}`

/** Each byte of each layer is shown once, in order. */
function covers(dump: Dump, outer: Uint8Array): void {
  const ends = new Map<string | undefined, number>([[undefined, 0]])
  const sizes = new Map<string | undefined, number>([[undefined, outer.length]])
  for (const { layer, name, offset, bytes, sizeBytes } of dump.entries) {
    if (layer === name && bytes === undefined) {
      sizes.set(layer, sizeBytes)
      ends.set(layer, 0)
      continue
    }
    if (bytes === undefined) continue
    expect(offset, `${layer} ${name}`).toBe(ends.get(layer))
    if (layer === undefined) expect(toHex(bytes)).toBe(toHex(outer.subarray(offset, offset + bytes.length)))
    ends.set(layer, offset + bytes.length)
  }
  expect(ends).toEqual(sizes)
}

/** Names of messages in a dump, by type. */
const titles: Readonly<Record<PacketMessage['type'], string>> = {
  ping: 'ping',
  'indirect-ping': 'indirect ping',
  ack: 'ack',
  nack: 'nack',
  suspect: 'suspect',
  dead: 'dead',
  alive: 'alive',
  user: 'user',
}

/** What a dump shows below each title, the last of several values of one field. */
function shownMessages({ entries }: Dump): { readonly title: string; readonly fields: Map<string, DumpEntry> }[] {
  const shown: { title: string; fields: Map<string, DumpEntry> }[] = []
  for (const entry of entries) {
    if (Object.values(titles).includes(entry.name) && entry.name !== entry.layer)
      shown.push({ title: entry.name, fields: new Map() })
    else shown.at(-1)?.fields.set(entry.name, entry)
  }
  return shown
}

/** All messages are shown with their values, in the order in which they are delivered; others may stand between them. */
function showsInOrder(dump: Dump, messages: readonly PacketMessage[]): number {
  const shown = shownMessages(dump)
  let next = 0
  for (const message of messages) {
    while (next < shown.length && !shows(shown[next]!, message)) next++
    expect(next, `${JSON.stringify(message)}\n${formatDump(dump)}`).toBeLessThan(shown.length)
    next++
  }
  return shown.length
}

const fieldNames: Readonly<Record<string, string>> = {
  seqNo: 'SeqNo',
  node: 'Node',
  from: 'From',
  incarnation: 'Incarnation',
  sourceAddress: 'SourceAddr',
  sourcePort: 'SourcePort',
  sourceNode: 'SourceNode',
  target: 'Target',
  port: 'Port',
  nack: 'Nack',
  address: 'Addr',
  meta: 'Meta',
  versions: 'Vsn',
}

function shows({ title, fields }: ReturnType<typeof shownMessages>[number], message: PacketMessage): boolean {
  if (title !== titles[message.type]) return false
  if (message.type === 'user') {
    const payload = fields.get('payload')
    return toHex(message.payload) === toHex(payload?.bytes ?? new Uint8Array(0))
  }
  return Object.entries(message).every(([property, value]) => {
    if (property === 'type') return true
    const entry = fields.get(property === 'payload' ? 'Payload' : fieldNames[property]!)
    return entry ? isShown(value, entry) : isZero(value)
  })
}

const isZero = (value: unknown): boolean => value === null || value === 0 || value === '' || value === false

function isShown(value: unknown, { value: text, bytes }: DumpEntry): boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return text.split(' ')[0] === String(value)
  if (value === null) return text === 'nil' || /too short/.test(text)
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const wanted = typeof value === 'string' ? encodeText(value) : value
    if (text === 'nil') return wanted.length === 0 && typeof value === 'string'
    // Bytes as an array of numbers are no part of what is shown.
    return toHex(bytes!).endsWith(toHex(wanted)) || (bytes!.length > wanted.length && text !== '')
  }
  const [min, max, speaks] = Object.values(value as Record<string, number>)
  return text.startsWith(`protocol ${min}–${max}, speaks ${speaks};`)
}

describe('a dump of a packet and its decoder agree', { timeout: 60_000 }, () => {
  it('on packets of our encoder', () => {
    fc.assert(
      fc.property(parts, packing, settings, (messages, options, given) => {
        const payload = encodePacket(
          messages.map((message) => new Part(message)),
          options as { compression: 'none'; checksum: boolean },
        )
        comparePackets(sealPacket(payload, { label: given.label, ...sealing(given) }), given)
        const plain = dumpPacket(payload)
        expect(plain.problems).toEqual([])
        expect(showsInOrder(plain, messages)).toBe(messages.length)
      }),
      { numRuns },
    )
  })

  it('on mutated plaintext, in every wrapper', () => {
    const wrappers = fc.array(fc.constantFrom('lzw' as const, 'snappy' as const, 'compound' as const), {
      maxLength: 10,
    })
    fc.assert(
      fc.property(parts, packing, mutations, wrappers, settings, (messages, options, list, around, given) => {
        const compression = options.compression as 'none'
        let payload = mutated(
          encodePacket(
            messages.map((message) => new Part(message)),
            { compression, checksum: false },
          ),
          list,
        )
        for (const wrapper of around) payload = wrapped(payload, wrapper)
        if (options.checksum) payload = withChecksum(payload)
        comparePackets(sealPacket(payload, { label: given.label, ...sealing(given) }), given)
      }),
      { numRuns },
    )
  })

  it('on mutated datagrams', () => {
    fc.assert(
      fc.property(parts, packing, mutations, settings, (messages, options, list, given) => {
        const payload = encodePacket(
          messages.map((message) => new Part(message)),
          options as { compression: 'none'; checksum: boolean },
        )
        const datagram = sealPacket(payload, { label: given.label, ...sealing(given) })
        comparePackets(mutated(datagram, list), given)
      }),
      { numRuns },
    )
  })

  it('on any bytes', () => {
    const bytes = fc
      .tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 244), fc.uint8Array({ maxLength: 80 }))
      .map(([type, rest]) => concatBytes([Uint8Array.of(type), rest]))
    fc.assert(
      fc.property(bytes, settings, (datagram, given) => comparePackets(datagram, given)),
      { numRuns },
    )
  })
})

function wrapped(message: Uint8Array, wrapper: 'lzw' | 'snappy' | 'compound'): Uint8Array {
  if (wrapper !== 'compound') return compressMessage(message, wrapper)
  // As long as a part can be.
  const part = message.subarray(0, 65_535)
  return concatBytes([Uint8Array.of(7, 1, part.length >>> 8, part.length & 0xff), part])
}

describe('a dump of a stream and its reader agree', { timeout: 60_000 }, () => {
  const replies: fc.Arbitrary<StreamMessage> = fc.oneof(
    fc.record({ type: fc.constant('error' as const), error: fc.string() }),
    fc.record({ type: fc.constant('ack' as const), seqNo: fc.nat(), payload: fc.constant(null) }),
    requests,
  )
  const roles = fc.constantFrom('acceptor' as const, 'initiator' as const)
  const compressions = fc.constantFrom('none' as const, 'lzw' as const, 'snappy' as const)

  function compareStreams(bytes: Uint8Array, role: 'acceptor' | 'initiator', given: Settings): void {
    const reader = new StreamReader({ role, ...opening(given) })
    reader.push(bytes)
    reader.end()
    const result = reader.next()
    const options: StreamDumpOptions = { ...given, role }
    const dump = dumpStream(bytes, options)
    covers(dump, bytes)
    const [first] = dump.problems
    if (result.kind !== 'failed') {
      expect(dump.problems, formatDump(dump)).toEqual([])
      return
    }
    expect(first?.reason, describeBoth(dump, [result.drop])).toBe(result.drop.reason)
    // Where nothing was unwrapped, and no end was waited for.
    if (outerReasons.has(result.drop.reason)) expect(first?.offset).toBe(result.drop.offset)
  }

  const streams = fc.tuple(roles, fc.oneof(requests, replies), compressions, settings)

  it('on streams of our encoder', () => {
    fc.assert(
      fc.property(streams, ([role, message, compression, given]) => {
        const { label } = given
        const body = encodeStreamMessage(message, { compression, when: 'always', label, ...sealing(given) })
        compareStreams(role === 'acceptor' ? concatBytes([labelHeader(label), body]) : body, role, given)
      }),
      { numRuns },
    )
  })

  it('on mutated ones', () => {
    fc.assert(
      fc.property(streams, mutations, ([role, message, compression, given], list) => {
        const { label } = given
        const body = encodeStreamMessage(message, { compression, when: 'always', label, ...sealing(given) })
        const stream = role === 'acceptor' ? concatBytes([labelHeader(label), body]) : body
        compareStreams(mutated(stream, list), role, given)
      }),
      { numRuns },
    )
  })

  it('on compressed ones of mutated messages', () => {
    fc.assert(
      fc.property(streams, mutations, ([role, message, , given], list) => {
        const plain = encodeStreamMessage(message, { compression: 'none' })
        compareStreams(compressMessage(mutated(plain, list), 'lzw'), role, { ...given, label: '' })
      }),
      { numRuns },
    )
  })
})
