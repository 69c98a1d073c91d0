/** What a user of a store does with it, wherever its keys really live. */
import type { KvStore } from './kv-store.ts'
import type { KvChange, WatchOptions } from './watchers.ts'

/** The calls of a {@link KvStore} that read, write and watch: what {@link prefixed} and `MultiClient` offer, too. */
export type KvClient = Pick<KvStore, 'get' | 'keys' | 'update' | 'cas' | 'mergeIn' | 'delete' | 'watch'>

/**
 * A store seen through a prefix: every key, also of lists and watches, has it on the wire and not here (kv spec 8.3). Members
 * with different prefixes have different keys in one cluster.
 */
export function prefixed(client: KvClient, prefix: string): KvClient {
  return {
    get: (key: string, type?: Parameters<KvClient['get']>[1]) => client.get(prefix + key, type as never) as never,
    keys: (start = '') => client.keys(prefix + start).map((key) => key.slice(prefix.length)),
    update: (key, type, fn, options) => client.update(prefix + key, type, fn, options),
    cas: (key, type, fn, options) => client.cas(prefix + key, type, fn, options),
    mergeIn: (key, type, state) => client.mergeIn(prefix + key, type, state),
    delete: (key) => client.delete(prefix + key),
    watch: <State>(name: string, options: WatchOptions = {}) => {
      // What a name means, a key or all keys that begin so, is decided by the name as the caller gives it.
      const isPrefix = options.prefix ?? (name === '' || name.endsWith('/'))
      const changes = client.watch<State>(prefix + name, { ...options, prefix: isPrefix })
      return renamed(changes, (key) => key.slice(prefix.length))
    },
  }
}

/** Changes under other names. */
function renamed<State>(
  changes: AsyncIterableIterator<KvChange<State>>,
  rename: (key: string) => string,
): AsyncIterableIterator<KvChange<State>> {
  const mapped = (result: IteratorResult<KvChange<State>>): IteratorResult<KvChange<State>> =>
    result.done ? result : { done: false, value: { ...result.value, key: rename(result.value.key) } }
  return {
    next: async () => mapped(await changes.next()),
    return: async () => mapped((await changes.return?.()) ?? { done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
