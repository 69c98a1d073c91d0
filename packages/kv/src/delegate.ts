/** The shape in which a store rides on membership. `@hearsay/membership` has the same; neither imports the other. */
import type { KvBroadcast } from './input.ts'

/** How a queued item left the queue. */
export type KvBroadcastEnd = 'transmitted' | 'superseded' | 'pruned' | 'stopped'

/** An item with the callback that says that it left the queue. */
export interface QueuedBroadcast extends KvBroadcast {
  readonly onFinished: (end: KvBroadcastEnd) => void
}

/** What the store needs of its host. */
export interface KvHost {
  /** Queue a change for gossip. */
  broadcast(item: QueuedBroadcast): void
  /** Members that are alive or suspect, oneself included. */
  memberCount(): number
  /** Names of the other members that are alive or suspect. */
  memberNames?(): readonly string[]
  /** Exchange states with this member soon, unless it is gone. */
  exchangeWith?(member: string): void
  /** Exchange states with so many peers soon. Where a host offers it, it is asked when a type is declared late. */
  requestPushPull?(peerCount: number): void
}

/** Where a message or a state came from. */
export interface KvSource {
  readonly from: string
  readonly channel: 'packet' | 'stream'
  /** The member whose own word it is, where that is certain. */
  readonly member?: string | undefined
}

/** What the store gives its host. */
export interface KvDelegate {
  attach(host: KvHost): void
  /** One broadcast of a peer. `payload` is lent for the call. */
  onMessage(payload: Uint8Array, source: KvSource): void
  /** Our part of a push/pull. */
  localState(join: boolean): Uint8Array
  /** A peer's part. `state` is lent for the call. */
  mergeRemoteState(state: Uint8Array, join: boolean, source: KvSource): void
}
