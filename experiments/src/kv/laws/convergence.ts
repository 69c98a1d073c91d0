import type { Reading } from '../reading.ts'
import { kvLaw } from './law.ts'

/** What a store shows of a key; of one that is deleted, or empty, nothing, as of one that it does not have (kv spec 3.3). */
const shown = (reading: Reading | undefined): string =>
  reading === undefined || reading.deletedAtMs !== undefined || reading.marks.length === 0 ? 'nothing' : reading.shown

/** kv spec 1.4, 3.1. */
export const convergence = kvLaw(
  {
    name: 'kv-convergence',
    law: 'A while after the last fault and the last write all stores show the same of every key, where nothing is as good as empty or deleted',
  },
  (_, check) => ({
    end(stores) {
      const [first, ...others] = stores
      if (first === undefined) return
      for (const key of new Set(stores.flatMap((store) => store.keys()))) {
        const expected = shown(first.read(key))
        for (const other of others) {
          const actual = shown(other.read(key))
          check(actual === expected, other, () => `of ${key} it shows ${actual}, and ${first.member} ${expected}`)
        }
      }
    },
  }),
)
