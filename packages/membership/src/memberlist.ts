/** `Memberlist`: membership as people call it. It composes the machine, the turn and the rim, and holds no protocol. */
import type { Listening } from '@hearsay/transport'
import {
  encryptionOverheadBytes,
  type Keyring,
  labelOverheadBytes,
  MAX_STREAM_USER_BYTES,
  parseAddress,
} from '@hearsay/wire'
import { Audience, type Listeners, type Message } from './audience.ts'
import type { Delegate, DelegateHost } from './delegate.ts'
import type { Effect } from './effect.ts'
import { MemberlistError } from './errors.ts'
import type { Input, Outcome, RequestId, SeedOutcome } from './input.ts'
import { type JoinResult, joinSeeds } from './joining.ts'
import { Machine } from './machine.ts'
import type { Member, MemberEvent } from './member.ts'
import { Counters, type MemberlistMetrics } from './metrics.ts'
import { checkOptions, type MemberlistOptions, type MemberlistSettings } from './options.ts'
import { droppable, Requests } from './requests.ts'
import { TransportRim } from './rim.ts'
import { type NodeSystem, nodeSystem } from './system.ts'
import { Turn } from './turn.ts'

/** 2020-01-01 UTC, from which the default incarnation counts seconds. */
const EPOCH_2020_MS = Date.UTC(2020, 0, 1)
const DEFAULT_LEAVE_TIMEOUT_MS = 20_000
const DEFAULT_META_TIMEOUT_MS = 10_000

/**
 * One member of a cluster. Make it, `use` delegates, `start` it, `join`; in the end `leave` and `close`.
 */
