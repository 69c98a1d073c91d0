import type { ValueType } from '@hearsay/kv/contract'
import { decodePartitionRing, encodePartitionRing } from './partition-ring/codec.ts'
import { type PartitionRingDescJson, partitionRingFromJson, partitionRingToJson } from './partition-ring/json.ts'
import {
  dropPartitionTombstones,
  implausibleInPartitionRing,
  mergePartitionRings,
  replacePartitionRing,
} from './partition-ring/merge.ts'
import { PartitionRingDesc } from './partition-ring/model.ts'

/**
 * Partition rings as values of the gossip store, codec id `partitionRingDesc` (ring spec 1.6): what Mimir and Tempo keep
 * under `ingester-partitions` and the like.
 */
export const partitionRingDesc: ValueType<PartitionRingDesc, PartitionRingDescJson> = {
  codecId: 'partitionRingDesc',
  empty: () => PartitionRingDesc.empty,
  encode: encodePartitionRing,
  decode: decodePartitionRing,
  merge: mergePartitionRings,
  replace: replacePartitionRing,
  names: ({ partitions, owners }) => [...Array.from(partitions.keys(), String), ...owners.keys()],
  dropTombstones: dropPartitionTombstones,
  implausible: implausibleInPartitionRing,
  toJson: partitionRingToJson,
  fromJson: partitionRingFromJson,
}
