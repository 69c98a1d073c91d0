import { equalBytes } from '@hearsay/encoding'
import type { UnixMs } from '@hearsay/kv/contract'
import { encodeInstance } from '../instance-ring/instance-codec.ts'
import { InstanceDesc, type Int64, tokenList } from '../instance-ring/instance-desc.ts'
import type { RingDesc } from '../instance-ring/model.ts'
import { isImplausible, MAX_SKEW_MS } from '../instance-ring/order.ts'
import type { TokenGenerator } from '../tokens/random-tokens.ts'

/** Who an instance is. */
export interface RingInstanceOptions {
  /** Its name in the ring; unique there. */
  readonly id: string
  /** `host:port` that peers connect to. */
  readonly address: string
  /** Default: none. */
  readonly zone?: string
  /** Application component id to version. Default: none. */
  readonly versions?: ReadonlyMap<bigint, bigint>
}

/** What has to outlive the loss of an entry: it is written again from this (ring spec 8.8). */
export interface Remembered {
  readonly tokens: Uint32Array
  readonly readOnly: boolean
  readonly readOnlyUpdatedTimestamp: Int64
  readonly unknown: Uint8Array
}

/** What to write of ourselves. */
export interface EntryPlan {
  readonly instance: RingInstanceOptions
  readonly state: number
  /** The tokens to hold, as far as there are enough; fewer are filled up by `generator`. */
  readonly tokenCount: number
  readonly generator: TokenGenerator
  /** The tokens of the entry that really are ours; they are kept. */
  readonly held: Uint32Array
  /** Added to the time of a new entry, in seconds: what lost to a tombstone of the same second is written later. */
  readonly aheadSeconds: number
  /** An entry that is ahead of the clock, and otherwise says the same, is left as it is. */
  readonly mayStay: boolean
}

/** The entry of an instance, when it is there and no tombstone. */
export function liveEntry(ring: RingDesc, id: string): InstanceDesc | undefined {
  const entry = ring.get(id)
  return entry === undefined || entry.isTombstone ? undefined : entry
}

/** What an entry shall be remembered by. */
export function remember(entry: InstanceDesc): Remembered {
  const { tokens, readOnly, readOnlyUpdatedTimestamp, unknown } = entry
  return { tokens, readOnly, readOnlyUpdatedTimestamp, unknown }
}

/**
 * The ring with our entry in it. One that is there keeps its registered timestamp, even 0, and its read-only flag; one
 * that is not is registered now: whoever reads shuffle shards must know that others served our keys in between.
 */
export function writeEntry(
  ring: RingDesc,
  plan: EntryPlan,
  remembered: Remembered | undefined,
  wallNow: UnixMs,
): RingDesc {
  const { instance, state, held, aheadSeconds, mayStay } = plan
  const existing = ring.get(instance.id)
  const known = liveEntry(ring, instance.id)
  const now = Math.floor(wallNow / 1000)
  const entry = new InstanceDesc({
    ...(known?.fields() ?? remembered ?? {}),
    addr: instance.address,
    timestamp: existing === undefined ? now + aheadSeconds : stamp(existing, wallNow),
    state,
    tokens: filledUp(ring, plan, held),
    zone: instance.zone ?? '',
    registeredTimestamp: known?.registeredTimestamp ?? now,
    id: instance.id,
    versions: instance.versions ?? new Map(),
  })
  const stays = mayStay && known !== undefined && known.timestamp > now && saysTheSame(known, entry)
  return stays ? ring : ring.with([[instance.id, entry]])
}

/**
 * The time of our next version: now, or just after the stored one, so that two changes within a second, or a clock
 * that was set back, do not lose the second one; never further ahead than peers believe (ring spec 8.4, 13.2).
 */
export function stamp(stored: InstanceDesc, wallNow: UnixMs): number {
  const now = Math.floor(wallNow / 1000)
  if (isImplausible(stored, wallNow)) return now
  const limit = Math.floor((wallNow + MAX_SKEW_MS) / 1000)
  return Math.max(now, Math.min(Number(stored.timestamp) + 1, limit))
}

function filledUp(ring: RingDesc, { instance, tokenCount, generator }: EntryPlan, held: Uint32Array): Uint32Array {
  if (held.length >= tokenCount) return held
  const taken = new Set<number>(held)
  for (const [name, entry] of ring)
    if (name !== instance.id && !entry.isTombstone) for (const token of entry.tokens) taken.add(token)
  return tokenList([...held, ...generator.generate(tokenCount - held.length, taken)])
}

/** Whether two versions of an entry differ in their time only. */
function saysTheSame(a: InstanceDesc, b: InstanceDesc): boolean {
  return equalBytes(encodeInstance(a), encodeInstance(b.with({ timestamp: a.timestamp })))
}
