import type { Chronicle } from '../chronicle.ts'
import type { Change, StoreView } from '../observer.ts'
import { lineOf, type Mark, type Reading, type Removal } from '../reading.ts'
import { kvLaw } from './law.ts'

/** What one store knows to be removed, also after it has forgotten that itself. */
class Graves {
  readonly #removals = new Map<string, Removal>()

  learn(key: string, { removals }: Reading): void {
    for (const removal of removals) {
      const line = lineOf(key, removal)
      const before = this.#removals.get(line)
      if (before === undefined || removal.rank >= before.rank) this.#removals.set(line, removal)
    }
  }

  /** The store has forgotten the whole key. */
  forget(key: string): void {
    for (const line of this.#removals.keys()) if (line.startsWith(`${key}\u0000`)) this.#removals.delete(line)
  }

  /** What lies on the line of a mark that is no later. */
  over(key: string, mark: Mark): Removal | undefined {
    const removal = this.#removals.get(lineOf(key, mark))
    return removal && removal.rank >= mark.rank ? removal : undefined
  }

  /** Whether it knows of any removal on a line. */
  has(key: string, mark: Mark): boolean {
    return this.#removals.has(lineOf(key, mark))
  }
}

/** kv spec 3.8: entries of values. */
export const noResurrection = kvLaw(
  {
    name: 'no-resurrection',
    law: 'What was removed from a value does not come back while its tombstone is kept, unless it is written again: not in a store that knows, nor at the end in any',
  },
  (chronicle, check) => {
    const graves = new Map<StoreView, Graves>()
    const young = (removal: Removal): boolean => chronicle.isKept(removal.buriedAtMs, chronicle.setting.tombstoneMs)
    const look = (own: Graves, store: StoreView, key: string, reading: Reading, whose: string): void => {
      for (const mark of reading.marks) {
        if (!own.has(key, mark)) continue
        const removal = own.over(key, mark)
        check(
          removal === undefined || !young(removal),
          store,
          () => `${key}: ${mark.name} of ${mark.rank} is there again, removed up to ${removal?.rank} as ${whose} knows`,
        )
      }
    }
    return {
      changed({ store, key, reading }: Change) {
        const own = graves.get(store) ?? new Graves()
        graves.set(store, own)
        own.learn(key, reading)
        look(own, store, key, reading, 'it')
      },
      // Tombstones go with their key (kv spec 3.6, 3.7).
      purged(store, key) {
        graves.get(store)?.forget(key)
      },
      end(stores) {
        for (const knowing of stores) {
          const own = graves.get(knowing)
          for (const store of own ? stores : [])
            for (const key of store.keys().filter((each) => !chronicle.purgedKeys.has(each)))
              look(own!, store, key, store.read(key)!, knowing.member)
        }
      },
    }
  },
)

/** Whether a reading says that its key is deleted, and so lately that everybody must still know. */
const isLatelyDeleted = (chronicle: Chronicle, reading: Reading | undefined): boolean =>
  reading?.deletedAtMs !== undefined && chronicle.isKept(reading.deletedAtMs, chronicle.setting.obsoleteMs)

/** kv spec 3.3 (deletion is sticky), 3.6, 3.7. */
export const noKeyResurrection = kvLaw(
  {
    name: 'no-key-resurrection',
    law: 'A key that a store knows to be deleted stays so until its time is over; at the end no store has it alive',
  },
  (chronicle, check) => {
    const deletions = new Map<StoreView, Map<string, Reading>>()
    return {
      changed({ store, key, reading }) {
        const own = deletions.get(store) ?? new Map<string, Reading>()
        deletions.set(store, own)
        if (isLatelyDeleted(chronicle, own.get(key)))
          check(reading.deletedAtMs !== undefined, store, () => `${key} was deleted, and is alive again`)
        if (reading.deletedAtMs !== undefined) own.set(key, reading)
      },
      looked(store) {
        for (const [key, before] of deletions.get(store) ?? []) {
          if (!isLatelyDeleted(chronicle, before)) continue
          const now = store.read(key)
          check(
            now?.deletedAtMs !== undefined,
            store,
            () => `${key} was deleted, and is ${now ? 'alive' : 'forgotten'}`,
          )
        }
      },
      end(stores) {
        for (const knowing of stores)
          for (const key of knowing.keys()) {
            if (!isLatelyDeleted(chronicle, knowing.read(key))) continue
            for (const store of stores) {
              const reading = store.read(key)
              check(
                reading === undefined || reading.deletedAtMs !== undefined,
                store,
                () => `${key} is alive, though ${knowing.member} knows it to be deleted`,
              )
            }
          }
      },
    }
  },
)
