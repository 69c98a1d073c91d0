/** Inputs and damage for the property tests of this package. */
import { decodeText, toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import {
  type Encryption,
  Keyring,
  type LabelMode,
  type NodeState,
  type PacketMessage,
  Part,
  type StreamMessage,
} from '../src/index.ts'
import { uint16, uint32, versions } from './samples.ts'

/** All bytes of some arrays, in one. */
export const join = (...pieces: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(pieces))

/** One way to damage bytes: bits flipped, cut, a stretch repeated, zeros put in, or the tail of others behind the head. */
export type Damage = (bytes: Uint8Array, others: Uint8Array) => Uint8Array
const spot = (bytes: Uint8Array, at: number): number => at % (bytes.length + 1)
export const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }).map(
    (flips): Damage =>
      (bytes) => {
        const damaged = bytes.slice()
        if (damaged.length > 0) for (const [at, mask] of flips) damaged[at % damaged.length]! ^= mask
        return damaged
      },
  ),
  fc.nat().map(
    (at): Damage =>
      (bytes) =>
        bytes.slice(0, spot(bytes, at)),
  ),
  fc.tuple(fc.nat(), fc.nat(20)).map(
    ([from, length]): Damage =>
      (bytes) =>
        join(bytes.subarray(0, spot(bytes, from) + length), bytes.subarray(spot(bytes, from))),
  ),
  fc.tuple(fc.nat(), fc.nat(6)).map(
    ([from, length]): Damage =>
      (bytes) =>
        join(bytes.subarray(0, spot(bytes, from)), new Uint8Array(length), bytes.subarray(spot(bytes, from))),
  ),
  fc.tuple(fc.nat(), fc.nat()).map(
    ([head, tail]): Damage =>
      (bytes, others) =>
        join(bytes.subarray(0, spot(bytes, head)), others.subarray(spot(others, tail))),
  ),
)

/** Keys of every length, the same ones each time. */
export const keys = [16, 24, 32].map((length) => new Uint8Array(length).fill(length))

/** How a cluster surrounds what it sends: labels, modes and encryption in both versions, or none. */
export interface Surroundings {
  readonly label: string
  readonly labelMode: LabelMode
  readonly encryption?: Encryption
}

/** Any of them. */
export const surroundings: fc.Arbitrary<Surroundings> = fc
  .record({
    label: fc.constantFrom('', 'prod', 'é'.repeat(127)),
    ignore: fc.boolean(),
    encryption: fc.option(
      fc.record({
        keyring: fc.shuffledSubarray(keys, { minLength: 1 }).map((some) => new Keyring(some)),
        version: fc.constantFrom(0 as const, 1 as const),
      }),
      { nil: undefined },
    ),
  })
  .map(({ label, ignore, encryption }) => ({
    label,
    labelMode: ignore ? ('ignore' as const) : ('strict' as const),
    ...(encryption ? { encryption } : {}),
  }))

/** Bytes that tell a message from every other, in their shortest form. */
export const canonical = (message: PacketMessage): string => toHex(new Part(message).bytes)

// Short, so that cutting at every offset takes little; the lengths around changes of headers are in other tests.
const bytes = fc.uint8Array({ maxLength: 40 })
const nullable = fc.option(bytes, { nil: null })
const name = fc.oneof(
  fc.string({ maxLength: 12 }),
  bytes.map((value) => decodeText(value)),
)
// An empty source address is left out and comes back as none.
const sourced = {
  sourceAddress: fc.option(fc.uint8Array({ minLength: 1, maxLength: 16 }), { nil: null }),
  sourcePort: uint16,
  sourceNode: name,
}
const claim = { incarnation: uint32, node: name, from: name }
const member = { address: nullable, port: uint16, meta: nullable, incarnation: uint32, versions }

/** Any message of a packet, by type. */
export const leaves = {
  ping: fc.record({ type: fc.constant('ping' as const), seqNo: uint32, node: name, ...sourced }),
  'indirect-ping': fc.record({
    type: fc.constant('indirect-ping' as const),
    seqNo: uint32,
    target: fc.constantFrom(4, 16).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    port: uint16,
    node: name,
    nack: fc.boolean(),
    ...sourced,
  }),
  ack: fc.record({ type: fc.constant('ack' as const), seqNo: uint32, payload: nullable }),
  nack: fc.record({ type: fc.constant('nack' as const), seqNo: uint32 }),
  suspect: fc.record({ type: fc.constant('suspect' as const), ...claim }),
  dead: fc.record({ type: fc.constant('dead' as const), ...claim }),
  alive: fc.record({ type: fc.constant('alive' as const), node: name, ...member }),
  user: fc.record({ type: fc.constant('user' as const), payload: bytes }),
} as const
export const packetMessages: fc.Arbitrary<PacketMessage> = fc.oneof(...Object.values(leaves))

/** One entry of a push/pull. */
export const nodeStates: fc.Arbitrary<NodeState> = fc.record({ name, state: fc.nat(300), ...member })
const pushPulls: fc.Arbitrary<StreamMessage> = fc.record({
  type: fc.constant('push-pull' as const),
  join: fc.boolean(),
  nodes: fc.array(nodeStates, { maxLength: 5 }),
  userState: bytes,
})

/** What an acceptor may read, and what an initiator may. */
export const requests: fc.Arbitrary<StreamMessage> = fc.oneof(leaves.ping, leaves.user, pushPulls)
export const replies: fc.Arbitrary<StreamMessage> = fc.oneof(
  leaves.ack,
  fc.record({ type: fc.constant('error' as const), error: name }),
  pushPulls,
)
