import type { Confirmation } from '../observer.ts'
import { holds } from '../reading.ts'
import { kvLaw } from './law.ts'

/** Issue 6.4: what is proven to be elsewhere outlives whoever wrote it. */
export const confirmedUpdates = kvLaw(
  {
    name: 'confirmed-updates',
    law: 'What whenPropagated said to be somewhere is everywhere at the end, or something later is, if of those who had it one store is still there',
  },
  (chronicle, check) => {
    const all: Confirmation[] = []
    return {
      confirmed(confirmation) {
        if (!confirmation.isDeletion) all.push(confirmation)
      },
      end(stores) {
        for (const { store, key, marks, proven } of all) {
          const holders = [store, ...proven.flatMap((each) => (each.isSame ? [each.store] : []))]
          if (chronicle.deletedKeys.has(key) || !holders.some((holder) => stores.includes(holder))) continue
          for (const each of stores) {
            const reading = each.read(key)
            for (const mark of marks)
              check(
                (reading !== undefined && holds(reading, mark)) || chronicle.mayBeGone(key, mark),
                each,
                () => `${key}: ${mark.name} of ${mark.rank}, which ${store.member} was told had got around, is lost`,
              )
          }
        }
      },
    }
  },
)
