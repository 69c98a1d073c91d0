import type { AnyValueType } from './contract.ts'
import { KvError } from './errors.ts'
import { DEFAULT_INBOX_PAIRS_PER_KEY } from './inbox.ts'
import { DEFAULT_MERGE_SLICE_MS } from './inflow.ts'
import { DEFAULT_WATCH_PREFIX_BUFFER_SIZE } from './mailbox.ts'
import type { KvMachineOptions } from './store.ts'
import { type KvSystem, nodeSystem } from './system.ts'
import { counter } from './values/counter.ts'
import { lastWriterMap } from './values/last-writer-map.ts'
import { orSet } from './values/or-set.ts'
import { register } from './values/register.ts'

/** What a store may be told. */
export interface KvStoreOptions extends KvMachineOptions {
  /** Value types to declare, besides `register`, `lastWriterMap`, `orSet` and `counter`, which always are. */
  readonly types?: readonly AnyValueType[]
  /** Broadcasts of one key that may wait to be merged; further ones are dropped and counted. Default 1024 (kv spec 1.3). */
  readonly inboxPairsPerKey?: number
  /** Keys that may wait in the mailbox of one prefix watcher. Default 128 (kv spec 1.6). */
  readonly watchPrefixBufferSize?: number
  /** Merge so long, in milliseconds, before other input gets its turn. Default 4. */
  readonly mergeSliceMs?: number
  /** Bytes of messages sent, and as many of messages received, that are kept to be looked at. Default 0: none (kv spec 3.11). */
  readonly messageHistoryBytes?: number
  /** Clocks and timers. Default: Node's. */
  readonly system?: KvSystem
}

/** The options of the driver with defaults filled in. */
export interface ResolvedOptions {
  readonly types: readonly AnyValueType[]
  readonly inboxPairsPerKey: number
  readonly watchPrefixBufferSize: number
  readonly mergeSliceMs: number
  readonly messageHistoryBytes: number
  readonly system: KvSystem
}

const atLeast: { readonly [option in keyof KvStoreOptions]?: number } = {
  leftIngestersTimeoutMs: 0,
  obsoleteEntriesTimeoutMs: 0,
  notifyIntervalMs: 0,
  hintGraceMs: 0,
  mergeSliceMs: 0,
  messageHistoryBytes: 0,
  maxKeys: 1,
  inboxPairsPerKey: 1,
  watchPrefixBufferSize: 1,
}

/** Checks all options at once: throws OPTION_INVALID with every problem in its message. */
export function resolveOptions(options: KvStoreOptions): ResolvedOptions {
  const problems = Object.entries(atLeast).flatMap(([name, least]) => {
    const value: unknown = options[name as keyof KvStoreOptions]
    const isFit = value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= least)
    return isFit ? [] : [`${name}: a number of at least ${least} is needed`]
  })
  if (problems.length > 0) throw new KvError('OPTION_INVALID', problems.join('; '))
  return {
    types: [...(options.types ?? []), register, lastWriterMap, orSet, counter],
    inboxPairsPerKey: options.inboxPairsPerKey ?? DEFAULT_INBOX_PAIRS_PER_KEY,
    watchPrefixBufferSize: options.watchPrefixBufferSize ?? DEFAULT_WATCH_PREFIX_BUFFER_SIZE,
    mergeSliceMs: options.mergeSliceMs ?? DEFAULT_MERGE_SLICE_MS,
    messageHistoryBytes: options.messageHistoryBytes ?? 0,
    system: options.system ?? nodeSystem,
  }
}
