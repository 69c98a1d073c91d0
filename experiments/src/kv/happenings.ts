/** How often what happened to stores in a run, and the most that ever waited. */
import type { Depths } from './observer.ts'
import type { Shelf } from './stores.ts'

/** What is counted, and as what it is reported. */
export const happeningLabels = [
  'entry written',
  'entry removed',
  'entry with a time to live',
  'counted',
  'several entries at once',
  'key deleted',
  'edit that took its time',
  'edit tried again',
  'edit without effect',
  'edit given up',
  'wait for propagation',
  'confirmed',
  'not confirmed in time',
  'store lost with its process',
  'store restored from a snapshot',
  'snapshot that only hints',
  'key purged',
  'change merged from gossip',
  'change merged from a state',
  'broadcast dropped, inbox full',
  'message that is no pair',
  'tombstone dropped',
] as const

/** What shows where promises end; it need not occur. */
export const limitLabels = [
  'confirmed by a store that is lost since',
  'deletion confirmed by a store in which the key is alive',
] as const

/** One of them. */
export type Happening = (typeof happeningLabels)[number] | (typeof limitLabels)[number]

/** Numbers of which the greatest counts. */
export const mostLabels = [
  'changes waiting',
  'bytes waiting',
  'pairs waiting to be merged',
  'tombstones in one key',
] as const

/** One of them. */
export type Most = (typeof mostLabels)[number]

/** Counts. */
export class Happenings {
  readonly counts: Record<Happening, number> = zeros([...happeningLabels, ...limitLabels])
  readonly most: Record<Most, number> = zeros(mostLabels)

  count(what: Happening, by = 1): void {
    this.counts[what] += by
  }

  /** A look at a store. */
  look({ local, relayed, queuedBytes, inboxPairs }: Depths): void {
    this.#note('changes waiting', local + relayed)
    this.#note('bytes waiting', queuedBytes)
    this.#note('pairs waiting to be merged', inboxPairs)
  }

  /** What the stores themselves have counted, at the end. */
  sum(shelf: Shelf): void {
    this.count('store lost with its process', shelf.emptyCount)
    this.count('store restored from a snapshot', shelf.restoredCount)
    this.count('snapshot that only hints', shelf.hintedCount)
    for (const { store } of shelf.all) {
      const metrics = store.metrics()
      this.count('key purged', metrics.keysPurged)
      this.count('change merged from gossip', metrics.broadcastOutcomes.stored ?? 0)
      this.count('change merged from a state', metrics.statePairOutcomes.stored ?? 0)
      this.count('broadcast dropped, inbox full', metrics.receivedBroadcastsDropped)
      this.count('message that is no pair', metrics.receivedBroadcastsInvalid)
      for (const { remainingCount, removedTotal } of metrics.valueTombstones.values()) {
        this.count('tombstone dropped', removedTotal)
        this.#note('tombstones in one key', remainingCount)
      }
    }
  }

  #note(what: Most, value: number): void {
    this.most[what] = Math.max(this.most[what], value)
  }
}

const zeros = <Label extends string>(labels: readonly Label[]): Record<Label, number> =>
  Object.fromEntries(labels.map((label) => [label, 0])) as Record<Label, number>
