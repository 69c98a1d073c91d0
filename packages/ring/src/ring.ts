import { RingError } from './errors.ts'
import { RingDesc } from './instance-ring/model.ts'
import { InstanceState, stateNumber } from './instance-ring/state.ts'
import type { InstanceView } from './instance-view.ts'
import { Lifecycler, type LifecyclerEffect, type LifecyclerInput } from './lifecycler/lifecycler.ts'
import type { RingInstanceOptions } from './lifecycler/own-entry.ts'
import { type Operation, type OperationName, operations } from './operations.ts'
import type { ReplicationSet } from './replication.ts'
import { changeBetween, type RingChange } from './ring-change.ts'
import { ringDesc } from './ring-desc-type.ts'
import type { RingLogger, RingStore } from './ring-store.ts'
import { RingView, type RingViewOptions } from './ring-view.ts'
import { type Disarm, nodeSystem, type RingSystem } from './system.ts'
import { randomTokens, type TokenGenerator } from './tokens/random-tokens.ts'

/** What a ring may be told. Times in milliseconds. */
export interface RingOptions extends RingViewOptions {
  /** The store's key, such as `collectors/ring`. */
  readonly key: string
  readonly store: RingStore
  /** Who we are in this ring. Nothing is registered before {@link Ring.join}. */
  readonly instance: RingInstanceOptions
  /** Between our heartbeats. Default 15,000; well below the heartbeat timeout. */
  readonly heartbeatPeriodMs?: number
  /** Default: silent. */
  readonly logger?: RingLogger
  /** Clocks, timers and chance. Default: those of Node. */
  readonly system?: RingSystem
}

/** How to take part. Times in milliseconds. */
export interface JoinOptions {
  /** Tokens to hold; more of them spread the keys more evenly. 0: in the ring, but owning nothing. Default 128. */
  readonly tokens?: number
  /** The state to register with. Default ACTIVE. */
  readonly state?: 'ACTIVE' | 'JOINING' | 'PENDING'
  /** Resolve only after the tokens stayed ours for so long. Default 0. */
  readonly observePeriodMs?: number
  /** Where the tokens come from. Default: at random. */
  readonly generator?: TokenGenerator
}

/** How to look replicas up. */
export interface ReplicaOptions {
  /** What the lookup is for. Default `write`. */
  readonly op?: OperationName | Operation
  /** Replicas wanted this once; the strategy has to support more than the ring's own. */
  readonly replicationFactor?: number
}

/** Whose a key is. */
export interface KeyOwner {
  /** Who shall do its work: the first healthy ACTIVE instance in ring order from the key. */
  readonly instance: InstanceView
  /** Whether that is us. */
  readonly isLocal: boolean
  /** That instance and those that come after it, as many as the replication factor, or all there are. */
  readonly replicas: readonly InstanceView[]
}

/** The rest of the world waits for one of these. */
interface Waiting {
  readonly promise: Promise<void>
  resolve(): void
  reject(error: RingError): void
}

/**
 * A hash ring in a gossip store: reading it needs no registration, {@link join} takes part. String keys are hashed
 * with 32-bit FNV-1a over UTF-8, for ever.
 */
export class Ring {
  /** The store's key. */
  readonly key: string
  /** Who we are in this ring. */
  readonly instance: RingInstanceOptions
  readonly #options: RingOptions
  readonly #store: RingStore
  readonly #system: RingSystem
  readonly #heartbeatPeriodMs: number
  readonly #closing = new AbortController()
  #lifecycler: Lifecycler | undefined
  #joining: Waiting | undefined
  #leaving: Waiting | undefined
  #disarm: Disarm | undefined
  #viewed: { readonly ring: RingDesc; readonly view: RingView } | undefined

