/** Who listens to a member: delegates, listeners and event streams. What any of them throws goes no further. */
import type { Delegate, DelegateHost, MergeRequest, MessageSource } from './delegate.ts'
import { EventStream } from './event-stream.ts'
import { ListenerList } from './listener-list.ts'
import type { Logger } from './logger.ts'
import type { Member, MemberEvent } from './member.ts'
import type { Counters } from './metrics.ts'
import { Notices } from './notices.ts'
import type { System } from './turn.ts'

/** A user message, with a copy of its bytes. */
export interface Message extends MessageSource {
  readonly payload: Uint8Array
}

/** Callbacks by what they are told. */
export interface Listeners {
  message: (message: Message) => void
  member: (event: MemberEvent) => void
}

const noBytes = new Uint8Array(0)

/** What an audience needs. */
export interface AudienceOptions {
  readonly counters: Counters
  readonly logger: Logger | undefined
  readonly system: Pick<System, 'afterIo'>
  /** Records there are. */
  readonly recordCount: () => number
}

/** Strangers' code around a member, and the guard in front of it. */
export class Audience {
  readonly #options: AudienceOptions
  readonly #notices: Notices
  readonly #delegates: Delegate[] = []
  readonly #streams = new Set<EventStream<MemberEvent>>()
  readonly #messageListeners = new ListenerList<Message>()
  readonly #memberListeners = new ListenerList<MemberEvent>()
  #over = false

  constructor(options: AudienceOptions) {
    this.#options = options
    this.#notices = new Notices(options.system, () => void options.counters.noticesHurried++)
  }

  use(delegate: Delegate): void {
    this.#delegates.push(delegate)
  }

  attach(host: DelegateHost): void {
    for (const delegate of this.#delegates) this.#guard(() => delegate.attach?.(host))
  }

  /** Whether any delegate has a hook. */
  has(hook: keyof Delegate): boolean {
    return this.#delegates.some((delegate) => delegate[hook] !== undefined)
  }

  add<Type extends keyof Listeners>(type: Type, listener: Listeners[Type]): void {
    if (type === 'message') this.#messageListeners.add(listener as Listeners['message'])
    else this.#memberListeners.add(listener as Listeners['member'])
  }

  remove<Type extends keyof Listeners>(type: Type, listener: Listeners[Type]): void {
    if (type === 'message') this.#messageListeners.remove(listener as Listeners['message'])
    else this.#memberListeners.remove(listener as Listeners['member'])
  }

  /** Membership events from now on, until the signal or the end. */
  stream(signal?: AbortSignal): EventStream<MemberEvent> {
    const { counters, recordCount } = this.#options
    const stream = new EventStream<MemberEvent>(
      { ended: (ended) => this.#streams.delete(ended), lost: () => void counters.eventsLost++, room: recordCount },
      signal,
    )
    if (this.#over) stream.end()
    else if (!signal?.aborted) this.#streams.add(stream)
    return stream
  }

  /** Begins to tell: whoever waits for the start hears of it first. */
  open(): void {
    this.#notices.open()
  }

  /** Tells what is still to be told, ends every event stream, and those that are asked for later. */
  end(): void {
    this.#over = true
    this.#notices.flush()
    for (const stream of [...this.#streams]) stream.end()
  }

  event(event: MemberEvent): void {
    this.#options.counters.events.add(event.type)
    for (const stream of this.#streams) stream.push(event)
    this.#tell(this.#memberListeners, event)
    const { claimedBy } = event
    if (claimedBy === undefined || !this.has('conflict')) return
    this.#notices.push(() => this.#each((delegate) => delegate.conflict?.(event.member, claimedBy)))
  }

  /** `payload` is lent: delegates copy what they keep, listeners get a copy. */
  message(payload: Uint8Array, source: MessageSource): void {
    this.#each((delegate) => delegate.onMessage?.(payload, source))
    if (this.#messageListeners.all.length === 0) return
    this.#tell(this.#messageListeners, { ...source, payload: payload.slice() }, payload.length)
  }

  remoteState(state: Uint8Array, join: boolean, source: MessageSource): void {
    this.#each((delegate) => delegate.mergeRemoteState?.(state, join, source))
  }

  /** `payload` is lent. */
  pinged(member: Member, rttMs: number, payload: Uint8Array): void {
    if (!this.has('onPing')) return
    const own = payload.slice()
    this.#notices.push(() => this.#each((delegate) => delegate.onPing?.(member, rttMs, own)))
  }

  /** The state of the first delegate that has one. */
  localState(join: boolean): Uint8Array {
    return this.#first((delegate) => delegate.localState?.(join))
  }

  /** The metadata of the first delegate that has any; `undefined` when none has. */
  meta(): Uint8Array | undefined {
    const meta = this.#first((delegate) => delegate.meta?.())
    return meta.length > 0 ? meta : undefined
  }

  /** What the first delegate that has anything says to a ping. More than `maxBytes` counts as nothing. */
  pingPayload(maxBytes: number): Uint8Array {
    const payload = this.#first((delegate) => delegate.pingPayload?.())
    if (payload.length <= maxBytes) return payload
    this.#failed(new Error(`pingPayload() gave ${payload.length} bytes; at most ${maxBytes} are sent`))
    return noBytes
  }

  /** Whether every delegate believes it. */
  believes(member: Member): boolean {
    return this.#delegates.every((delegate) => {
      if (!delegate.alive) return true
      const answer: unknown = this.#guard(() => delegate.alive?.(member) ?? true)
      // The claim is judged now: an answer that comes later is none.
      if (answer instanceof Promise) this.#failed(new Error('alive() has to answer at once, and gave a promise'))
      return answer === true
    })
  }

  /** Whether every delegate takes these members' state, each asked in turn until one does not. */
  async takes(members: readonly Member[], request: MergeRequest): Promise<boolean> {
    for (const delegate of this.#delegates) {
      if (!delegate.merge) continue
      try {
        if ((await delegate.merge(members, request)) === false) return false
      } catch (error) {
        this.#failed(error)
        return false
      }
    }
    return true
  }

  #tell<T>(listening: ListenerList<T>, told: T, sizeBytes = 0): void {
    const listeners = listening.all
    if (listeners.length === 0) return
    this.#notices.push(() => {
      // Whoever was taken away in the meantime is not called any more.
      for (const listener of listeners) if (listening.all.includes(listener)) this.#guard(() => listener(told))
    }, sizeBytes)
  }

  #each(call: (delegate: Delegate) => unknown): void {
    for (const delegate of this.#delegates) this.#guard(() => call(delegate))
  }

  #first(ask: (delegate: Delegate) => Uint8Array | undefined): Uint8Array {
    for (const delegate of this.#delegates) {
      const answer = this.#guard(() => ask(delegate))
      if (answer && answer.length > 0) return answer
    }
    return noBytes
  }

  #guard<T>(call: () => T): T | undefined {
    try {
      const result = call()
      // A hook may be an async function although nobody waits for it: its failure must not end the process.
      if (result instanceof Promise) result.catch((error: unknown) => this.#failed(error))
      return result
    } catch (error) {
      this.#failed(error)
      return undefined
    }
  }

  #failed(error: unknown): void {
    this.#options.counters.delegateErrors++
    this.#options.logger?.error('a hook of the application threw', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
}
