/** Messages with fields by chance: what an honest member could say, and what one that lies could. */
import { decodeText, encodeText } from '@hearsay/encoding'
import { defaultVersions, type NodeState, type PacketMessage, type StreamMessage } from '@hearsay/wire'
import type { Random } from './random.ts'

/** Names that come up again and again, so that claims meet members that exist. */
const names = ['victim', 'peer', ...Array.from({ length: 60 }, (_, index) => `member-${index}`)]

function name(random: Random): string {
  if (!random.oneIn(12)) return random.pick(names)
  if (random.oneIn(8)) return ''
  return decodeText(random.bytes(random.oneIn(10) ? random.below(400) : random.below(40)))
}

function text(random: Random, length: number): string {
  return decodeText(encodeText('x'.repeat(length)).map((byte) => (random.oneIn(4) ? random.u32() & 0xff : byte)))
}

function address(random: Random): Uint8Array | null {
  if (random.oneIn(8)) return random.oneIn(2) ? null : random.bytes(random.below(20))
  // Mostly addresses where somebody listens, so that answers and probes go somewhere.
  if (random.oneIn(10)) return random.bytes(16)
  return Uint8Array.of(10, 0, 0, random.below(7))
}

const port = (random: Random): number => (random.oneIn(8) ? random.edge() & 0xffff : 7946)
const bytes = (random: Random): Uint8Array | null => (random.oneIn(3) ? null : random.bytes(random.below(60)))
const incarnation = (random: Random): number => (random.oneIn(3) ? random.edge() : random.below(1000))
const versions = (random: Random): NodeState['versions'] =>
  random.oneIn(6) ? { ...defaultVersions, protocolMax: random.u32() & 0xff } : defaultVersions

/** Any message of a packet. */
export function packetMessage(random: Random): PacketMessage {
  const source = random.oneIn(2)
    ? { sourceAddress: address(random), sourcePort: port(random), sourceNode: name(random) }
    : { sourceAddress: null, sourcePort: 0, sourceNode: '' }
  const claim = { incarnation: incarnation(random), node: name(random) }
  switch (random.below(9)) {
    case 0:
      return { type: 'ping', seqNo: random.edge(), node: name(random), ...source }
    case 1: {
      const target = random.oneIn(2) ? random.bytes(16) : Uint8Array.of(10, 0, 0, random.below(7))
      const nack = random.oneIn(2)
      return {
        type: 'indirect-ping',
        seqNo: random.edge(),
        target,
        port: port(random),
        node: name(random),
        nack,
        ...source,
      }
    }
    case 2:
      return { type: 'ack', seqNo: random.edge(), payload: bytes(random) }
    case 3:
      return { type: 'nack', seqNo: random.edge() }
    case 4:
      return { type: 'suspect', ...claim, from: name(random) }
    case 5:
      return { type: 'dead', ...claim, from: name(random) }
    case 6:
      return { type: 'user', payload: random.bytes(random.below(random.oneIn(8) ? 900 : 40)) }
    default:
      return {
        type: 'alive',
        ...claim,
        address: address(random),
        port: port(random),
        meta: bytes(random),
        versions: versions(random),
      }
  }
}

function nodeState(random: Random): NodeState {
  return {
    name: name(random),
    address: address(random),
    port: port(random),
    meta: bytes(random),
    incarnation: incarnation(random),
    state: random.oneIn(10) ? random.edge() : random.below(4),
    versions: versions(random),
  }
}

/** Any message of a stream, requests and replies. */
export function streamMessage(random: Random): StreamMessage {
  switch (random.below(6)) {
    case 0:
      return {
        type: 'ping',
        seqNo: random.edge(),
        node: name(random),
        sourceAddress: null,
        sourcePort: 0,
        sourceNode: '',
      }
    case 1:
      return { type: 'ack', seqNo: random.edge(), payload: bytes(random) }
    case 2:
      return { type: 'error', error: text(random, random.below(60)) }
    case 3:
      return { type: 'user', payload: random.bytes(random.below(random.oneIn(8) ? 5000 : 60)) }
    default: {
      const count = random.oneIn(20) ? 200 : random.below(8)
      const nodes = Array.from({ length: count }, () => nodeState(random))
      return { type: 'push-pull', join: random.oneIn(2), nodes, userState: random.bytes(random.below(80)) }
    }
  }
}