  /** Throws {@link RingError} OPTION_INVALID. Declares the type of rings to the store, if it wants to be told. */
  constructor(options: RingOptions) {
    this.#options = options
    this.key = options.key
    this.instance = options.instance
    this.#store = options.store
    this.#system = options.system ?? nodeSystem
    this.#heartbeatPeriodMs = options.heartbeatPeriodMs ?? 15_000
    if (options.key === '') throw new RingError('OPTION_INVALID', 'key: empty')
    if (options.instance.id === '') throw new RingError('OPTION_INVALID', 'instance.id: empty')
    if (!(this.#heartbeatPeriodMs > 0))
      throw new RingError('OPTION_INVALID', `heartbeatPeriodMs: not above 0: ${options.heartbeatPeriodMs}`)
    // A view of nothing checks the options of reading.
    new RingView(RingDesc.empty, this.#system.wallNow(), options)
    this.#store.declare?.(ringDesc)
  }

  /** Whether our entry is in the ring, or on its way in. */
  get isJoined(): boolean {
    return this.#lifecycler !== undefined && this.#leaving === undefined
  }

  /**
   * Registers this instance and keeps it registered. Resolves when the store has it. Throws {@link RingError}:
   * ALREADY_JOINED; OPTION_INVALID; JOIN_FAILED when the store never took it; NOT_JOINED when {@link leave} came
   * first; CLOSED.
   */
  async join(options: JoinOptions = {}): Promise<void> {
    this.#demandOpen()
    if (this.#lifecycler !== undefined)
      throw new RingError('ALREADY_JOINED', `${this.instance.id} takes part in ${this.key} already`)
    const { tokens = 128, state = 'ACTIVE', observePeriodMs = 0 } = options
    if (!Number.isInteger(tokens) || tokens < 0 || tokens > 65_536)
      throw new RingError('OPTION_INVALID', `tokens: not a whole number from 0 to 65536: ${tokens}`)
    const number = stateNumber(state)
    if (number === undefined || number === InstanceState.LEFT || number === InstanceState.LEAVING)
      throw new RingError('OPTION_INVALID', `state: not a state to join with: ${state}`)
    this.#joining = waiting()
    this.#lifecycler = new Lifecycler({
      instance: this.instance,
      state: number,
      tokenCount: tokens,
      generator: options.generator ?? randomTokens(() => this.#system.random()),
      heartbeatPeriodMs: this.#heartbeatPeriodMs,
      observePeriodMs,
    })
    const { promise } = this.#joining
    this.#turn({ kind: 'start' })
    return promise
  }

  /**
   * Takes this instance out of the ring; nothing happens when it is not in it. Throws {@link RingError} LEAVE_FAILED
   * when the store never took the removal, CLOSED when the ring was closed first.
   */
  async leave(): Promise<void> {
    if (this.#lifecycler === undefined) return
    if (this.#leaving === undefined) {
      this.#joining?.reject(new RingError('NOT_JOINED', `${this.instance.id} left ${this.key} before it had joined`))
      this.#joining = undefined
      this.#leaving = waiting()
      const { promise } = this.#leaving
      this.#turn({ kind: 'leave' })
      return promise
    }
    return this.#leaving.promise
  }

  /** The ring as it is now, for any number of lookups that have to agree. */
  view(): RingView {
    const ring = this.#store.get(this.key, ringDesc) ?? RingDesc.empty
    const wallNow = this.#system.wallNow()
    const viewed = this.#viewed
    if (viewed?.ring === ring && wallNow >= viewed.view.wallNow && wallNow < viewed.view.validUntil) return viewed.view
    const view = new RingView(ring, wallNow, this.#options, viewed?.view)
    this.#viewed = { ring, view }
    return view
  }

  /** Every instance of the ring, in byte order of the ids. */
  instances(): readonly InstanceView[] {
    return this.view().instances
  }

  /**
   * Whose a key is: who shall do its work. An instance that is not ACTIVE, or whose heartbeat is too old, is passed
   * over in favour of the next one. `undefined` when there is nobody.
   */
  owner(key: string | number, options: { readonly replicationFactor?: number } = {}): KeyOwner | undefined {
    const replicas = this.view().preferred(key, options.replicationFactor)
    const instance = replicas[0]
    return instance && { instance, isLocal: instance.id === this.instance.id, replicas }
  }

  /**
   * The replicas of a key with a quorum, exactly as dskit finds them. Throws {@link RingError}: EMPTY_RING,
   * NOT_ENOUGH_REPLICAS, REPLICATION_FACTOR_UNSUPPORTED.
   */
  replicas(key: string | number, options: ReplicaOptions = {}): ReplicationSet {
    const { op = 'write', replicationFactor } = options
    return this.view().get(key, typeof op === 'string' ? operations[op] : op, { replicationFactor })
  }

  /** A fingerprint of what the ring says; see {@link RingView.hash}. */
  hash(): string {
    return this.view().hash()
  }

  /**
   * What changes in the ring from this call on, heartbeats aside; several changes may come as one. Ends with the
   * signal and when the ring is closed.
   */
  changes(options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<RingChange> {
    this.#demandOpen()
    const { signal: closing } = this.#closing
    const signal = options.signal === undefined ? closing : AbortSignal.any([options.signal, closing])
    // Both at once, not when the first change is asked for: nothing may happen in between.
    return this.#differences(this.view(), this.#store.watch(this.key, { signal }))
  }

  /** Stops heartbeats and ends what waits, without leaving: peers will see the entry time out. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    this.#disarm?.()
    this.#lifecycler = undefined
    const closed = new RingError('CLOSED', `the ring ${this.key} was closed`)
    this.#joining?.reject(closed)
    this.#leaving?.reject(closed)
  }

  /** The same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async *#differences(start: RingView, notes: AsyncIterable<unknown>): AsyncGenerator<RingChange, void, undefined> {
    let before = start
    for await (const _ of notes) {
      const view = this.view()
      const change = changeBetween(before, view)
      before = view
      if (change !== undefined) yield change
    }
  }

  /** One input, its effects, the next deadline. */
  #turn(input: LifecyclerInput): void {
    const lifecycler = this.#lifecycler
    if (lifecycler === undefined) return
    for (const effect of lifecycler.handle(input, this.#system.now(), this.#system.wallNow()))
      this.#do(lifecycler, effect)
    this.#arm()
  }

  #do(lifecycler: Lifecycler, effect: LifecyclerEffect): void {
    const { logger } = this.#options
    switch (effect.kind) {
      case 'edit':
        void this.#edit(lifecycler, effect.edit)
        break
      case 'joined':
        this.#joining?.resolve()
        this.#joining = undefined
        break
      case 'left':
        this.#end()
        break
      case 'failed':
        this.#end(effect)
        break
      case 'heartbeat-failed':
        logger?.warn('a heartbeat did not get into the ring', { ring: this.key, error: String(effect.cause) })
        break
      case 'tokens-lost':
        logger?.warn('another instance holds tokens of ours', { ring: this.key, count: effect.count })
        break
    }
  }

  async #edit(lifecycler: Lifecycler, edit: (ring: RingDesc) => RingDesc): Promise<void> {
    let outcome: LifecyclerInput
    try {
      await this.#store.update(this.key, ringDesc, edit)
      outcome = { kind: 'edited', ring: this.#store.get(this.key, ringDesc) ?? RingDesc.empty }
    } catch (cause) {
      outcome = { kind: 'edit-failed', cause }
    }
    if (this.#lifecycler === lifecycler) this.#turn(outcome)
  }

  /** Our part in the ring is over. */
  #end(failure?: { readonly during: 'join' | 'leave'; readonly cause: unknown }): void {
    const { id } = this.instance
    this.#lifecycler = undefined
    if (failure?.during === 'join')
      this.#joining?.reject(
        new RingError('JOIN_FAILED', `${id} did not get into ${this.key}`, { cause: failure.cause }),
      )
    if (failure?.during === 'leave')
      this.#leaving?.reject(
        new RingError('LEAVE_FAILED', `${id} was not removed from ${this.key}`, { cause: failure.cause }),
      )
    this.#leaving?.resolve()
    this.#joining = undefined
    this.#leaving = undefined
  }

  #arm(): void {
    this.#disarm?.()
    const deadline = this.#lifecycler?.nextDeadline()
    if (deadline === undefined) return
    // Somebody who waits must not see the process end; heartbeats alone do not keep it running.
    const isAwaited = this.#joining !== undefined || this.#leaving !== undefined
    this.#disarm = this.#system.arm(
      deadline.at - this.#system.now(),
      // A timer may fire early: the machine then does nothing, and the same deadline is armed again.
      () => this.#turn({ kind: 'deadline' }),
      isAwaited,
    )
  }

  #demandOpen(): void {
    if (this.#closing.signal.aborted) throw new RingError('CLOSED', `the ring ${this.key} was closed`)
  }
}

function waiting(): Waiting {
  let settle: Pick<Waiting, 'resolve' | 'reject'> | undefined
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...settle! }
}
