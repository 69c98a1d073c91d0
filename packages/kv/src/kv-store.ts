import { Alarm } from './alarm.ts'
import { Bulletin } from './bulletin.ts'
import {
  type CasOptions,
  type CasPort,
  compareAndSet,
  type Decide,
  demandType,
  failing,
  type UpdateResult,
  writeError,
} from './cas.ts'
import type { AnyValueType, ValueType } from './contract.ts'
import { Counters, type KvMetrics } from './counters.ts'
import type { KvDelegate } from './delegate.ts'
import { KvError } from './errors.ts'
import type { KvStoreEvents } from './events.ts'
import type { ForeignPair } from './foreign.ts'
import { MessageHistory, receivedFacts, sentFacts } from './history.ts'
import { Inbox } from './inbox.ts'
import { Inflow } from './inflow.ts'
import type { KvEffect, KvInput } from './input.ts'
import { describe, hintOf, type KvEntry, type KvEntryInfo, type KvHint } from './listing.ts'
import { type KvStoreOptions, resolveOptions } from './options.ts'
import { Outflow } from './outflow.ts'
import { type Propagation, type PropagationOptions, Propagations } from './propagation.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts'
import { KvMachine } from './store.ts'
import { storeDelegate } from './store-delegate.ts'
import { type KvSystem, randomName } from './system.ts'
import type { KvChange, WatchOptions } from './watchers.ts'

/** Peers asked for their state when a type is declared after the start. */
const DECLARE_PUSH_PULL_PEERS = 2

/**
 * A key-value store of mergeable values that gossips: reads are local, writes merge and spread. Give its
 * {@link delegate} to a memberlist. Errors are of class KvError.
 */
export class KvStore {
  readonly #system: KvSystem
  readonly #machine: KvMachine
  readonly #counters = new Counters()
  readonly #inbox: Inbox
  readonly #inflow: Inflow
  readonly #outflow = new Outflow(this.#counters)
  readonly #propagations: Propagations
  readonly #history: MessageHistory
  readonly #closing = new AbortController()
  readonly #watchPrefixBufferSize: number
  readonly #casPort: CasPort
  readonly #bulletin: Bulletin
  readonly #alarm: Alarm

