/**
 * The gossip key-value store without I/O: no sockets, no timers, no clock. Inputs and times go in, effects and the
 * next deadline come out (kv spec 1-3). The composer only routes; the merge rule is in `merge.ts`, and each timer,
 * table and count has a file of its own.
 */
import type { ChangeNote, ChangeOrigin } from './change.ts'
import type { AnyValueType, UnixMs } from './contract.ts'
import { Entry, encodeEntryPair, fieldsOf, isEncodable, NEVER } from './entry.ts'
import { EntryTable } from './entry-table.ts'
import { type ForeignPair, ForeignPairs } from './foreign.ts'
import type { KvPair } from './frames.ts'
import { encodeFullState } from './full-state.ts'
import type { KvDeadline, KvEffect, KvInput, KvOutcome, PairChannel } from './input.ts'
import { type Incoming, type MergeVerdict, mergeEntry } from './merge.ts'
import { Notifier } from './notifier.ts'
import { DEFAULT_OBSOLETE_TIMEOUT_MS } from './purge.ts'
import { DEFAULT_HINT_GRACE_MS, Recovery } from './recovery.ts'
import { TypeRegistry } from './registry.ts'
import { asUnixMs } from './time.ts'
import { DEFAULT_TOMBSTONE_TIMEOUT_MS, type KeyTombstones } from './tombstones.ts'
import { pushNotes, settle, type Turn } from './turn.ts'

/** Keys a store may hold, unless told otherwise. An HA tracker has tens of thousands (kv spec 9.4). */
export const DEFAULT_MAX_KEYS = 262_144

/** What a machine may be told. Times in milliseconds. */
export interface KvMachineOptions {
  /** Age at which tombstones inside values are dropped. 0 keeps them. Default 5 minutes (kv spec 3.8). */
  readonly leftIngestersTimeoutMs?: number
  /** Age at which deleted keys are purged; well above the push/pull interval. 0: never. Default 5 minutes (kv spec 3.7). */
  readonly obsoleteEntriesTimeoutMs?: number
  /** Collect changes for so long before watchers hear of them. Default 0: at once (kv spec 1.6). */
  readonly notifyIntervalMs?: number
  /** Keys held at most; pairs of further keys are dropped and counted. Default {@link DEFAULT_MAX_KEYS}. */
  readonly maxKeys?: number
  /** How long others have to offer a key before an old snapshot counts (see {@link KvInput} `restore`). Default 60 s. */
  readonly hintGraceMs?: number
  /** Name under which local edits are made: no other store may have it, nor this one after a restart (see `counter`). Default: none. */
  readonly writer?: string
  /** Which codecs may leave this node, by gossip or in full state. Default: all. */
  readonly maySend?: (codecId: string) => boolean
}

/** The store's state machine. See the file's comment. */
export class KvMachine {
  readonly #tombstoneTimeoutMs: number
  readonly #maxKeys: number
  readonly #maySend: (codecId: string) => boolean
  readonly #types = new TypeRegistry()
  readonly #entries: EntryTable
  readonly #foreign = new ForeignPairs()
  readonly #writer: string
  readonly #recovery: Recovery
  readonly #notifier: Notifier
  #stopped = false

  /** See {@link KvMachineOptions} for defaults. */
  constructor(options: KvMachineOptions = {}) {
    this.#tombstoneTimeoutMs = options.leftIngestersTimeoutMs ?? DEFAULT_TOMBSTONE_TIMEOUT_MS
    this.#maxKeys = options.maxKeys ?? DEFAULT_MAX_KEYS
    this.#maySend = options.maySend ?? (() => true)
    this.#writer = options.writer ?? ''
    this.#notifier = new Notifier(options.notifyIntervalMs ?? 0)
    const obsoleteMs = options.obsoleteEntriesTimeoutMs ?? DEFAULT_OBSOLETE_TIMEOUT_MS
    this.#entries = new EntryTable(obsoleteMs)
    const forgetting = [this.#tombstoneTimeoutMs, obsoleteMs].filter((timeoutMs) => timeoutMs > 0)
    this.#recovery = new Recovery(
      forgetting.length === 0 ? 0 : Math.min(...forgetting),
      options.hintGraceMs ?? DEFAULT_HINT_GRACE_MS,
    )
  }

