import type { KvStoreOptions } from '@hearsay/kv'
import type { NodeOptions } from './options.ts'

const names = ['notifyIntervalMs', 'inboxPairsPerKey', 'watchPrefixBufferSize', 'messageHistoryBytes'] as const

/** Options of a node that are its store's, as far as they are said. */
export const storeOptions = (options: NodeOptions): Pick<KvStoreOptions, (typeof names)[number]> =>
  Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))
