/** `Memberlist`: membership as people call it. It composes the machine, the turn and the rim, and holds no protocol. */
import type { Listening } from '@hearsay/transport'
import type { Keyring } from '@hearsay/wire'
import { machineOptions, rimSettings } from './assembly.ts'
import { Audience, type Listeners, type Message } from './audience.ts'
import { bytes, duration, seedList } from './call-arguments.ts'
import { Calls } from './calls.ts'
import type { Delegate } from './delegate.ts'
import { Departure } from './departure.ts'
import type { Effect } from './effect.ts'
import { MemberlistError } from './errors.ts'
import { clockIncarnation, IncarnationKeeper } from './incarnation.ts'
import type { Input } from './input.ts'
import { type JoiningHost, type JoinResult, joinSeeds } from './joining.ts'
import { MAX_META_BYTES } from './limits.ts'
import { Machine } from './machine.ts'
import type { Member, MemberEvent } from './member.ts'
import { MergeDesk } from './merge-desk.ts'
import { Counters, type MemberlistMetrics } from './metrics.ts'
import { ObservedMachine } from './observed-machine.ts'
import { checkOptions, type MemberlistOptions, type MemberlistSettings } from './options.ts'
import type { SpreadResult } from './outcome.ts'
import { improved } from './policy.ts'
import { droppable } from './requests.ts'
import { TransportRim } from './rim.ts'
import { SeedMemory } from './seed-memory.ts'
import { type NodeSystem, nodeSystem } from './system.ts'
import { Turn, type TurnWatcher } from './turn.ts'

const DEFAULT_LEAVE_TIMEOUT_MS = 20_000
const DEFAULT_META_TIMEOUT_MS = 10_000

/** What a call may be told beside what it is about. */
export interface WaitOptions {
  /** How long to wait, 0 or more; `Infinity` waits for ever. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * One member of a cluster. Make it, `use` delegates, `start` it, `join`; in the end `leave` and `close`.
 */
export class Memberlist {
  readonly #options: MemberlistOptions
  readonly #settings: MemberlistSettings
  readonly #system: NodeSystem
  readonly #counters = new Counters()
  readonly #calls = new Calls((input) => this.#turn?.input(input))
  readonly #audience: Audience
  readonly #departure: Departure
  readonly #keeper: IncarnationKeeper | undefined
  readonly #mergeDesk: MergeDesk
  readonly #seeds: SeedMemory
  #machine: Machine | undefined
  #turn: Turn | undefined
  #rim: TransportRim | undefined
  #listening: Listening | undefined
  #starting = false
  #closing: Promise<void> | undefined

