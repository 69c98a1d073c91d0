import type { StoreView } from '../observer.ts'
import type { Tally } from '../reading.ts'
import { kvLaw } from './law.ts'

const same = (a: Tally | undefined, b: Tally): boolean => a?.added === b.added && a.subtracted === b.subtracted

/** README of kv: nothing of a counter is lost. */
export const exactCounters = kvLaw(
  {
    name: 'exact-counters',
    law: 'Every store sums up what each writer has counted: all of it, if its store is still there; what was confirmed at least; and never what nobody counted',
  },
  (chronicle, check) => {
    /** By key and writer: rank of what must still be there, and who had it. */
    const confirmed: { key: string; writer: string; rank: number; holders: StoreView[] }[] = []
    return {
      confirmed({ store, key, marks, proven }) {
        const holders = [store, ...proven.flatMap((each) => (each.isSame ? [each.store] : []))]
        for (const { name, rank } of marks)
          if (chronicle.tallies(key, name).length > 0) confirmed.push({ key, writer: name, rank, holders })
      },
      end(stores) {
        for (const [key, writers] of chronicle.counted())
          for (const writer of writers) {
            const edits = chronicle.tallies(key, writer)
            const isThere = stores.some((store) => store.writer === writer)
            const least = confirmed
              .filter((each) => each.key === key && each.writer === writer)
              .filter(({ holders }) => holders.some((holder) => stores.includes(holder)))
              .reduce((most, { rank }) => Math.max(most, rank), 0)
            for (const store of stores) {
              const tally = store.read(key)?.tallies?.get(writer) ?? { added: 0, subtracted: 0 }
              const { added, subtracted } = tally
              const isKnown = added + subtracted === 0 || edits.some((edit) => same(edit, tally))
              check(isKnown, store, () => `${key}: ${writer} never had counted +${added} −${subtracted}`)
              if (isThere)
                check(
                  same(edits.at(-1), tally),
                  store,
                  () =>
                    `${key}: of ${writer} it has +${added} −${subtracted}, and ${JSON.stringify(edits.at(-1))} is right`,
                )
              check(added + subtracted >= least, store, () => `${key}: of ${writer} it lost what was confirmed`)
            }
          }
        for (const store of stores)
          for (const key of store.keys()) {
            const { tallies, value } = store.read(key)!
            if (tallies === undefined) continue
            const sum = [...tallies.values()].reduce((total, { added, subtracted }) => total + added - subtracted, 0)
            check(value === sum, store, () => `${key} shows ${value}, and the sum is ${sum}`)
          }
      },
    }
  },
)