export class Memberlist {
  readonly #options: MemberlistOptions
  readonly #settings: MemberlistSettings
  readonly #system: NodeSystem
  readonly #counters = new Counters()
  readonly #requests = new Requests()
  readonly #audience: Audience
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
    this.#system = options.system ?? nodeSystem()
    this.#audience = new Audience(this.#counters, options.logger)
  }

  /** Lets something ride on the gossip: `memberlist.use(kv.delegate())`. Throws `ALREADY_STARTED` after `start`. */
  use(delegate: Delegate): this {
    if (this.#starting) throw new MemberlistError('ALREADY_STARTED', 'use() comes before start()')
    this.#audience.use(delegate)
    return this
  }

  /** Listens and begins. Rejects with the transport's error when the address cannot be had. */
  async start(): Promise<void> {
    if (this.#closing) throw closed()
    if (this.#starting) throw new MemberlistError('ALREADY_STARTED', 'start() was already called')
    this.#starting = true
    const {
      transport,
      labelMode = 'strict',
      compression = 'lzw',
      streamCompression = 'if-smaller',
      maxDecompressedBytes = 40 * 1024 * 1024,
      logger,
    } = this.#options
    const { tuning, label, encryption } = this.#settings
    const rim = new TransportRim({
      transport,
      system: this.#system,
      counters: this.#counters,
      logger,
      label,
      labelMode,
      encryption,
      compression,
      streamCompression,
      maxDecompressedBytes,
      streamTimeoutMs: tuning.streamTimeoutMs,
      input: (input) => this.#turn?.input(input),
      deliver: (effect) => this.#deliver(effect),
    })
    // Packets that arrive before the machine exists are lost, as on any network; the own record comes first (DIV-7).
    const listening = await transport.listen(rim)
    if (this.#closing) throw closed()
    this.#listening = listening
    this.#rim = rim
    this.#machine = this.#makeMachine(listening)
    this.#turn = new Turn(this.#machine, rim, this.#system, tuning.probe.timeoutMs, {
      fault: (error, input) => this.#fault(error, input),
      overload: () => this.#counters.drops.add('overload'),
    })
    const host: DelegateHost = {
      broadcast: (item) => this.#turn?.input({ kind: 'broadcast', item }),
      memberCount: () => this.#machine?.memberCount() ?? 1,
    }
    this.#audience.attach(host)
    this.#turn.input({ kind: 'start' })
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
   * was called off after one was joined. Rejects: `ABORTED` when called off before, `CLOSED`.
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

  async #send(to: string, payload: Uint8Array, reliable: boolean, signal: AbortSignal | undefined): Promise<void> {
    const { turn } = this.#running()
    // Peers drop the one and refuse the other without a word (wire spec 3.6, S21 and S23).
    if (reliable && payload.length === 0) throw new MemberlistError('EMPTY', 'an empty message is not delivered')
    if (reliable && payload.length > MAX_STREAM_USER_BYTES)
      throw new MemberlistError('TOO_LARGE', `${payload.length} bytes; at most ${MAX_STREAM_USER_BYTES} are taken`)
    const own = payload.slice()
    const outcome = expectOutcome(
      await this.#requests.make((request) => turn.input({ kind: 'send', request, to, payload: own, reliable }), signal),
      'send',
    )
    if (outcome.result === 'sent') return
    const codes = { 'unknown-member': 'UNKNOWN_MEMBER', 'too-large': 'TOO_LARGE', failed: 'SEND_FAILED' } as const
    throw new MemberlistError(codes[outcome.result], outcome.reason ?? `sending to ${to} failed`)
  }

  /**
   * Gossips bytes: this member tells `retransmitMultiplier × digits of n` members; nobody passes them on. A newer one of
   * the same key replaces one that is still queued.
   */
  broadcast(key: string, payload: Uint8Array): void {
    this.#running().turn.input({
      kind: 'broadcast',
      item: { key, names: [], version: 0, class: 'user', payload: payload.slice() },
    })
  }

  /** Announces new metadata. Resolves when it was spread, or nobody is there to be told. Rejects: `META_TOO_LONG`, `LEFT`, `TIMEOUT`. */
  async updateMeta(
    meta: Uint8Array,
    {
      timeoutMs = DEFAULT_META_TIMEOUT_MS,
      signal,
    }: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const { turn } = this.#running()
    const outcome = await this.#requests.make(
      (request) => turn.input({ kind: 'update-meta', request, meta, timeoutMs }),
      signal,
    )
    if (expectOutcome(outcome, 'update-meta').result === 'timeout')
      throw new MemberlistError('TIMEOUT', `the new metadata was not spread within ${timeoutMs} ms`)
  }

  /** Pings one member directly; the round-trip time in milliseconds. Rejects: `UNKNOWN_MEMBER`, `NO_ANSWER`. */
  async ping(name: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
    const { turn, machine } = this.#running()
    const member = machine.member(name)
    if (!member) throw new MemberlistError('UNKNOWN_MEMBER', `no member is called ${name}`)
    const outcome = expectOutcome(
      await this.#requests.make(
        (request) => turn.input({ kind: 'ping', request, node: name, address: member.address }),
        signal,
      ),
      'ping',
    )
    if (outcome.result !== 'answered') throw new MemberlistError('NO_ANSWER', `${name} did not answer`)
    return outcome.rttMs ?? 0
  }

  /** Says good-bye: others record this member as left, not as failed. Resolves when it was spread or `timeoutMs` (20 s) is over. */
  async leave({
    timeoutMs = DEFAULT_LEAVE_TIMEOUT_MS,
    signal,
  }: {
    readonly timeoutMs?: number
    readonly signal?: AbortSignal
  } = {}): Promise<void> {
    const { turn } = this.#running()
    await this.#requests.make((request) => turn.input({ kind: 'leave', request, timeoutMs }), signal)
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
    const { messagesIn, messagesOut, drops, dropsByPeer, ignored, events, ...numbers } = this.#counters
    return {
      ...numbers,
      messagesIn: messagesIn.snapshot(),
      messagesOut: messagesOut.snapshot(),
      drops: drops.snapshot(),
      dropsByPeer: dropsByPeer.snapshot(),
      ignored: ignored.snapshot(),
      events: events.snapshot(),
      members: this.#machine?.memberCount() ?? 0,
      healthScore: this.healthScore,
      queued: this.#machine?.queueDepths() ?? {},
    }
  }

  async #join(seeds: readonly string[], signal: AbortSignal | undefined): Promise<JoinResult> {
    this.#running()
    const contact = (address: string): Promise<SeedOutcome> => this.#contact(address, signal)
    return joinSeeds(seeds, { resolver: this.#system.resolver, contact }, signal)
  }

  async #contact(address: string, signal: AbortSignal | undefined): Promise<SeedOutcome> {
    const { turn } = this.#running()
    const begin = (request: RequestId): void => turn.input({ kind: 'join', request, addresses: [address] })
    return expectOutcome(await this.#requests.make(begin, signal), 'join').seeds[0]!
  }

  /** A bug of ours: counted and told, and whoever waits for the input is not left waiting. */
  #fault(error: unknown, input: Input): void {
    this.#counters.faults++
    this.#options.logger?.error('a fault inside membership', { input: input.kind, error: errorText(error) })
    if ('request' in input)
      this.#requests.fail(input.request, error instanceof Error ? error : new Error(String(error)))
  }

  async #close(): Promise<void> {
    this.#turn?.input({ kind: 'stop' })
    this.#turn?.stop()
    this.#rim?.stop()
    this.#requests.rejectAll(closed())
    this.#audience.end()
    await this.#options.transport.close()
  }

  #makeMachine(listening: Listening): Machine {
    const { name, tuning, label, encryption, meta, versions, allowed } = this.#settings
    const advertised = parseAddress(listening.advertised)!
    const bound = parseAddress(listening.bound)!
    return new Machine({
      self: { name, address: advertised.ip, port: advertised.port, meta, versions },
      bindPort: bound.port,
      tuning,
      packet: {
        budgetBytes: this.#options.transport.packetBudgetBytes,
        overheadBytes: () => labelOverheadBytes(label) + encryptionOverheadBytes(encryption),
      },
      ...(allowed.isEmpty ? {} : { isAllowed: (ip: Uint8Array) => allowed.contains(ip) }),
      initialIncarnation:
        this.#options.initialIncarnation ?? Math.max(1, Math.floor((this.#system.wallNow() - EPOCH_2020_MS) / 1000)),
      random: () => this.#system.random(),
      localState: (join) => this.#audience.localState(join),
      ...(this.#options.policy ? { policy: this.#options.policy } : {}),
    })
  }

  #deliver(effect: Effect): void {
    switch (effect.kind) {
      case 'event':
        return this.#audience.event(effect.event)
      case 'user-message':
        return this.#audience.message(effect.payload, effect.source)
      case 'remote-state':
        return this.#audience.remoteState(effect.state, effect.join, effect.source)
      case 'settle':
        return this.#requests.settle(effect.request, effect.outcome)
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

function expectOutcome<Type extends Outcome['type']>(outcome: Outcome, type: Type): Extract<Outcome, { type: Type }> {
  if (outcome.type === 'rejected')
    throw new MemberlistError(outcome.code === 'STOPPED' ? 'CLOSED' : outcome.code, outcome.reason)
  if (outcome.type !== type) throw new Error(`an outcome of ${outcome.type} for ${type}`)
  return outcome as Extract<Outcome, { type: Type }>
}

const closed = (): MemberlistError => new MemberlistError('CLOSED', 'this member was closed')
const notStarted = (): MemberlistError => new MemberlistError('NOT_STARTED', 'call start() first')
const errorText = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
