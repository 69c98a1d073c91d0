/** What stores did, line by line, for a person who looks for a cause. */
import type { KvObserver, StoreView } from './observer.ts'
import type { Mark } from './reading.ts'

/** Writes down what mentions a text. Times are of the store that it is about. */
export function storyteller(about: string): KvObserver {
  const write = (store: StoreView, line: string): void => {
    const text = `${store.clockMs.toFixed(3)} ${store.writer} ${line}`
    if (text.includes(about)) console.log(text)
  }
  return {
    edited: ({ store, key, change, removes }) =>
      write(store, `${removes ? 'removed' : 'wrote'} ${key}: ${marks(removes ? change.removals : change.marks)}`),
    deleted: (store, key) => write(store, `deleted ${key}`),
    queued: ({ store, key, version, class: lane }) => write(store, `queues ${key} version ${version}, ${lane}`),
    changed: ({ store, key, origin, change, reading }) => {
      const { version, deletedAtMs, shown } = reading
      const removed = change.removals.length > 0 ? `, removed ${marks(change.removals)}` : ''
      const state = deletedAtMs === undefined ? '' : `, deleted at ${deletedAtMs}`
      write(
        store,
        `${key} version ${version}, ${origin}: ${marks(change.marks)}${removed}${state}; shows ${shown.slice(0, 200)}`,
      )
    },
    confirmed: ({ store, key, proven, unprovenCount, isDeletion }) =>
      write(
        store,
        `knows ${isDeletion ? 'the deletion of ' : ''}${key} to be with ${proven.map((each) => each.store.writer).join(', ')}; ${unprovenCount} more`,
      ),
  }
}

const marks = (all: readonly Mark[]): string =>
  all.map(({ name, line, rank }) => `${name}${line && ` of ${line}`}@${rank}`).join(' ') || 'nothing'
