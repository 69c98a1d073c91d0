/**
 * The vocabulary of memberlist: what one member can say to another, as decoded records.
 *
 * Node names are text, but Go lets them be any bytes: names are decoded losslessly (`decodeText` of
 * `@hearsay/encoding`), so that a foreign name survives being relayed. Byte fields are `null` where Go
 * sends nil, which is not the same on the wire as an empty field.
 *
 * A decoder lends byte fields: they are views into the packet they came from. Whoever keeps one copies it.
 */

/** The six version bytes of a member (wire spec 4.1), as a record instead of positions. */
export interface Versions {
  readonly protocolMin: number
  readonly protocolMax: number
  readonly protocolCurrent: number
  readonly delegateMin: number
  readonly delegateMax: number
  readonly delegateCurrent: number
}

/** Raw bytes, or `null` for Go's nil. */
export type Bytes = Uint8Array | null

/** Message numbers, written out (wire spec 1.1). The id space is append-only. */
export const MessageType = {
  ping: 0,
  indirectPing: 1,
  ack: 2,
  suspect: 3,
  alive: 4,
  dead: 5,
  pushPull: 6,
  compound: 7,
  user: 8,
  compress: 9,
  encrypt: 10,
  nack: 11,
  hasCrc: 12,
  error: 13,
  hasLabel: 244,
} as const

/** "Are you there?" (wire spec 1.6.1). An empty `node` means "whoever you are". */
export interface Ping {
  readonly type: 'ping'
  readonly seqNo: number
  /** Name of the intended target; a receiver with another name ignores the ping. */
  readonly node: string
  /** Where the ack goes: 4 or 16 bytes. Absent (`null`) or port 0: to the datagram's source. */
  readonly sourceAddress: Bytes
  readonly sourcePort: number
  readonly sourceNode: string
}

/** "Ping that node for me" (wire spec 1.6.2). */
export interface IndirectPing {
  readonly type: 'indirect-ping'
  readonly seqNo: number
  readonly target: Bytes
  readonly port: number
  readonly node: string
  /** The requester wants a nack if the relay's own ping times out. */
  readonly nack: boolean
  readonly sourceAddress: Bytes
  readonly sourcePort: number
  readonly sourceNode: string
}

/** Answer to a ping, with the same number (wire spec 1.6.3). */
export interface Ack {
  readonly type: 'ack'
  readonly seqNo: number
  readonly payload: Bytes
}

/** "The target did not answer me either" (wire spec 1.6.4). */
export interface Nack {
  readonly type: 'nack'
  readonly seqNo: number
}

/** An accusation (wire spec 1.6.6). */
export interface Suspect {
  readonly type: 'suspect'
  readonly incarnation: number
  readonly node: string
  readonly from: string
}

/** A verdict, or, where `from` equals `node`, a voluntary leave (wire spec 1.6.7). */
export interface Dead {
  readonly type: 'dead'
  readonly incarnation: number
  readonly node: string
  readonly from: string
}

/** "I am here" (wire spec 1.6.8). */
export interface Alive {
  readonly type: 'alive'
  readonly incarnation: number
  readonly node: string
  /** 4 or 16 bytes; relayed exactly as received, since Go compares them bytewise (wire spec 6.3). */
  readonly address: Bytes
  /** 0 means "the receiver's own bind port". */
  readonly port: number
  readonly meta: Bytes
  /** `null` when fewer than six bytes arrived; never sent like that (wire spec, Appendix D). */
  readonly versions: Versions | null
}

/** Opaque bytes of the application (wire spec 1.6.10). */
export interface User {
  readonly type: 'user'
  readonly payload: Uint8Array
}

/** One entry of a push/pull (wire spec 1.6.12). */
export interface NodeState {
  readonly name: string
  readonly address: Bytes
  readonly port: number
  readonly meta: Bytes
  readonly incarnation: number
  /** 0 alive, 1 suspect, 2 dead, 3 left; other numbers are ignored by the merge. */
  readonly state: number
  readonly versions: Versions | null
}

/** Entries of a push/pull, in order. An array is one; a table may also make them as they are read. */
export interface NodeStates extends Iterable<NodeState> {
  readonly length: number
  /** Some entries: each of the others has state and versions of one of these, which comes before it. Default: all. */
  readonly kinds?: Iterable<NodeState>
  /**
   * Visits all entries, in order, for somebody who knows most of the names: where they come in the same order, no text is
   * made of them. Default: whoever visits goes through them.
   */
  visit?(known: KnownNames, visitor: (node: NodeState) => void): void
}

/** Names by number. */
export interface KnownNames {
  /** Negative for one that is not known. */
  find(name: string): number
  /** `undefined` where there is none. */
  name(index: number): string | undefined
}

/** The whole state of a member (wire spec 1.6.11). */
export interface PushPull {
  readonly type: 'push-pull'
  readonly join: boolean
  readonly nodes: NodeStates
  readonly userState: Uint8Array
}

/** A stream acceptor could not read the request (wire spec 1.6.5). */
export interface ErrorReply {
  readonly type: 'error'
  readonly error: string
}

/** What may stand in a packet, once its wrappers are gone. */
export type PacketMessage = Ping | IndirectPing | Ack | Nack | Suspect | Dead | Alive | User

/** What may stand on a stream, once its wrappers are gone. */
export type StreamMessage = Ping | Ack | PushPull | User | ErrorReply
