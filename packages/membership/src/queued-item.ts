/** What waits in the queue. */
import type { Part } from '@hearsay/wire'
import type { BroadcastClass, BroadcastEnd } from './broadcast.ts'
import type { PeerIndex } from './peer-table.ts'

/**
 * One item. What is about a record carries a membership message instead of a payload; it has no key, no names, and version
 * 0. Whatever is
 * not read-only is changed by the queue only, and while the item is in no lane.
 */
export interface QueuedItem {
  readonly class: BroadcastClass
  /** Whom a membership message is about; {@link NOBODY} for a payload. */
  readonly peer: PeerIndex
  readonly key: string
  readonly names: readonly string[]
  readonly version: number
  part: Part
  id: number
  /** Of the part. */
  sizeBytes: number
  onFinished: ((end: BroadcastEnd) => void) | undefined
  transmits: number
  /** Where it is in its lane. */
  tier: object | undefined
  newer: QueuedItem | undefined
  older: QueuedItem | undefined
}
