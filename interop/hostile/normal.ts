/**
 * What a peer sent, in a form that two peers' answers can be compared in: fields instead of bytes, the peer's own port
 * as `self` and the probe's as `probe`, numbers that each peer chooses for itself left out.
 */
import { createHash } from 'node:crypto'
import { encodeText } from '@hearsay/encoding'
import {
  decodePacket,
  type NodeState,
  type PacketMessage,
  type StreamMessage,
  StreamReader,
  type Versions,
} from '@hearsay/wire'
import { cat, text } from './bytes.ts'
import type { Group } from './group.ts'
import { labelled, unsealed } from './wrappers.ts'

/** Ports that have names. */
export interface Ports {
  readonly self: number
  readonly probe: number
}

/** Bytes, shortened with a digest when long. */
export function shown(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes).toString('hex')
  if (bytes.length <= 24) return digits
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
  return `${digits.slice(0, 16)}…(${bytes.length} bytes, ${digest})`
}

/** A name, quoted; what is not printable ASCII as escapes, long ones shortened. */
export function named(name: string): string {
  const bytes = encodeText(name)
  if (bytes.length > 40) return shown(bytes)
  return JSON.stringify(Buffer.from(bytes).toString('latin1')).replace(
    /[^ -~]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** A name with all that is not ASCII made alike: Go's encoder of JSON lets nothing through that is not UTF-8. */
export const asTold = (name: string): string => name.replace(/[\u0080-\uffff]+/g, '?')

function addressed(address: Uint8Array | null, port: number, { self, probe }: Ports): string {
  const place = port === self ? 'self' : port === probe ? 'probe' : `${port}`
  // The very bytes: both forms of one IPv4 address must be told apart.
  const ip =
    address === null ? 'nil' : address.length === 4 ? address.join('.') : `<${Buffer.from(address).toString('hex')}>`
  return `${ip}:${place}`
}

const versionsOf = (versions: Versions | null): string =>
  versions === null
    ? 'v-short'
    : `v${[versions.protocolMin, versions.protocolMax, versions.protocolCurrent, versions.delegateMin, versions.delegateMax, versions.delegateCurrent].join(',')}`

const metaOf = (meta: Uint8Array | null): string => (meta === null || meta.length === 0 ? '' : ` meta ${shown(meta)}`)

/** A message of a packet. */
export function describe(message: PacketMessage, ports: Ports): string {
  switch (message.type) {
    case 'ack':
      return `ack ${message.seqNo}${message.payload && message.payload.length > 0 ? ` ${shown(message.payload)}` : ''}`
    case 'nack':
      return `nack ${message.seqNo}`
    case 'ping':
      // The number is the relay's own.
      return `ping for ${named(message.node)} from ${named(message.sourceNode)} ${addressed(message.sourceAddress, message.sourcePort, ports)}`
    case 'indirect-ping':
      return `indirect ping for ${named(message.node)}`
    case 'suspect':
    case 'dead':
      return `${message.type} ${named(message.node)}@${message.incarnation} says ${named(message.from)}`
    case 'alive':
      return `alive ${named(message.node)}@${message.incarnation} ${addressed(message.address, message.port, ports)} ${versionsOf(message.versions)}${metaOf(message.meta)}`
    case 'user':
      return `user ${shown(message.payload)}`
  }
}

const states = ['alive', 'suspect', 'dead', 'left']

/** An entry of a push/pull, without its name. */
export const describeEntry = (node: NodeState, ports: Ports): string =>
  `${states[node.state] ?? node.state}@${node.incarnation} ${addressed(node.address, node.port, ports)} ${versionsOf(node.versions)}${metaOf(node.meta)}`

/** A datagram that a peer sent: how it was wrapped where that is not as configured, and its messages. */
export function readPacket(
  datagram: Uint8Array,
  group: Group,
): { readonly note: string; readonly messages: readonly PacketMessage[] } {
  const header = labelled(group.label, new Uint8Array(0))
  const hasLabel = header.length === 0 || Buffer.from(datagram.subarray(0, header.length)).equals(header)
  const body = hasLabel ? datagram.subarray(header.length) : datagram
  const key = group.keys[0]
  const plaintext = key ? unsealed(body, key, text(group.label)) : body
  const { messages, drops } = decodePacket(plaintext ?? body)
  const notes = [
    ...(hasLabel ? [] : ['without label']),
    ...(key && !plaintext ? ['in the clear'] : []),
    ...drops.map(({ detail }) => `unreadable: ${detail}`),
  ]
  return { note: notes.join(', '), messages }
}

/** What a peer sent on a stream: a message or what is wrong with it, and how it was wrapped. */
export function readReply(
  bytes: Uint8Array,
  group: Group,
): { readonly note: string; readonly message: StreamMessage | undefined } {
  if (bytes.length === 0) return { note: '', message: undefined }
  const key = group.keys[0]
  const isFrame = bytes[0] === 0x0a
  const plaintext =
    key && isFrame ? unsealed(bytes.subarray(5), key, cat(bytes.subarray(0, 5), text(group.label))) : bytes
  const reader = new StreamReader({ role: 'initiator', label: '', labelMode: 'ignore' })
  reader.push(plaintext ?? bytes)
  reader.end()
  const result = reader.next()
  const note = key && !isFrame ? 'in the clear' : isFrame && !plaintext ? 'sealed with another key' : ''
  if (result.kind === 'message') return { note, message: result.message }
  return { note: `${note} unreadable: ${shown(bytes)}`.trim(), message: undefined }
}
