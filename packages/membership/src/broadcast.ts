/**
 * What may be queued for gossip. One queue serves everybody; a class decides priority, transmit limit and share of a
 * packet.
 */

/** In order of priority. `control` is membership itself. */
export type BroadcastClass = 'control' | 'local' | 'relayed' | 'user'

/** How an item left the queue. Each item ends exactly once. */
export type BroadcastEnd =
  | 'transmitted' // reached its transmit limit
  | 'superseded' // a newer item took its place
  | 'pruned' // the queue was over its bound
  | 'stopped' // the member shut down

/** One thing to spread. */
export interface Broadcast {
  /** What it is about: a node name, a store key. Items of other keys or classes never touch it. */
  readonly key: string
  /** Entries it carries. A queued item gives way to a newer one of its class and key whose names include all of its own. */
  readonly names: readonly string[]
  /** Never superseded by an item of a lower version. */
  readonly version: number
  readonly class: BroadcastClass
  /** The user payload, without the user type byte. Made once; not copied. */
  readonly payload: Uint8Array
  readonly onFinished?: (end: BroadcastEnd) => void
}
