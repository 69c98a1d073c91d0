import type { ValueType } from '@hearsay/kv/contract'
import { decodeRing, encodeRing } from './instance-ring/codec.ts'
import { type RingDescJson, ringFromJson, ringToJson } from './instance-ring/json.ts'
import { dropTombstones, mergeRings, replaceRing } from './instance-ring/merge.ts'
import { RingDesc } from './instance-ring/model.ts'
import { implausibleEntries } from './instance-ring/order.ts'

/**
 * Hash rings as values of the gossip store, codec id `ringDesc` (ring spec 1.6): what Mimir, Loki and Tempo keep under
 * `collectors/ring` and the like.
 */
export const ringDesc: ValueType<RingDesc, RingDescJson> = {
  codecId: 'ringDesc',
  empty: () => RingDesc.empty,
  encode: encodeRing,
  decode: decodeRing,
  merge: mergeRings,
  replace: replaceRing,
  names: (state) => state.names(),
  dropTombstones,
  implausible: implausibleEntries,
  toJson: ringToJson,
  fromJson: ringFromJson,
}
