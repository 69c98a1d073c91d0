export { counter, type KvChange, type KvEntry, KvError, KvStore, lastWriterMap, orSet, register } from '@hearsay/kv'
export type { JoinResult, Logger, Member, MemberEvent, MemberStatus, Message, SpreadResult } from '@hearsay/membership'
export {
  InstanceDesc,
  PartitionRingDesc,
  partitionRingDesc,
  Ring,
  RingDesc,
  RingError,
  replicaDesc,
  ringDesc,
} from '@hearsay/ring'
export { memoryNetwork, TransportError } from '@hearsay/transport'
export { cidrProblem, KEY_LENGTHS_BYTES, Keyring, KeyringError, keyFingerprint, MAX_KEYS } from '@hearsay/wire'
export * from './create-node.ts'
export { DELAY_BUCKETS_S, type DelayMetrics, type DelayTrackerOptions } from './delay-tracker.ts'
export * from './errors.ts'
export type { JoinOptions, JoinRetry } from './join-options.ts'
export type * from './node.ts'
export type * from './options.ts'
export { profiles } from './profiles.ts'
export { tlsOptionProblems } from './tls-options.ts'
