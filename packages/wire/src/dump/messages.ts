/** The messages of packets and streams by number, with their codecs. */
import { MessageType } from '../message.ts'
import { alive, dead, suspect } from '../messages/claim.ts'
import { ack, indirectPing, nack, ping } from '../messages/ping.ts'
import { errorReply } from '../messages/stream-bodies.ts'
import type { BodyCodec } from '../schema.ts'

/** A message that is one map and nothing else. */
export interface PlainMessage {
  readonly name: string
  readonly codec: BodyCodec<object>
}

const plain = <Body extends object>(name: string, codec: BodyCodec<Body>): PlainMessage => ({
  name,
  codec: codec as unknown as BodyCodec<object>,
})

/** What may stand in a packet, but for user messages and wrappers. */
export const packetMessages: ReadonlyMap<number, PlainMessage> = new Map([
  [MessageType.ping, plain('ping', ping)],
  [MessageType.indirectPing, plain('indirect ping', indirectPing)],
  [MessageType.ack, plain('ack', ack)],
  [MessageType.suspect, plain('suspect', suspect)],
  [MessageType.alive, plain('alive', alive)],
  [MessageType.dead, plain('dead', dead)],
  [MessageType.nack, plain('nack', nack)],
])

/** What may stand on a stream, but for user messages, push/pulls and wrappers. */
export const streamMessages: Readonly<Record<'acceptor' | 'initiator', ReadonlyMap<number, PlainMessage>>> = {
  acceptor: new Map([[MessageType.ping, plain('ping', ping)]]),
  initiator: new Map([
    [MessageType.ack, plain('ack', ack)],
    [MessageType.error, plain('error', errorReply)],
  ]),
}

const typeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(MessageType).map(([name, number]) => [number, name]),
)

/** `3 (suspect)`, or `99 (not assigned)`. */
export const typeText = (type: number): string => `${type} (${typeNames.get(type) ?? 'not assigned'})`