  /** The only door in. `now` is monotonic milliseconds, `wallNow` the wall clock. Never throws on remote input. */
  handle(input: KvInput, now: number, wallNow: UnixMs): readonly KvEffect[] {
    const turn: Turn = { now, wallNow, effects: [] }
    switch (input.kind) {
      case 'declare':
        this.#declare(input.type, turn)
        break
      case 'write':
        this.#write(input, turn)
        break
      case 'delete':
        this.#delete(input.key, turn)
        break
      case 'remote-pair':
        this.#receive(input, turn)
        break
      case 'restore':
        for (const pair of this.#recovery.restore(input.pairs, input.takenAt, now, wallNow)) this.#restore(pair, turn)
        break
      case 'use-hints':
        this.#useHints(input.key, turn)
        break
      case 'deadline':
        this.#fire(turn)
        break
      case 'stop':
        this.#stopped = true
        break
    }
    return turn.effects
  }

  /** When to send a `deadline` input, and why. */
  nextDeadline(): KvDeadline | undefined {
    let next: KvDeadline | undefined
    for (const [reason, at] of [
      ['notify', this.#notifier.at],
      ['expiry', this.#entries.expiryAt],
      ['purge', this.#entries.purgeAt],
      ['hints', this.#recovery.at],
    ] as const)
      if (at !== undefined && (next === undefined || at < next.at)) next = { at, reason }
    return next
  }

  /** The stored entry of a key, deleted ones included until they are purged. */
  entry(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** Every stored entry, in order of first arrival. */
  entries(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  /** Grows with each change of what is stored. */
  get revision(): number {
    return this.#entries.revision
  }

  /** Keys of a snapshot that do not count yet, and when they did (`restore`). */
  get hints(): Recovery['hints'] {
    return this.#recovery.hints
  }

  /** Number of keys, deleted ones included. */
  get size(): number {
    return this.#entries.size
  }

  /** The declared type of a codec id. */
  type(codecId: string): AnyValueType | undefined {
    return this.#types.get(codecId)
  }

  /** Values whose codec nobody declared: kept for display only. */
  foreign(): IterableIterator<ForeignPair> {
    return this.#foreign.values()
  }

  /** Bytes kept of {@link foreign} values. */
  get foreignBytes(): number {
    return this.#foreign.bytes
  }

  /** Tombstones inside values, for each key that has or had some. */
  tombstones(): IterableIterator<[string, KeyTombstones]> {
    return this.#entries.tombstones()
  }

  /** Keys whose notification waits for the interval. */
  get pendingNotifications(): number {
    return this.#notifier.size
  }

  /** Every entry that can be encoded, as pairs, whoever may see it: what a snapshot holds. */
  pairs(onSkipped?: (key: string, cause: unknown) => void): readonly Uint8Array[] {
    return this.#pairs(() => true, onSkipped)
  }

  /**
   * Our part of a push/pull: each entry that may be sent, from its cached bytes. An entry that its type cannot encode
   * is left out and handed to `onSkipped` (kv spec 2.4).
   */
  fullState(onSkipped?: (key: string, cause: unknown) => void): Uint8Array {
    return encodeFullState(this.#pairs(this.#maySend, onSkipped))
  }

  /** Entries that others may see, and that can be encoded. */
  sendable(): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => this.#maySend(entry.type.codecId) && isEncodable(entry))
  }

  #pairs(wants: (codecId: string) => boolean, onSkipped?: (key: string, cause: unknown) => void): Uint8Array[] {
    const pairs: Uint8Array[] = []
    for (const entry of this.#entries.values()) {
      if (!wants(entry.type.codecId)) continue
      try {
        pairs.push(entry.pair)
      } catch (cause) {
        onSkipped?.(entry.key, cause)
      }
    }
    return pairs
  }

  #declare(type: AnyValueType, turn: Turn): void {
    if (!this.#types.add(type)) return
    this.#foreign.forgetCodec(type.codecId)
    turn.effects.push({ kind: 'declared', codecId: type.codecId })
    for (const pair of this.#recovery.declared(type.codecId)) this.#restore(pair, turn)
  }

  #write(input: Extract<KvInput, { kind: 'write' }>, turn: Turn) {
    const { key, codecId, mode, state, expectedVersion } = input
    const type = this.#types.get(codecId)
    const version = this.#entries.get(key)?.version ?? 0
    if (key === '') return settle(turn, key, 'empty-key', 0)
    if (type === undefined) return settle(turn, key, 'unknown-codec', version)
    if (expectedVersion > 0 && expectedVersion !== version) return settle(turn, key, 'version-mismatch', version)
    const writer = this.#writer
    this.#settleMerge(key, { type, state, mode, writer, deleted: false, deletedAt: NEVER }, 'local', turn)
  }

  /** A deletion merges the value with itself, so normally the whole value becomes the change (kv spec 3.6). */
  #delete(key: string, turn: Turn) {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.deleted) return settle(turn, key, 'unchanged', entry?.version ?? 0)
    const { type, state } = entry
    // Spread as a relayed change: shutting down neither waits for it nor is held up by it.
    const deletion = { deleted: true, deletedAt: asUnixMs(Math.floor(turn.wallNow)) }
    this.#settleMerge(key, { type, state, mode: 'merge', writer: undefined, ...deletion }, 'relayed', turn)
  }

  #settleMerge(key: string, incoming: Incoming, spreadAs: 'local' | 'relayed', turn: Turn): void {
    const { outcome, cause, change } = this.#merge(key, incoming, spreadAs, 'local', turn)
    settle(turn, key, outcome, this.#entries.get(key)?.version ?? 0, cause, change)
  }

  #receive({ pair, channel, member }: Extract<KvInput, { kind: 'remote-pair' }>, turn: Turn): void {
    const { key, codecId } = pair
    const { outcome, cause, state } = this.#mergePair(pair, channel, turn)
    if (outcome === 'stored') this.#recovery.take(key)
    const type = this.#types.get(codecId)
    const deletedAt = pair.deleted ? pair.updateTimeMs : undefined
    const testimony =
      member === undefined || state === undefined || type === undefined
        ? {}
        : { testimony: { member, key, type, state, isWhole: channel === 'full-state', deletedAt } }
    const why = cause === undefined ? {} : { cause }
    turn.effects.push({ kind: 'received', key, codecId, channel, outcome, ...why, ...testimony })
  }

  #mergePair(pair: KvPair, channel: PairChannel, turn: Turn): Merging {
    if (pair.key === '') return { outcome: 'empty-key' }
    const type = this.#types.get(pair.codecId)
    if (type === undefined) {
      // A broadcast is a mere change; showing it as the value would be a lie.
      if (channel === 'full-state' && pair.codecId !== '') this.#foreign.keep(pair, turn.wallNow)
      return { outcome: 'unknown-codec' }
    }
    let state: unknown
    try {
      state = type.decode(pair.value.length === 0 ? emptyMessage : pair.value)
    } catch (cause) {
      return { outcome: 'decode-failed', cause }
    }
    const entries = type.implausible?.(state, turn.wallNow) ?? []
    if (entries.length > 0) turn.effects.push({ kind: 'implausible', key: pair.key, codecId: pair.codecId, entries })
    const { deleted, updateTimeMs: deletedAt } = pair
    const incoming = { type, state, mode: 'merge', writer: undefined, deleted, deletedAt } as const
    return { ...this.#merge(pair.key, incoming, 'relayed', 'remote', turn, pair), state }
  }

  /** `received`: the pair that the incoming state came in. */
  #merge(
    key: string,
    incoming: Incoming,
    spreadAs: 'local' | 'relayed',
    origin: ChangeOrigin,
    turn: Turn,
    received?: KvPair,
  ): Merging {
    const current = this.#entries.get(key)
    if (current === undefined && this.#entries.size >= this.#maxKeys) return { outcome: 'store-full' }
    let merged: MergeVerdict
    try {
      merged = mergeEntry(key, current, incoming, turn.wallNow, this.#tombstoneTimeoutMs)
    } catch (cause) {
      return { outcome: 'merge-failed', cause }
    }
    if (merged.verdict === 'unchanged' || merged.verdict === 'type-mismatch') return { outcome: merged.verdict }
    let payload: Uint8Array | undefined
    try {
      payload = this.#payload(merged, merged.change === incoming.state ? received : undefined)
    } catch (cause) {
      // An edit that can reach nobody is refused. What a peer sent is kept: only this node cannot pass it on.
      if (origin === 'local') return { outcome: 'encode-failed', cause }
      turn.effects.push({ kind: 'broadcast-dropped', key, cause })
    }
    this.#entries.set(merged.entry, merged.tombstones, turn.now, turn.wallNow)
    this.#notify(merged.entry, merged.change, origin, turn)
    if (payload !== undefined && merged.verdict === 'stored') {
      const { names, entry } = merged
      turn.effects.push({ kind: 'broadcast', item: { key, names, version: entry.version, class: spreadAs, payload } })
    }
    return { outcome: merged.verdict, change: merged.change }
  }

  /** The bytes to spread: only the change. Nothing while stopped, nor of a codec that stays here. */
  #payload(merged: Effective, asReceived: KvPair | undefined): Uint8Array | undefined {
    const { entry, change } = merged
    if (merged.verdict !== 'stored' || this.#stopped || !this.#maySend(entry.type.codecId)) return undefined
    if (asReceived) return encodeEntryPair(entry, asReceived.value)
    return change === entry.state ? entry.pair : encodeEntryPair(entry, entry.type.encode(change))
  }

  #notify(entry: Entry, change: unknown, origin: ChangeOrigin, turn: Turn): void {
    const { key, type, version, deleted } = entry
    const note: ChangeNote = { key, type, change, version, deleted, origin }
    pushNotes(this.#notifier.add(note, turn.now, turn.wallNow), turn)
  }

  /** A pair of a snapshot counts: merged like a peer's, except that a deleted key is there again, too, and that nobody is told. */
  #restore(pair: KvPair, turn: Turn): void {
    const { key, codecId, deleted, updateTimeMs } = pair
    const type = this.#types.get(codecId)
    if (type === undefined) return this.#recovery.hold(pair)
    const current = this.#entries.get(key)
    const received = (outcome: KvOutcome, cause?: unknown) => {
      const why = cause === undefined ? {} : { cause }
      turn.effects.push({ kind: 'received', key, codecId, channel: 'snapshot', outcome, ...why })
    }
    try {
      const isGone = current === undefined && deleted
      const state = type.decode(pair.value.length === 0 ? emptyMessage : pair.value)
      const incoming = { type, state, mode: 'merge', writer: undefined, deleted: deleted && !isGone } as const
      const merged = mergeEntry(
        key,
        current,
        { ...incoming, deletedAt: updateTimeMs },
        turn.wallNow,
        this.#tombstoneTimeoutMs,
      )
      if (merged.verdict !== 'stored' && merged.verdict !== 'shrunk') return received(merged.verdict)
      const entry = isGone ? new Entry({ ...fieldsOf(merged.entry), deleted, deletedAt: updateTimeMs }) : merged.entry
      this.#entries.set(entry, merged.tombstones, turn.now, turn.wallNow)
      this.#notify(entry, merged.change, 'snapshot', turn)
      received(merged.verdict)
    } catch (cause) {
      received('decode-failed', cause)
    }
  }

  #useHints(key: string | undefined, turn: Turn): void {
    const pair = key === undefined ? undefined : this.#recovery.take(key)
    const pairs = key === undefined ? this.#recovery.takeAll() : pair ? [pair] : []
    for (const each of pairs) this.#restore(each, turn)
  }

  #fire(turn: Turn) {
    const deadline = this.nextDeadline()
    if (deadline === undefined || deadline.at > turn.now) return
    switch (deadline.reason) {
      case 'notify':
        return pushNotes(this.#notifier.flush(), turn)
      case 'expiry':
        // It disappears here as it does everywhere, so nobody is told but watchers.
        for (const { next, change } of this.#entries.expire(turn.now, turn.wallNow))
          this.#notify(next, change, 'expiry', turn)
        return
      case 'purge':
        for (const key of this.#entries.purge(turn.now, turn.wallNow)) turn.effects.push({ kind: 'purged', key })
        return
      case 'hints':
        return this.#useHints(undefined, turn)
    }
  }
}

/** A verdict after which something is stored. */
type Effective = Extract<MergeVerdict, { readonly verdict: 'stored' | 'shrunk' }>

interface Merging {
  readonly outcome: KvOutcome
  readonly cause?: unknown
  readonly change?: unknown
  /** What a peer's pair held, if it could be read. */
  readonly state?: unknown
}

/** What an absent value means: the empty protobuf message as a snappy block (kv spec 2.5). */
const emptyMessage = Uint8Array.of(0)
