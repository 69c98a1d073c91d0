// Goal: whole packets of the Go library are read, and built again to the same bytes. Method: packets that members of
// five versions handed to their transport, under all combinations of protocol version, label, key, compression and
// recipient (wire spec 8 G); the nonce is taken from the recording.

import { fromHex, toHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import {
  COMPOUND_HEADER_BYTES,
  COMPOUND_PART_BYTES,
  decodePacket,
  ENCRYPTION_OVERHEAD_BYTES,
  encodePacket,
  labelOverheadBytes,
  openPacket,
  type PacketMessage,
  Part,
  sealPacket,
} from '../../src/index.ts'
import { expectSameBytes } from '../same-bytes.ts'
import { messageOf } from './fields.ts'
import { compressionOf, encryptionOf, keysOf } from './setups.ts'
import { type Library, libraries, type Vector, vectorsOf, vectorsOfType } from './vectors.ts'

/** The recipient's record is known where a packet is meant for a member, not just an address (wire spec 2.5). */
const toMembers = new Set([
  'gossip with one broadcast',
  'gossip with many broadcasts',
  'probe of a suspect',
  'user message',
])

const of = (library: Library, type: string) => vectorsOfType(library, 'packets', type)

/** What is in the packets of a scenario. */
function contentOf(library: Library, { in: { scenario }, settings }: Vector): PacketMessage[] {
  const content = of(library, 'content').find(
    (each) => each.in.scenario === scenario && each.settings.recipientProtocolMax === settings.recipientProtocolMax,
  )!
  return content.out.map((fields: { type: PacketMessage['type'] }) => messageOf(fields.type, fields))
}

/** The nonce stands behind label header and version. */
const nonceOf = (packet: Uint8Array, label: string) => {
  const start = labelOverheadBytes(label) + 1
  return packet.slice(start, start + 12)
}

/** A member of the same setup as the recorded one, which reads what that one sends. */
function readingFrom({ settings }: Vector) {
  const encryption = encryptionOf(settings)
  // Who sends in the clear though it has keys is only read by members that do not insist on encryption.
  const verifyIncoming = settings.verifyOutgoing !== false
  const opening = { label: settings.label as string, labelMode: 'strict' as const }
  return encryption ? { ...opening, encryption: { ...encryption, verifyIncoming } } : opening
}

function packetOf(parts: readonly Part[], { settings }: Vector, checksum: boolean, nonce: Uint8Array): Uint8Array {
  const encryption = encryptionOf(settings, [nonce])
  const packet = encodePacket(parts, { compression: compressionOf(settings), checksum })
  return sealPacket(packet, encryption ? { label: settings.label, encryption } : { label: settings.label })
}

// A body that no key opens is told apart from plaintext by its looks: rarely, a nonce looks like plaintext.
const refused = { ok: false, drop: { reason: expect.stringMatching(/^(decrypt-failed|not-encrypted)$/) } }

describe.each(libraries)('$vectors', { timeout: 60_000 }, (library) => {
  const scenarios = [...new Set(of(library, 'packet').map(({ in: { scenario } }) => scenario as string))]

  it('all combinations of settings are recorded for each scenario', () => {
    expect(scenarios).toHaveLength(11)
    for (const scenario of scenarios)
      expect(
        of(library, 'packet').filter(({ in: fields, settings }) => fields.scenario === scenario && !settings.algorithm),
      ).toHaveLength(3 * 2 * 3 * 2 * 2 * 2)
  })

  it.each(scenarios)('%s', (scenario) => {
    for (const line of of(library, 'packet').filter((each) => each.in.scenario === scenario)) {
      const { settings, out } = line
      const packet = fromHex(out)
      const content = contentOf(library, line)
      const where = JSON.stringify(settings)
      const opened = openPacket(packet, readingFrom(line))
      expect(opened, where).toMatchObject({ ok: true })
      if (!opened.ok) continue
      const { messages, drops } = decodePacket(opened.payload)
      expect(drops, where).toEqual([])
      const parts = messages.map((message) => new Part(message))
      expect(
        parts.map(({ bytes }) => toHex(bytes)),
        where,
      ).toEqual(content.map((each) => toHex(new Part(each).bytes)))
      const checksum = settings.recipientProtocolMax >= 5 && toMembers.has(scenario)
      const again = packetOf(parts, line, checksum, nonceOf(packet, settings.label))
      expectSameBytes(again, out, { kind: 'packet', label: settings.label, keys: keysOf(settings) }, where)
    }
  })

  it('encrypted packets are not read under another label or key, and plain ones not where encryption is insisted on', () => {
    const encrypted = of(library, 'packet').filter(({ settings }) => settings.keyBytes > 0 && settings.verifyOutgoing)
    expect(encrypted.length).toBeGreaterThan(0)
    for (const line of encrypted) {
      const ours = readingFrom(line)
      const packet = fromHex(line.out)
      const others = { ...ours, encryption: encryptionOf({ ...line.settings, keyBytes: 24 })! }
      expect(openPacket(packet, others)).toMatchObject(refused)
      const stripped = packet.subarray(labelOverheadBytes(ours.label))
      expect(openPacket(stripped, { ...ours, label: 'other', labelMode: 'stripped-by-proxy' })).toMatchObject(refused)
    }
    for (const line of of(library, 'packet').filter(({ settings }) => settings.verifyOutgoing === false)) {
      const insisting = { ...readingFrom(line), encryption: encryptionOf(line.settings)! }
      expect(openPacket(fromHex(line.out), insisting)).toMatchObject({ ok: false, drop: { reason: 'not-encrypted' } })
    }
  })

  it('40 broadcasts in packets of 1400 bytes: as many bytes as ours with the same parts', () => {
    for (const line of of(library, 'filling')) {
      const { settings, in: fields, out } = line
      const checksum = settings.recipientProtocolMax >= 5
      for (const { parts, sizeBytes } of out.gossip as Packed[])
        expect(
          packetOf(parts.map(userPart), line, checksum, new Uint8Array(12)),
          JSON.stringify(settings),
        ).toHaveLength(sizeBytes)
      const sent = (out.gossip as Packed[]).flatMap(({ parts }) => parts)
      expect(sent.toSorted()).toEqual((fields.sizes as number[]).toSorted())
      const [beside] = out.piggyback as [Packed]
      const parts = [new Part({ type: 'ack', seqNo: 42, payload: null }), ...beside.parts.slice(1).map(userPart)]
      expect(packetOf(parts, line, false, new Uint8Array(12))).toHaveLength(beside.sizeBytes)
    }
  })

  it('40 broadcasts in packets of 1400 bytes: the longest that fit, by our sizes of what surrounds them', () => {
    for (const { settings, in: fields, out } of of(library, 'filling')) {
      const overhead = ENCRYPTION_OVERHEAD_BYTES[settings.protocol === 1 ? 0 : 1]
      const around = COMPOUND_HEADER_BYTES + labelOverheadBytes(settings.label)
      // Gossip makes room for encryption even where it is off (wire spec 6.5).
      const gossip = 1400 - around - (settings.keyBytes ? overhead : 0)
      let left = fields.sizes as number[]
      for (const { parts } of out.gossip as Packed[]) {
        expect(parts, JSON.stringify(settings)).toEqual(longestThatFit(left, gossip))
        left = left.filter((size) => !parts.includes(size))
      }
      const ackBytes = new Part({ type: 'ack', seqNo: 42, payload: null }).sizeBytes
      const piggyback = 1400 - around - ackBytes - (settings.verifyOutgoing ? overhead : 0)
      const [beside] = out.piggyback as [Packed]
      expect(beside.parts).toEqual([ackBytes, ...longestThatFit(fields.sizes, piggyback)])
    }
  })

  it('every kind of line of this file is compared above', () => {
    expect(new Set(vectorsOf(library, 'packets').map(({ in: { type } }) => type))).toEqual(
      new Set(['content', 'packet', 'filling']),
    )
  })
})

interface Packed {
  readonly sizeBytes: number
  readonly parts: readonly number[]
}

/** A user message of so many bytes, the type byte included. */
const userPart = (sizeBytes: number) => new Part({ type: 'user', payload: new Uint8Array(sizeBytes - 1).fill(8) })

/** The rule of wire spec 6.5. All sizes are different, so they say which broadcast it is. */
function longestThatFit(sizes: readonly number[], limitBytes: number): number[] {
  const taken: number[] = []
  let used = 0
  for (const size of sizes.toSorted((a, b) => b - a)) {
    if (size > limitBytes - used - COMPOUND_PART_BYTES) continue
    taken.push(size)
    used += size + COMPOUND_PART_BYTES
  }
  return taken
}
