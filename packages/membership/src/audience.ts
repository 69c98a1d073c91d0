/** Who listens to a member: delegates, listeners and event streams. What any of them throws goes no further. */
import type { Delegate, DelegateHost, MessageSource } from './delegate.ts'
import { EventStream } from './event-stream.ts'
import type { Logger } from './logger.ts'
import type { MemberEvent } from './member.ts'
import type { Counters } from './metrics.ts'

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

/** Strangers' code around a member, and the guard in front of it. */
export class Audience {
  readonly #counters: Counters
  readonly #logger: Logger | undefined
  readonly #delegates: Delegate[] = []
  readonly #streams = new Set<EventStream<MemberEvent>>()
  readonly #listeners: { readonly [Type in keyof Listeners]: Set<Listeners[Type]> } = {
    message: new Set(),
    member: new Set(),
  }
  #over = false

  constructor(counters: Counters, logger: Logger | undefined) {
    this.#counters = counters
    this.#logger = logger
  }

  use(delegate: Delegate): void {
    this.#delegates.push(delegate)
  }

  attach(host: DelegateHost): void {
    for (const delegate of this.#delegates) this.#guard(() => delegate.attach?.(host))
  }

  add<Type extends keyof Listeners>(type: Type, listener: Listeners[Type]): void {
    this.#listeners[type].add(listener)
  }

  remove<Type extends keyof Listeners>(type: Type, listener: Listeners[Type]): void {
    this.#listeners[type].delete(listener)
  }

  /** Membership events from now on, until the signal or the end. */
  stream(signal?: AbortSignal): EventStream<MemberEvent> {
    const stream = new EventStream<MemberEvent>((ended) => this.#streams.delete(ended), signal)
    if (this.#over) stream.end()
    else if (!signal?.aborted) this.#streams.add(stream)
    return stream
  }

  /** Ends every event stream, and those that are asked for later. */
  end(): void {
    this.#over = true
    for (const stream of [...this.#streams]) stream.end()
  }

  event(event: MemberEvent): void {
    this.#counters.events.add(event.type)
    for (const stream of this.#streams) stream.push(event)
    for (const listener of this.#listeners.member) this.#guard(() => listener(event))
  }

  /** `payload` is lent: delegates copy what they keep, listeners get a copy. */
  message(payload: Uint8Array, source: MessageSource): void {
    for (const delegate of this.#delegates) this.#guard(() => delegate.onMessage?.(payload, source))
    if (this.#listeners.message.size === 0) return
    const message: Message = { ...source, payload: payload.slice() }
    for (const listener of this.#listeners.message) this.#guard(() => listener(message))
  }

  remoteState(state: Uint8Array, join: boolean, source: MessageSource): void {
    for (const delegate of this.#delegates) this.#guard(() => delegate.mergeRemoteState?.(state, join, source))
  }

  /** The state of the first delegate that has one. */
  localState(join: boolean): Uint8Array {
    for (const delegate of this.#delegates) {
      const state = delegate.localState && this.#guard(() => delegate.localState?.(join))
      if (state && state.length > 0) return state
    }
    return noBytes
  }

  #guard<T>(call: () => T): T | undefined {
    try {
      return call()
    } catch (error) {
      this.#counters.delegateErrors++
      this.#logger?.error('a hook of the application threw', {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
      return undefined
    }
  }
}
