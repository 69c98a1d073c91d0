/** Messages and records as text: equal texts are equal for a peer. */
import type { NodeState, PacketMessage, StreamMessage, Versions } from '@hearsay/wire'
import { canonical } from './addresses.ts'
import { hexOf } from './hex.ts'
import type { Dial, Observation } from './observation.ts'

/** The numbers of a member's own pings, in the order in which they appear. They differ between members (DIV-23). */
export class OwnPings {
  readonly #numbers: number[] = []

  /** The number of the ping at an index; one that was never used for those that do not exist. */
  number(index: number): number {
    return this.#numbers[index] ?? 4_000_000_000 + index
  }

  /** Takes note of a ping, and says which one it is. */
  index(seqNo: number): number {
    const known = this.#numbers.indexOf(seqNo)
    return known >= 0 ? known : this.#numbers.push(seqNo) - 1
  }

  /** Takes note of all pings in an observation. */
  note({ packets, dials }: Observation): void {
    for (const { messages } of packets)
      for (const { type, ...rest } of messages) if (type === 'ping') this.index((rest as { seqNo: number }).seqNo)
    for (const { message } of dials) if (message?.type === 'ping') this.index(message.seqNo)
  }
}

/** A message of a packet. */
export function describeMessage(message: PacketMessage, pings: OwnPings): string {
  switch (message.type) {
    case 'alive':
      return `alive ${message.node}@${message.incarnation} ${hexOf(message.address)}:${message.port} meta=${hexOf(message.meta)} versions=${describeVersions(message.versions)}`
    case 'suspect':
    case 'dead':
      return `${message.type} ${message.node}@${message.incarnation} by ${message.from}`
    case 'ping':
      return `ping own#${pings.index(message.seqNo)} to ${message.node} from ${describeSource(message)}`
    case 'indirect-ping':
      return `indirect-ping own#${pings.index(message.seqNo)} to ${message.node} ${hexOf(message.target)}:${message.port} nack=${message.nack} from ${describeSource(message)}`
    case 'ack':
      return `ack ${message.seqNo} ${hexOf(message.payload)}`
    case 'nack':
      return `nack ${message.seqNo}`
    case 'user':
      return `user ${hexOf(message.payload)}`
  }
}

/** A message of a stream; entries of a state in order of name. */
export function describeStreamMessage(message: StreamMessage | undefined, pings: OwnPings): string {
  switch (message?.type) {
    case undefined:
      return 'nothing'
    case 'ping':
    case 'ack':
    case 'user':
      return describeMessage(message, pings)
    case 'error':
      return 'an error'
    case 'push-pull': {
      // Its form is compared where the view is.
      const plain = [...message.nodes].map((node) => ({ ...node, address: node.address && canonical(node.address) }))
      const entries = plain.map(describeState).sort()
      return `state join=${message.join} user=${hexOf(message.userState)}\n    ${entries.join('\n    ')}`
    }
  }
}

/** One entry of a state. */
export function describeState(node: NodeState): string {
  const { name, incarnation, state, address, port, meta, versions } = node
  const status = ['alive', 'suspect', 'dead', 'left'][state] ?? state
  return `${name} ${status}@${incarnation} ${hexOf(address)}:${port} meta=${hexOf(meta)} versions=${describeVersions(versions)}`
}

/** A stream that was opened. */
export const describeDial = ({ to, message }: Dial, pings: OwnPings): string =>
  `${to} ${describeStreamMessage(message, pings)}`

function describeVersions(versions: Versions | null): string {
  if (versions === null) return '-'
  const { protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent } = versions
  return [protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent].join('.')
}

const describeSource = (source: {
  readonly sourceAddress: Uint8Array | null
  readonly sourcePort: number
  readonly sourceNode: string
}): string => `${source.sourceNode} ${hexOf(source.sourceAddress)}:${source.sourcePort}`
