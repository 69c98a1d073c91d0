import type { Queued, StoreView } from '../observer.ts'
import type { Contents } from '../reading.ts'
import { kvLaw } from './law.ts'

const namesOf = ({ marks, removals }: Contents): Set<string> => new Set([...marks, ...removals].map(({ name }) => name))

/** kv spec 1.2, 1.3, 3.9, 3.10. */
export const newsQueued = kvLaw(
  {
    name: 'kv-news-queued',
    law: 'Whatever is new to a store is queued for gossip at once, unless it expired already: edits of its own apart from what it passes on, and under the names of what changed, so that it takes the place of older news',
  },
  (chronicle, check) => {
    const last = new Map<StoreView, Map<string, Queued>>()
    const isOver = ({ marks, removals }: Contents): boolean =>
      marks.length === 0 &&
      removals.some(({ buriedAtMs }) => !chronicle.isKept(buriedAtMs, chronicle.setting.tombstoneMs))
    return {
      queued(queued) {
        const own = last.get(queued.store) ?? new Map<string, Queued>()
        last.set(queued.store, own)
        own.set(queued.key, queued)
      },
      changed({ store, key, origin, change, reading }) {
        if (origin === 'expiry' || origin === 'snapshot' || isOver(change)) return
        const queued = last.get(store)?.get(key)
        const isDeletion = reading.deletedAtMs !== undefined
        const expected = origin === 'local' && !isDeletion ? 'local' : 'relayed'
        const isThere = queued?.version === reading.version && (isDeletion || queued.class === expected)
        check(
          isThere,
          store,
          () =>
            `version ${reading.version} of ${key}, ${origin}: queued last was ${queued?.version} as ${queued?.class}`,
        )
        if (!isThere) return
        const [names, changed] = [new Set(queued.names), namesOf(change)]
        check(
          names.size === changed.size && [...names].every((name) => changed.has(name)),
          store,
          () => `${key}: queued as ${[...names].join(', ')}, and what changed is ${[...changed].join(', ')}`,
        )
      },
    }
  },
)
