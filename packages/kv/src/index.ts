export type { CasOptions, Decide, UpdateResult } from './cas.ts'
export { DEFAULT_CAS_ATTEMPTS, DEFAULT_NO_CHANGE_RETRY_MS } from './cas.ts'
export type { ChangeNote, ChangeOrigin } from './change.ts'
export { type KvClient, prefixed } from './client.ts'
export type * from './contract.ts'
export type { KvMetrics, OutcomeCounts } from './counters.ts'
export type * from './delegate.ts'
export type { Entry } from './entry.ts'
export * from './errors.ts'
export type * from './events.ts'
export { type ForeignPair, MAX_FOREIGN_BYTES } from './foreign.ts'
export { decodePair, encodePair, type KvPair } from './frames.ts'
export { type DecodedFullState, decodeFullState, encodeFullState } from './full-state.ts'
export type { KvMessage, KvMessages, MessageHistory } from './history.ts'
export { DEFAULT_INBOX_PAIRS_PER_KEY, MAX_INBOX_BYTES } from './inbox.ts'
export { DEFAULT_MERGE_SLICE_MS } from './inflow.ts'
export type * from './input.ts'
export * from './kv-store.ts'
export type { KvEntry, KvEntryInfo, KvHint } from './listing.ts'
export { DEFAULT_WATCH_PREFIX_BUFFER_SIZE } from './mailbox.ts'
export {
  DEFAULT_MIRROR_TIMEOUT_MS,
  MultiClient,
  type MultiClientMetrics,
  type MultiClientOptions,
} from './multi-client.ts'
export type { KvStoreOptions } from './options.ts'
export { MAX_CLOCK_SKEW_MS } from './plausibility.ts'
export { PROOF_ROUND_MS, type Propagation, type PropagationOptions } from './propagation.ts'
export { DEFAULT_OBSOLETE_TIMEOUT_MS } from './purge.ts'
export { DEFAULT_HINT_GRACE_MS } from './recovery.ts'
export { decodeSnapshot, encodeSnapshot, type Snapshot } from './snapshot.ts'
export { DEFAULT_MAX_KEYS, KvMachine, type KvMachineOptions } from './store.ts'
export { type Disarm, type KvSystem, nodeSystem } from './system.ts'
export { asUnixMs } from './time.ts'
export { DEFAULT_TOMBSTONE_TIMEOUT_MS, type KeyTombstones } from './tombstones.ts'
export { Counter, type CounterJson, counter } from './values/counter.ts'
export {
  LastWriterMap,
  type LastWriterMapJson,
  type LastWriterMapType,
  lastWriterMap,
} from './values/last-writer-map.ts'
export { decodeValue, encodeValue, type PlainValue } from './values/msgpack.ts'
export { MAX_VALUE_DEPTH, MAX_VALUE_ITEMS } from './values/msgpack-scan.ts'
export { OrSet, type OrSetJson, type OrSetType, orSet } from './values/or-set.ts'
export { Register, type RegisterJson, type RegisterType, register } from './values/register.ts'
export type { WriteOptions, Written, WrittenJson } from './values/written.ts'
export type { KvChange, WatchOptions } from './watchers.ts'
