import type { StoreView } from '../observer.ts'
import { lineOf, type Mark } from '../reading.ts'
import { kvLaw } from './law.ts'

/** kv spec 3.1: merging only ever adds to what is known. */
export const lineOrder = kvLaw(
  {
    name: 'line-order',
    law: 'What a store shows gives way only to what is later, and goes only when somebody removed it or its time is over',
  },
  (chronicle, check) => {
    const shown = new Map<StoreView, Map<string, ReadonlyMap<string, Mark>>>()
    return {
      // What comes after that may be what was there before (kv spec 3.6).
      purged(store, key) {
        shown.get(store)?.delete(key)
      },
      changed({ store, key, origin, reading }) {
        const own = shown.get(store) ?? new Map<string, ReadonlyMap<string, Mark>>()
        shown.set(store, own)
        const before = own.get(key) ?? new Map<string, Mark>()
        const now = new Map(reading.marks.map((mark) => [lineOf(key, mark), mark]))
        own.set(key, now)
        for (const [line, was] of before) {
          const is = now.get(line)
          if (is !== undefined)
            check(is.rank >= was.rank, store, () => `${key}: ${was.name} was of ${was.rank}, and is of ${is.rank}`)
          // What an edit of its own has removed is written down a moment later.
          else if (origin !== 'local')
            check(
              chronicle.mayBeGone(key, was),
              store,
              () => `${key}: ${was.name} of ${was.rank} is gone, and nobody removed it`,
            )
        }
      },
    }
  },
)
