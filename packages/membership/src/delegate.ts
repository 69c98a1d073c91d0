/**
 * How an application, above all the key-value store, rides on membership. The store satisfies this by shape; neither
 * package imports the other.
 */
import type { Broadcast } from './broadcast.ts'

/** Where a user message came from. The sender's name is not on the wire. */
export interface MessageSource {
  /** Address of the datagram or stream. */
  readonly from: string
  readonly channel: 'packet' | 'stream'
}

/** What membership offers to a delegate. */
export interface DelegateHost {
  /** Queue something for gossip. */
  broadcast(item: Broadcast): void
  /** Members that are alive or suspect, oneself included. */
  memberCount(): number
}

/** What a delegate may answer. All of it is synchronous and must not throw; what throws is counted and skipped. */
export interface Delegate {
  /** Called once, before any other hook. */
  attach?(host: DelegateHost): void
  /** A user message. `payload` is lent for the call. */
  onMessage?(payload: Uint8Array, source: MessageSource): void
  /** Our part of a push/pull. Empty: nothing to say. */
  localState?(join: boolean): Uint8Array
  /** The other side's part, when not empty. `state` is lent for the call. */
  mergeRemoteState?(state: Uint8Array, join: boolean, source: MessageSource): void
}
