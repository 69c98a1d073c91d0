/** How checkers and experiments watch a cluster. */
import type { Effect, Input } from '@hearsay/membership'
import type { Part } from '@hearsay/wire'
import type { SimNode } from './node.ts'

/** What happened to a member as a process. */
export type LifecycleStep = 'start' | 'crash' | 'restart' | 'stall' | 'resume' | 'leave' | 'retire'

/**
 * What became of a packet. Every one is `sent`; then each copy of it is `lost` by chance or because the receiver's queue
 * was full, `cut` where the way was, `delivered`, or found `nobody`. `duplicated`: a second copy goes.
 */
export type PacketFate = 'sent' | 'lost' | 'cut' | 'duplicated' | 'delivered' | 'nobody'

/**
 * What became of a stream. `opened` once the connection stands; `cut` and `stalled` when for the first time something did
 * not get through; last of all `answered`, or `refused`, or `failed` for whatever reason.
 */
export type StreamFate = 'opened' | 'refused' | 'cut' | 'stalled' | 'answered' | 'failed'

/** Is told everything, synchronously and in order. All times are the world's. */
export interface Observer {
  beforeInput?(node: SimNode, input: Input, now: number): void
  /** Before the effects are performed. */
  afterInput?(node: SimNode, input: Input, effects: readonly Effect[], now: number): void
  lifecycle?(node: SimNode, what: LifecycleStep, now: number): void
  packet?(from: SimNode, to: SimNode | undefined, fate: PacketFate, parts: readonly Part[], now: number): void
  stream?(from: SimNode, to: SimNode | undefined, fate: StreamFate, now: number): void
  /** The run is over. */
  end?(now: number): void
}

/** Observers by what they want to hear: nobody who does not listen costs anything. */
export class Observers implements Required<Observer> {
  readonly #all: Observer[] = []
  readonly #before: Observer[] = []
  readonly #after: Observer[] = []
  readonly #lifecycle: Observer[] = []
  readonly #packet: Observer[] = []
  readonly #stream: Observer[] = []

  add(observer: Observer): void {
    this.#all.push(observer)
    if (observer.beforeInput) this.#before.push(observer)
    if (observer.afterInput) this.#after.push(observer)
    if (observer.lifecycle) this.#lifecycle.push(observer)
    if (observer.packet) this.#packet.push(observer)
    if (observer.stream) this.#stream.push(observer)
  }

  beforeInput(node: SimNode, input: Input, now: number): void {
    for (let at = 0; at < this.#before.length; at++) this.#before[at]!.beforeInput!(node, input, now)
  }

  afterInput(node: SimNode, input: Input, effects: readonly Effect[], now: number): void {
    for (let at = 0; at < this.#after.length; at++) this.#after[at]!.afterInput!(node, input, effects, now)
  }

  lifecycle(node: SimNode, what: LifecycleStep, now: number): void {
    for (const observer of this.#lifecycle) observer.lifecycle!(node, what, now)
  }

  packet(from: SimNode, to: SimNode | undefined, fate: PacketFate, parts: readonly Part[], now: number): void {
    for (let at = 0; at < this.#packet.length; at++) this.#packet[at]!.packet!(from, to, fate, parts, now)
  }

  stream(from: SimNode, to: SimNode | undefined, fate: StreamFate, now: number): void {
    for (const observer of this.#stream) observer.stream!(from, to, fate, now)
  }

  end(now: number): void {
    for (const observer of this.#all) observer.end?.(now)
  }
}
