/** The messages whose encoding and decoding is timed. `go/codec_bench_test.go` has the same ones under the same names. */
import { isDeepStrictEqual } from 'node:util'
import { fromHex, toHex } from '@hearsay/encoding'
import { decodePacket, defaultVersions, type PacketMessage, Part } from '@hearsay/wire'

const name = 'member-27-bytes-long-name-1'
const other = 'member-27-bytes-long-name-2'
const address = Uint8Array.of(10, 0, 0, 1)
const sender = { sourceAddress: address, sourcePort: 7946, sourceNode: other }
const alive = (metaBytes: number): PacketMessage => ({
  type: 'alive',
  incarnation: 217_000_000,
  node: name,
  address,
  port: 7946,
  meta: metaBytes === 0 ? null : new Uint8Array(metaBytes).fill(0x6d),
  versions: { ...defaultVersions, protocolCurrent: 2 },
})

const messages: Readonly<Record<string, PacketMessage>> = {
  ping: { type: 'ping', seqNo: 70_000, node: name, ...sender },
  'indirect-ping': {
    type: 'indirect-ping',
    seqNo: 70_000,
    target: address,
    port: 7946,
    node: name,
    nack: true,
    ...sender,
  },
  ack: { type: 'ack', seqNo: 70_000, payload: null },
  nack: { type: 'nack', seqNo: 70_000 },
  suspect: { type: 'suspect', incarnation: 217_000_000, node: name, from: other },
  dead: { type: 'dead', incarnation: 217_000_000, node: name, from: other },
  'alive-0': alive(0),
  'alive-64': alive(64),
  'alive-512': alive(512),
}

/** Names of the messages. */
export const caseNames = Object.keys(messages)

/** A message as we encode it, in hex. */
export const encodedHex = (name: string): string => toHex(new Part(messages[name]!).bytes)

/** Whether `hex` is read as exactly the message of that name, and nothing of it is refused. */
export function isDecodedFrom(hex: string, name: string): boolean {
  const { messages: read, drops } = decodePacket(fromHex(hex))
  return drops.length === 0 && isDeepStrictEqual(read, [messages[name]])
}

// What the loops make goes here, so that they cannot be optimized away.
let sink = 0

/** Encodes `count` times; nanoseconds for each. */
export function timeEncode(name: string, count: number): number {
  const message = messages[name]!
  const started = process.hrtime.bigint()
  for (let index = 0; index < count; index++) sink += new Part(message).bytes.length
  return Number(process.hrtime.bigint() - started) / count
}

/** Decodes a whole packet `count` times, and reads its texts; nanoseconds for each. */
export function timeDecode(name: string, count: number): number {
  const { bytes } = new Part(messages[name]!)
  const started = process.hrtime.bigint()
  for (let index = 0; index < count; index++) sink += read(decodePacket(bytes).messages[0]!)
  return Number(process.hrtime.bigint() - started) / count
}

// Go's decoded strings are finished, while V8 may put off joining the pieces of a text until somebody looks into it.
function read(message: PacketMessage): number {
  switch (message.type) {
    case 'ping':
    case 'indirect-ping':
      return lastUnit(message.node) + lastUnit(message.sourceNode)
    case 'suspect':
    case 'dead':
      return lastUnit(message.node) + lastUnit(message.from)
    case 'alive':
      return lastUnit(message.node)
    default:
      return 1
  }
}

const lastUnit = (text: string): number => text.charCodeAt(text.length - 1)

/** What the loops made in all: tells that they did something. */
export const made = (): number => sink