  /** Throws OPTION_INVALID, naming every bad option. */
  constructor(options: KvStoreOptions = {}) {
    const resolved = resolveOptions(options)
    this.#system = resolved.system
    this.#machine = new KvMachine({ ...options, writer: options.writer ?? randomName() })
    this.#bulletin = new Bulletin({ entry: (key) => this.#machine.entry(key), wallNow: () => this.#system.wallNow() })
    this.#alarm = new Alarm(this.#system, {
      nextAt: () => (this.closing.aborted ? undefined : this.#machine.nextDeadline()?.at),
      fire: () => void this.#turn({ kind: 'deadline' }),
    })
    this.#watchPrefixBufferSize = resolved.watchPrefixBufferSize
    this.#propagations = new Propagations(this.#system)
    this.#inbox = new Inbox(resolved.inboxPairsPerKey)
    this.#history = new MessageHistory(resolved.messageHistoryBytes)
    this.#inflow = new Inflow(this.#system, this.#counters, this.#inbox, resolved.mergeSliceMs, (item) => {
      const effects = this.#turn({ kind: 'remote-pair', ...item })
      if (this.#history.isOn) this.#history.received(receivedFacts(item, effects, this.#system.wallNow()))
    })
    this.#casPort = {
      system: this.#system,
      counters: this.#counters,
      closing: this.closing,
      entry: (key) => {
        this.#demandOpen()
        return this.#machine.entry(key)
      },
      write: (mode, key, codecId, state, expectedVersion) => this.#write(mode, key, codecId, state, expectedVersion),
    }
    for (const type of resolved.types) this.declare(type)
  }

  /**
   * Makes a value type known. Of several with one codec id the first stands. Pairs that came before were dropped, so a
   * late declaration asks the host for push/pulls with two peers.
   */
  declare(type: AnyValueType): void {
    this.#demandOpen()
    const effects = this.#turn({ kind: 'declare', type })
    if (effects.length > 0) this.#outflow.requestPushPull(DECLARE_PUSH_PULL_PEERS)
  }

  /** The declared type of a codec id. */
  type(codecId: string): AnyValueType | undefined {
    return this.#machine.type(codecId)
  }

  /**
   * The value of a key without tombstones; `undefined` when unknown. A deleted key keeps its value until the purge
   * (kv spec 3.4). With a type, throws CODEC_MISMATCH when the value is of another.
   */
  get(key: string): unknown
  get<State>(key: string, type: ValueType<State>): State | undefined
  get(key: string, type?: AnyValueType): unknown {
    const entry = this.#machine.entry(key)
    if (type !== undefined) demandType(key, entry, type)
    return entry?.visible
  }

  /** Everything about a key. */
  entry(key: string): KvEntry | undefined {
    const entry = this.#machine.entry(key)
    return entry && { ...describe(entry), type: entry.type, state: entry.state }
  }

  /** Keys, deleted ones included, that begin with `prefix`. */
  keys(prefix = ''): string[] {
    return Array.from(this.#machine.entries(), (entry) => entry.key).filter((key) => key.startsWith(prefix))
  }

  /** Every key, without its value. */
  entries(): KvEntryInfo[] {
    return Array.from(this.#machine.entries(), describe)
  }

  /** Values of undeclared codecs that peers hold: to look at only. */
  foreign(): readonly ForeignPair[] {
    return [...this.#machine.foreign()]
  }

  /**
   * Changes a value: `fn` gets the current one, or the type's empty one, and returns the wanted one. What was there
   * and is missing from it becomes a tombstone. Runs again when somebody wrote meanwhile, up to `attempts` times. A
   * value that changes nothing is success with `changed: false`. What `fn` throws is thrown.
   */
  async update<State>(
    key: string,
    type: ValueType<State>,
    fn: (state: State) => State | Promise<State>,
    options: Pick<CasOptions, 'attempts' | 'signal'> = {},
  ): Promise<UpdateResult> {
    this.#demandWritable(key, type)
    return compareAndSet(this.#casPort, {
      ...options,
      key,
      type,
      decide: (current) => fn(current ?? type.empty()),
      onNoChange: 'resolve',
    })
  }

  /**
   * The reference's compare-and-set (kv spec 3.5): as {@link update}, but `fn` gets `undefined` for an unknown key and
   * may return `undefined` to leave the value; no change is tried again after a second and fails with CAS_NO_CHANGE;
   * what `fn` throws fails at once with CAS_FAILED. `expectVersion` makes it conditional: PRECONDITION_FAILED.
   */
  async cas<State>(
    key: string,
    type: ValueType<State>,
    fn: Decide<State>,
    options: CasOptions = {},
  ): Promise<UpdateResult> {
    this.#demandWritable(key, type)
    const decide = failing(key, fn)
    return compareAndSet(this.#casPort, { ...options, key, type, decide, onNoChange: 'retry' })
  }

  /** Merges a value in. Nothing is removed by it. */
  async mergeIn<State>(key: string, type: ValueType<State>, state: State): Promise<UpdateResult> {
    this.#demandWritable(key, type)
    return resultOf(this.#write('merge', key, type.codecId, state, 0), type.codecId)
  }

  /**
   * Marks a key for deletion. Its value can be read until the purge; a peer that does not know the key does not pass
   * the deletion on (kv spec 3.6), so remove the entries of a value before its key. Unknown or deleted: nothing happens.
   */
  async delete(key: string): Promise<UpdateResult> {
    this.#demandOpen()
    return resultOf(settledOf(this.#turn({ kind: 'delete', key })), this.#machine.entry(key)?.type.codecId ?? '')
  }

  /**
   * Changes of a key, or of all keys with a prefix, from this call on (not what is there already). A slow consumer
   * gets one change for each key, the newest. Ends with its signal and with the store.
   */
  watch<State = unknown>(name: string, options: WatchOptions = {}): AsyncIterableIterator<KvChange<State>> {
    this.#demandOpen()
    const prefix = options.prefix ?? (name === '' || name.endsWith('/'))
    const bufferSize = prefix ? this.#watchPrefixBufferSize : 1
    const watch = this.#bulletin.watch({ name, prefix }, bufferSize, options.signal)
    return watch as AsyncIterableIterator<KvChange<State>>
  }

  /** Calls a listener for each event. Returns the store. What a listener throws is thrown outside of the store. */
  on<Name extends keyof KvStoreEvents>(name: Name, listener: (...args: KvStoreEvents[Name]) => void): this {
    this.#bulletin.on(name, listener)
    return this
  }

  /** Calls a listener no more. */
  off<Name extends keyof KvStoreEvents>(name: Name, listener: (...args: KvStoreEvents[Name]) => void): this {
    this.#bulletin.off(name, listener)
    return this
  }

  /** What membership calls: `memberlist.use(store.delegate())`. */
  delegate(): KvDelegate {
    return storeDelegate({
      inflow: this.#inflow,
      outflow: this.#outflow,
      propagations: this.#propagations,
      closing: this.closing,
      localState: () => this.#localState(),
    })
  }

  /**
   * Resolves when this share of the other members is proven to have what the key holds now, or something newer in its place; alone,
   * at once. An update itself is only local. Proof is a member's own state, or a change that it passes on; members that have
   * given none are asked for an exchange of states. Members that come or go meanwhile count as they are. Rejects:
   * NOT_PROPAGATED, with what was `reached`, when the signal aborts or the store is closed; NO_HOST; KEY_UNKNOWN.
   */
  async whenPropagated(key: string, options: PropagationOptions = {}): Promise<Propagation> {
    this.#demandOpen()
    const entry = this.#machine.entry(key)
    if (entry === undefined) throw new KvError('KEY_UNKNOWN', `${JSON.stringify(key)}: no such key is stored`)
    const { type, deleted, deletedAt } = entry
    const subject = { key, type, state: options.change ?? entry.state, deletedAt: deleted ? deletedAt : undefined }
    return this.#propagations.wait(subject, options)
  }

  /** The last messages, when `messageHistoryBytes` says that they are kept. */
  get history(): MessageHistory {
    return this.#history
  }

  /** Everything that is stored, to outlive this process: give it to {@link restore} of the next. */
  snapshot(): Uint8Array {
    return encodeSnapshot(this.#machine.pairs(), this.#system.wallNow())
  }

  /**
   * Takes what an earlier process had; throws SNAPSHOT_DAMAGED. Up to the age for which tombstones are kept it is merged at once.
   * What is older are {@link hints}, since entries that were removed meanwhile would come back: they count when nobody has
   * offered the key within `hintGraceMs`, or when it is written to.
   */
  restore(snapshot: Uint8Array): void {
    this.#demandOpen()
    this.#turn({ kind: 'restore', ...decodeSnapshot(snapshot) })
  }

  /** Keys of an old snapshot that do not count yet. */
  hints(): readonly KvHint[] {
    const { takenAt, pairs } = this.#machine.hints
    const ageMs = takenAt === undefined ? 0 : this.#system.wallNow() - takenAt
    return pairs.map((pair) => hintOf(pair, this.#machine.type(pair.codecId), ageMs))
  }

  /** Lets all hints count now: nobody is there who could know better. */
  useHints(): void {
    this.#demandOpen()
    this.#turn({ kind: 'use-hints', key: undefined })
  }

  /** Grows with each change of what is stored. */
  get revision(): number {
    return this.#machine.revision
  }

  /** Resolves when all that was received so far is merged: after a join, for example. */
  idle(): Promise<void> {
    return this.#inflow.idle()
  }

  /** Resolves when every local change has used up its transmissions, or the signal aborts. True: all have. */
  flushed(signal?: AbortSignal): Promise<boolean> {
    return this.#outflow.flushed(signal)
  }

  /** Spreads nothing from now on; local edits still take place (kv spec 3.5). For the time between leaving and closing. */
  quiesce(): void {
    this.#turn({ kind: 'stop' })
  }

  /** Counters and gauges. */
  metrics(): KvMetrics {
    const machine = this.#machine
    return {
      ...this.#counters.all(),
      messagesInBroadcastQueue: this.#outflow.queued,
      messagesInBroadcastQueueBytes: this.#outflow.queuedBytes,
      storeCount: machine.size,
      valueTombstones: new Map(machine.tombstones()),
      foreignBytes: machine.foreignBytes,
      watchPrefixDroppedNotifications: new Map(this.#bulletin.dropped),
      pendingKeyNotifications: machine.pendingNotifications,
      watchers: this.#bulletin.watcherCount,
      inboxPairs: this.#inbox.size,
      inboxBytes: this.#inbox.bytes,
    }
  }

  /** Aborts when the store is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Ends watches and waits, forgets what waits to be merged, refuses further writes. What is stored can still be read. */
  close(): void {
    if (this.closing.aborted) return
    this.quiesce()
    this.#closing.abort(new KvError('STOPPED', 'the store was closed'))
    this.#alarm.stop()
    this.#inflow.close()
    this.#propagations.close(this.closing.reason)
    this.#bulletin.close()
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #write(mode: 'merge' | 'replace', key: string, codecId: string, state: unknown, expectedVersion: number): Settled {
    this.#demandOpen()
    return settledOf(this.#turn({ kind: 'write', mode, key, codecId, state, expectedVersion }))
  }

  #localState(): Uint8Array {
    const state = this.#machine.fullState((key, cause) => {
      this.#counters.observe({ kind: 'broadcast-dropped', key, cause })
    })
    this.#counters.statePulls++
    this.#counters.statePullsBytes += state.length
    if (this.#history.isOn) this.#history.sentState(this.#machine.sendable(), this.#system.wallNow())
    return state
  }

  /** One input, all its effects, and the next deadline. Whom it concerns is told last, when everything is done. */
  #turn(input: KvInput): readonly KvEffect[] {
    const effects = this.#machine.handle(input, this.#system.now(), this.#system.wallNow())
    for (const effect of effects) this.#perform(effect)
    this.#alarm.set()
    this.#bulletin.tell()
    return effects
  }

  #perform(effect: KvEffect): void {
    this.#counters.observe(effect)
    this.#bulletin.note(effect)
    if (effect.kind === 'broadcast') {
      this.#outflow.send(effect.item)
      if (this.#history.isOn) this.#history.sent(sentFacts(effect.item, this.#system.wallNow()))
    } else if (effect.kind === 'received' && effect.testimony && this.#propagations.concerns(effect.key))
      this.#propagations.hear(effect.testimony)
  }

  #demandOpen(): void {
    if (this.closing.aborted) throw this.closing.reason
  }

  #demandWritable(key: string, type: AnyValueType): void {
    this.#demandOpen()
    if (key === '') throw writeError(key, type.codecId, 'empty-key', undefined)
    if (this.#machine.type(type.codecId) === undefined) throw writeError(key, type.codecId, 'unknown-codec', undefined)
    this.#turn({ kind: 'use-hints', key })
  }
}

type Settled = Extract<KvEffect, { readonly kind: 'settled' }>

/** What an edit that is made once came to. */
function resultOf({ key, outcome, version, cause, change }: Settled, codecId: string): UpdateResult {
  if (outcome === 'stored' || outcome === 'shrunk') return { changed: true, version, attempts: 1, change }
  if (outcome === 'unchanged') return { changed: false, version, attempts: 1, change: undefined }
  throw writeError(key, codecId, outcome, cause)
}

/** A local edit is answered by exactly one `settled`, its last effect. */
const settledOf = (effects: readonly KvEffect[]): Settled => effects[effects.length - 1] as Settled