  /** Throws `MemberlistConfigError` with every problem of the options. */
  constructor(options: MemberlistOptions) {
    this.#settings = checkOptions(options)
    this.#options = options
    const system = options.system ?? nodeSystem()
    this.#system = system
    const { logger, incarnationStore: store } = options
    const { tuning } = this.#settings
    const counters = this.#counters
    const recordCount = (): number => this.#machine?.table.size ?? 1
    const audience = new Audience({ counters, logger, system, recordCount })
    this.#audience = audience
    this.#departure = new Departure(system)
    this.#keeper = store && new IncarnationKeeper({ store, system, counters, logger })
    this.#mergeDesk = new MergeDesk({
      audience,
      counters,
      system,
      timeoutMs: tuning.streamTimeoutMs,
      answer: (ask, accept) => this.#turn?.input({ kind: 'merge-answer', ask, accept }),
    })
    this.#seeds = new SeedMemory({
      system,
      counters,
      intervalMs: tuning.rejoin.intervalMs,
      isAlone: () => (this.#machine?.memberCount() ?? 1) <= 1,
      give: (addresses) => this.#turn?.input({ kind: 'set-seeds', addresses }),
    })
  }

  /** Lets something ride on the gossip: `memberlist.use(kv.delegate())`. Throws `ALREADY_STARTED` after `start`. */
  use(delegate: Delegate): this {
    if (this.#starting) throw new MemberlistError('ALREADY_STARTED', 'use() comes before start()')
    this.#audience.use(delegate)
    return this
  }

  /**
   * Listens and begins. Rejects with the transport's error when the address cannot be had, with `INCARNATION_STORE` when
   * the store cannot be used, with `META_TOO_LONG` when a delegate's metadata is. Nobody is told anything before it resolves.
   */
  async start(): Promise<void> {
    if (this.#closing) throw closed()
    if (this.#starting) throw new MemberlistError('ALREADY_STARTED', 'start() was already called')
    this.#starting = true
    for (const warning of this.#settings.warnings) this.#options.logger?.warn(warning)
    this.#attachDelegates()
    const meta = this.#ownMeta() ?? this.#settings.meta
    const incarnation = await this.#firstIncarnation()
    if (this.#closing) throw closed()
    const { transport } = this.#options
    const rim = new TransportRim({
      ...rimSettings(this.#options, this.#settings),
      system: this.#system,
      counters: this.#counters,
      input: (input) => this.#turn?.input(input),
      deliver: (effect) => this.#deliver(effect),
    })
    // Packets that arrive before the machine exists are lost, as on any network; the own record comes first (DIV-7).
    const listening = await transport.listen(rim)
    if (this.#closing) throw closed()
    this.#listening = listening
    this.#rim = rim
    const beginning = { listening, incarnation, meta, budgetBytes: transport.packetBudgetBytes }
    const machine = new Machine(machineOptions(this.#settings, beginning, this.#audience, this.#system))
    this.#machine = machine
    const observed = new ObservedMachine(machine, this.#counters)
    const watcher: TurnWatcher = {
      fault: (error, input) => this.#fault(error, input),
      overload: () => this.#counters.drops.add('overload'),
    }
    const drainsBeforeVerdicts = this.#options.policy?.lagAwareness ?? improved.lagAwareness
    this.#turn = new Turn(observed, rim, this.#system, this.#settings.tuning.probe.timeoutMs, watcher, {
      drainsBeforeVerdicts,
    })
    this.#turn.input({ kind: 'start' })
    this.#keeper?.follow(() => machine.self.incarnation)
    this.#audience.open()
  }

  get name(): string {
    return this.#settings.name
  }

  /** `ip:port` that peers use. */
  get address(): string {
    if (!this.#listening) throw notStarted()
    return this.#listening.advertised
  }

  /** The keys, to be changed while traffic flows. Empty: nothing is encrypted; the first key that is added turns it on. */
  get keyring(): Keyring {
    return this.#settings.encryption.keyring
  }

  /** The local member. */
  get self(): Member {
    return this.#running().machine.self
  }

  /** Snapshots of every record; dead and left ones are listed until they are forgotten. */
  members(): readonly Member[] {
    return this.#machine?.members() ?? []
  }

  /** The snapshot of one record; `undefined` when there is none. */
  member(name: string): Member | undefined {
    return this.#machine?.member(name)
  }

  /** 0 is healthy. */
  get healthScore(): number {
    return this.#machine?.healthScore ?? 0
  }

  /** What waits to be gossiped, by class. */
  queueDepths(): ReturnType<Machine['queueDepths']> {
    return this.#running().machine.queueDepths()
  }

  /**
   * Exchanges states with each seed's addresses, each address once. Resolves with what became of each seed, also when it
   * was called off after one was joined. The seeds are remembered: while nobody else is there, they are looked up and tried
   * again every `tuning.rejoin.intervalMs`. Rejects: `ABORTED` when called off before, `LEFT`, `CLOSED`.
   */
  join(seeds: readonly string[], { signal }: { readonly signal?: AbortSignal } = {}): Promise<JoinResult> {
    return droppable(this.#join(seeds, signal))
  }

  /** Membership events from now on. Ends on `signal` and when the memberlist closes. */
  events({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<MemberEvent> {
    return this.#audience.stream(signal)
  }

  /** Calls back for each message or membership event. What a listener throws is logged and counted, nothing else. */
  on(type: 'message', listener: (message: Message) => void): this
  on(type: 'member', listener: (event: MemberEvent) => void): this
  on<Type extends keyof Listeners>(type: Type, listener: Listeners[Type]): this {
    this.#audience.add(type, listener)
    return this
  }

  /** Takes a listener away. */
  off(type: 'message', listener: (message: Message) => void): this
  off(type: 'member', listener: (event: MemberEvent) => void): this
  off<Type extends keyof Listeners>(type: Type, listener: Listeners[Type]): this {
    this.#audience.remove(type, listener)
    return this
  }

  /**
   * Sends bytes to one member by name: on a stream, or, with `reliable: false`, as one packet. Resolved means handed to
   * the operating system. Rejects: `UNKNOWN_MEMBER`, `TOO_LARGE`, `EMPTY`, `SEND_FAILED`, `ABORTED`.
   */
  send(
    to: string | Pick<Member, 'name'>,
    payload: Uint8Array,
    { reliable = true, signal }: { readonly reliable?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return droppable(this.#send(typeof to === 'string' ? to : to.name, payload, reliable, signal))
  }

  /**
   * Gossips bytes: this member tells `retransmitMultiplier × digits of n` members; nobody passes them on. A newer one of
   * the same key replaces one that is still queued.
   */
  broadcast(key: string, payload: Uint8Array): void {
    this.#running().turn.input({
      kind: 'broadcast',
      item: { key, names: [], version: 0, class: 'user', payload: bytes(payload, 'payload').slice() },
    })
  }

  /**
   * Announces new metadata; without bytes, what a delegate's `meta` gives now, else the same again. It holds from now on;
   * the promise says how far the news got within `timeoutMs` (10 s). Rejects: `META_TOO_LONG`,
   * `INCARNATION_EXHAUSTED`, `LEFT`, `ABORTED`.
   */
  async updateMeta(
    meta?: Uint8Array,
    { timeoutMs = DEFAULT_META_TIMEOUT_MS, signal }: WaitOptions = {},
  ): Promise<SpreadResult> {
    const { machine } = this.#running()
    const next = meta === undefined ? (this.#ownMeta() ?? machine.self.meta) : bytes(meta, 'meta')
    return this.#calls.updateMeta(next, timeoutMs, signal)
  }

  /** Pings one member directly; the round-trip time in milliseconds. Rejects: `UNKNOWN_MEMBER`, `NO_ANSWER`. */
  async ping(name: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
    const member = this.#running().machine.member(name)
    if (!member) throw new MemberlistError('UNKNOWN_MEMBER', `no member is called ${name}`)
    return this.#calls.ping(name, member.address, signal)
  }

  /**
   * Says good-bye: others record this member as left, not as failed. Resolves when it was spread, nobody is there to be
   * told, or `timeoutMs` (20 s) is over; it holds in each case. Asked again, it waits for the same good-bye. Afterwards the
   * member still answers and listens, until it closes or comes back with `rejoin`.
   */
  leave({ timeoutMs = DEFAULT_LEAVE_TIMEOUT_MS, signal }: WaitOptions = {}): Promise<SpreadResult> {
    return droppable(this.#leave(timeoutMs, signal))
  }

  /**
   * Comes back after `leave`, above what it left with, so that others believe it at once. Rejects: `NOT_LEFT`,
   * `INCARNATION_EXHAUSTED`.
   */
  async rejoin({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#running()
    await this.#calls.rejoin(signal)
    this.#departure.undo()
  }

  /** Stops without a word. Idempotent; resolves when every timer is gone and every socket closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Counters since the start, and gauges. */
  metrics(): MemberlistMetrics {
    return this.#counters.snapshot(this.#machine)
  }

  async #send(to: string, payload: Uint8Array, reliable: boolean, signal: AbortSignal | undefined): Promise<void> {
    this.#running()
    await this.#calls.send(to, payload, reliable, signal)
  }

  async #join(seeds: readonly string[], signal: AbortSignal | undefined): Promise<JoinResult> {
    this.#running()
    this.#seeds.remember(seedList(seeds))
    const contact: JoiningHost['contact'] = async (address) => {
      this.#running()
      return this.#calls.join(address, signal)
    }
    const resolved = (seed: string, addresses: readonly string[]): void => this.#seeds.resolved(seed, addresses)
    return joinSeeds(seeds, { resolver: this.#system.resolver, contact, resolved }, signal)
  }

  /** A bug of ours: counted and told, and whoever waits for the input is not left waiting. */
  #fault(error: unknown, input: Input): void {
    this.#counters.faults++
    this.#options.logger?.error('a fault inside membership', { input: input.kind, error: errorText(error) })
    this.#calls.fail(input, error instanceof Error ? error : new Error(String(error)))
  }

  async #leave(timeoutMs: number, signal: AbortSignal | undefined): Promise<SpreadResult> {
    this.#running()
    duration(timeoutMs, 'timeoutMs')
    if (signal?.aborted) throw new MemberlistError('ABORTED', 'the departure was called off')
    return this.#departure.leave(() => this.#calls.leave(timeoutMs), { timeoutMs, signal })
  }

  async #close(): Promise<void> {
    this.#turn?.input({ kind: 'stop' })
    this.#turn?.stop()
    this.#rim?.stop()
    this.#seeds.stop()
    this.#mergeDesk.stop()
    this.#calls.end(closed())
    this.#audience.end()
    await Promise.all([this.#keeper?.close(), this.#options.transport.close()])
  }

  #firstIncarnation(): Promise<number> | number {
    const floor = this.#options.initialIncarnation ?? clockIncarnation(this.#system.wallNow())
    return this.#keeper ? this.#keeper.first(floor) : floor
  }

  #attachDelegates(): void {
    this.#audience.attach({
      broadcast: (item) => this.#turn?.input({ kind: 'broadcast', item }),
      memberCount: () => this.#machine?.memberCount() ?? 1,
      memberNames: () => this.#machine?.peerNames() ?? [],
      exchangeWith: (node) => this.#turn?.input({ kind: 'exchange', node }),
      requestPushPull: (count) => this.#turn?.input({ kind: 'push-pull', count }),
    })
  }

  /** A delegate's metadata, if any has some. */
  #ownMeta(): Uint8Array | undefined {
    const meta = this.#audience.meta()
    if (meta !== undefined && meta.length > MAX_META_BYTES)
      throw new MemberlistError(
        'META_TOO_LONG',
        `a delegate's metadata has ${meta.length} bytes; at most ${MAX_META_BYTES} are allowed`,
      )
    return meta
  }

  #deliver(effect: Effect): void {
    switch (effect.kind) {
      case 'event':
        return this.#audience.event(effect.event)
      case 'user-message':
        return this.#audience.message(effect.payload, effect.source)
      case 'remote-state':
        return this.#audience.remoteState(effect.state, effect.join, effect.source)
      case 'ping-complete':
        return this.#audience.pinged(effect.member, effect.rttMs, effect.payload)
      case 'merge-ask':
        return this.#mergeDesk.ask(effect.ask, effect.members, effect.from)
      case 'settle':
        return this.#calls.settle(effect.request, effect.outcome)
      case 'ignored':
        return this.#counters.ignored.add(effect.reason)
      case 'health':
        if (effect.score > 0) this.#options.logger?.debug('local health changed', { score: effect.score })
        return
    }
  }

  #running(): { readonly machine: Machine; readonly turn: Turn } {
    if (this.#closing) throw closed()
    if (!this.#machine || !this.#turn) throw notStarted()
    return { machine: this.#machine, turn: this.#turn }
  }
}

const closed = (): MemberlistError => new MemberlistError('CLOSED', 'this member was closed')
const notStarted = (): MemberlistError => new MemberlistError('NOT_STARTED', 'call start() first')
const errorText = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
