/** What must hold for every datagram, whatever is in it. */
import { type DecodedPacket, type Drop, MAX_DECOMPRESSED_BYTES, type PacketMessage, Part } from '@hearsay/wire'
import { Finding } from './finding.ts'
import type { HostilePacket } from './packet-source.ts'
import type { Subject } from './subject.ts'

/**
 * Messages and refusals of one packet together. The largest datagram holds so many empty parts: none may bring more,
 * however far it expands, since each outcome costs its receiver memory and time.
 */
export const MAX_OUTCOMES = 32_768
/** A detail goes into logs. A label in it has 255 bytes, and JSON takes up to six letters for one. */
const MAX_DETAIL_LETTERS = 2000

/** Reads a packet as a member does, and checks what comes of it. Throws a {@link Finding}. */
export function checkPacket(subject: Subject, packet: HostilePacket): DecodedPacket {
  const decoded = read(subject, packet)
  const { messages, drops } = decoded
  const fail = (kind: 'too-many' | 'odd-outcome' | 'wrong-message' | 'too-much', message: string): never => {
    throw new Finding(kind, `${message} (a ${packet.kind} packet)`, evidenceOf(packet))
  }
  if (messages.length + drops.length > MAX_OUTCOMES)
    fail('too-many', `${messages.length} messages and ${drops.length} drops of ${packet.bytes.length} bytes`)
  for (const drop of drops) if (isOdd(drop)) fail('odd-outcome', `an odd drop: ${JSON.stringify(drop).slice(0, 200)}`)
  let carriedBytes = 0
  for (const message of messages) carriedBytes += payloadBytes(message)
  if (carriedBytes > MAX_DECOMPRESSED_BYTES + packet.bytes.length)
    fail('too-much', `messages with ${carriedBytes} bytes of payload`)
  if (packet.sent && !isBeginning(messages, packet.sent))
    fail('wrong-message', `${messages.length} messages that are not the beginning of the ${packet.sent.length} sent`)
  if (packet.sent && packet.whole && (messages.length !== packet.sent.length || drops.length > 0))
    fail('wrong-message', `${messages.length} messages and ${drops.length} drops, not the ${packet.sent.length} sent`)
  if (packet.sent && !packet.whole && messages.length === packet.sent.length && drops.length === 0)
    fail('wrong-message', 'a packet that was cut was read as whole')
  return decoded
}

function read(subject: Subject, packet: HostilePacket): DecodedPacket {
  try {
    const opened = subject.openPacket(packet.bytes, packet.receiver)
    return opened.ok ? subject.decodePacket(opened.payload) : { messages: [], drops: [opened.drop] }
  } catch (error) {
    throw new Finding('escape', `${error} (a ${packet.kind} packet)`, evidenceOf(packet), { cause: error })
  }
}

const evidenceOf = ({ bytes, receiver }: HostilePacket) => ({ stage: 'packets', input: bytes, as: receiver.name })

const isOdd = ({ offset, detail }: Drop): boolean =>
  !Number.isInteger(offset) || offset < 0 || detail.length === 0 || detail.length > MAX_DETAIL_LETTERS

function payloadBytes(message: PacketMessage): number {
  switch (message.type) {
    case 'user':
      return message.payload.length
    case 'ack':
      return message.payload?.length ?? 0
    case 'alive':
      return (message.meta?.length ?? 0) + message.node.length
    default:
      return 'node' in message ? message.node.length : 0
  }
}

/** Compared in their shortest form, which tells every message from every other. */
function isBeginning(messages: readonly PacketMessage[], sent: readonly Uint8Array[]): boolean {
  if (messages.length > sent.length) return false
  return messages.every((message, index) => Buffer.compare(new Part(message).bytes, sent[index]!) === 0)
}
