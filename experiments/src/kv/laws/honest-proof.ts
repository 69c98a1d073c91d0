import { holds } from '../reading.ts'
import { kvLaw } from './law.ts'

/** Issue 6.4: only what is proven is said. */
export const honestProof = kvLaw(
  {
    name: 'honest-proof',
    law: 'When whenPropagated resolves, so many members as were asked for have it, each in the store that it had when the wait began, if it still has that',
  },
  (chronicle, check) => ({
    confirmed({ store, key, fraction, marks, removals, isDeletion, sinceMs, proven, unprovenCount }) {
      const all = proven.length + unprovenCount
      check(
        proven.length >= fraction * all,
        store,
        () => `${key}: ${proven.length} of ${all} members were proven, which is less than ${fraction}`,
      )
      for (const { store: other, isSame } of proven) {
        if (!isSame) continue
        const reading = other.read(key)
        if (isDeletion) {
          // Whoever does not have a key has nothing to delete; it may hear of what was there before later on (kv spec 3.6).
          check(
            reading === undefined || reading.deletedAtMs !== undefined || !chronicle.hasSince(other, key, sinceMs),
            other,
            () => `${key} is alive, though ${store.member} was told that it is deleted`,
          )
          continue
        }
        if (chronicle.deletedKeys.has(key)) continue
        for (const mark of marks)
          check(
            (reading !== undefined && holds(reading, mark)) || chronicle.mayBeGone(key, mark),
            other,
            () => `${key}: it does not have ${mark.name} of ${mark.rank}, as ${store.member} was told`,
          )
        for (const removal of removals)
          check(
            !(reading?.marks ?? []).some(
              ({ name, line, rank }) => name === removal.name && line === removal.line && rank <= removal.rank,
            ),
            other,
            () => `${key}: it still has ${removal.name}, removed as ${store.member} was told`,
          )
      }
    },
  }),
)
