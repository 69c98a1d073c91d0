/**
 * One process of a member, from its start to its end: the machine of production behind the turn of production, with the
 * world as its system and the network as its rim.
 */
import {
  type Deadline,
  type Driven,
  type Effect,
  type Input,
  type Machine,
  type Rim,
  type System,
  Turn,
} from '@hearsay/membership'
import type { Clock } from './clock.ts'
import type { Task } from './event-heap.ts'
import { PacketFlight } from './flight.ts'
import { Inbox } from './inbox.ts'
import type { Network } from './network.ts'
import type { SimNode } from './node.ts'
import type { Observers } from './observer.ts'
import type { Port } from './ports.ts'
import { type StreamGround, Streams } from './streams.ts'
import type { Trace } from './trace.ts'
import { effectRecord, inputRecord } from './trace-records.ts'
import { TICKS_PER_MS, type World } from './world.ts'

/** What all lives of a cluster stand on. */
export interface Stage extends StreamGround {
  readonly world: World
  readonly network: Network
  readonly observers: Observers
  readonly trace: Trace
  /** Packets that turns refused because too many waited. */
  overload(): void
}

/** What a life is made from. */
export interface LifeOptions {
  readonly stage: Stage
  readonly node: SimNode
  readonly clock: Clock
  readonly port: Port
  /** Makes its machine. Called in the constructor, last of all: time and turn are there. */
  readonly machine: (life: Life) => Machine
  readonly probeTimeoutMs: number
  /** Reads what has arrived before anybody is judged (DIV-20). */
  readonly drainsBeforeVerdicts: boolean
  readonly onEffect: ((effect: Effect) => void) | undefined
}

/** Packets that a process reads before its other callbacks get their turn, as Node does. */
const PACKETS_PER_ROUND = 32

const rethrow = (error: unknown): void => {
  throw error
}

/** A process. */
export class Life implements Driven, Rim, System, Task {
  readonly node: SimNode
  readonly port: Port
  readonly machine: Machine
  readonly turn: Turn
  readonly streams: Streams
  activity = 0
  receivedBytes = 0
  isRunning = true
  readonly #stage: Stage
  readonly #clock: Clock
  readonly #onEffect: ((effect: Effect) => void) | undefined
  readonly #inbox: Inbox
  /** It is stalled, or has not read all that arrived meanwhile: what arrives waits behind that. */
  #isBehind = false
  /** It does not run until it is resumed. */
  #stalled = false
  /** Timers that fell due meanwhile, in order. */
  #late: (() => void)[] = []
  /** What it had asked to be called for after the next look at the sockets. */
  #soon: (() => void)[] = []
  /** The same, as long as the world has not called back for it; one call for each. */
  readonly #asked: (() => void)[] = []
  readonly #nextAsked = (): void => {
    const callback = this.#asked.shift()!
    if (this.#stalled) this.#soon.push(callback)
    else if (this.isRunning) callback()
  }
  /** The one timer that a turn has: by the own clock, by the world's, and what then. */
  #timerAt = 0
  #timerDueAt = 0
  #timer: (() => void) | undefined
  /** When the world calls next; later calls may come, and are ignored. */
  #calledAt = Number.POSITIVE_INFINITY
  readonly #disarm = (): void => {
    this.#timer = undefined
  }

  constructor({ stage, node, clock, port, machine, probeTimeoutMs, drainsBeforeVerdicts, onEffect }: LifeOptions) {
    this.#stage = stage
    this.node = node
    this.#clock = clock
    this.port = port
    this.#onEffect = onEffect
    this.#inbox = new Inbox(stage.network.receiveQueue)
    this.streams = new Streams(stage, this)
    const watcher = { fault: rethrow, overload: stage.overload }
    this.turn = new Turn(this, this, this, probeTimeoutMs, watcher, { drainsBeforeVerdicts })
    this.machine = machine(this)
  }

  // What the turn drives.

  handle(input: Input, now: number): readonly Effect[] {
    const { observers, trace, world } = this.#stage
    observers.beforeInput(this.node, input, world.now)
    trace.begin(world.now * TICKS_PER_MS, this.node.index, inputRecord(trace, input))
    const effects = this.machine.handle(input, now)
    observers.afterInput(this.node, input, effects, world.now)
    return effects
  }

  nextDeadline(): Deadline | undefined {
    return this.machine.nextDeadline()
  }

  // Its system.

  now(): number {
    return this.#clock.now
  }

  arm(delayMs: number, callback: () => void): () => void {
    this.#timer = callback
    this.#timerAt = this.#clock.now + delayMs
    this.#callAfter(delayMs / this.#clock.rate)
    return this.#disarm
  }

  afterIo(callback: () => void): void {
    this.#asked.push(callback)
    this.#stage.world.afterIo(this.#nextAsked)
  }

  /** A timer beside the one of the turn; the result calls it off. */
  after(delayMs: number, callback: () => void): () => void {
    let isOff = false
    const ring = (): void => {
      if (!isOff && this.isRunning) callback()
    }
    const cancel = this.#stage.world.schedule(delayMs / this.#clock.rate, () => {
      if (this.#stalled) this.#late.push(ring)
      else ring()
    })
    return () => {
      // A late one is no longer the world's to call off.
      isOff = true
      cancel()
    }
  }

  /** The clock changed its rate: the timer goes by the clock. */
  retime(): void {
    if (this.#timer) this.#callAfter(Math.max(0, this.#timerAt - this.#clock.now) / this.#clock.rate)
  }

  /** The world calls for the timer. */
  fire(): void {
    const { now } = this.#stage.world
    if (now !== this.#calledAt) return
    this.#calledAt = Number.POSITIVE_INFINITY
    if (!this.#timer || !this.isRunning) return
    if (this.#timerDueAt > now) return this.#callAfter(this.#timerDueAt - now)
    if (this.#stalled) this.#late.push(() => this.#ring())
    else this.#ring()
  }

  // Its rim.

  perform(effect: Effect): void {
    const { network, trace } = this.#stage
    switch (effect.kind) {
      case 'send-packet': {
        const to = network.port(effect.to)
        trace.number(to.id)
        trace.number(effect.parts.length)
        network.send(this, to, effect.parts, effect.checksum)
        break
      }
      case 'open-stream':
        effectRecord(trace, effect)
        this.streams.open(effect)
        break
      case 'close-stream':
        effectRecord(trace, effect)
        this.streams.close(effect.exchange, effect.reply)
        break
      case 'abandon-stream':
        this.streams.abandon(effect.exchange)
        break
      default:
        effectRecord(trace, effect)
    }
    this.#onEffect?.(effect)
  }

  // What its machine's system does for it.

  /** Whether its system can take one more packet. */
  get hasRoom(): boolean {
    return !this.#isBehind || this.#inbox.hasRoom
  }

  /** A packet arrived; there must be room for it. */
  receive(flight: PacketFlight): void {
    if (this.#isBehind) this.#inbox.put(flight)
    else this.#read(flight)
  }

  /** Something else arrived. `lost` is called when the process ends before it reads it. */
  deliver(open: () => void, lost?: () => void): void {
    if (!this.isRunning) return lost?.()
    if (this.#isBehind) return this.#inbox.put({ open, lost })
    this.activity++
    open()
  }

  stall(): void {
    this.#stalled = this.#isBehind = true
  }

  /** It runs again: late timers first, then what arrived, in rounds, and between them whatever asked for that. */
  resume(): void {
    this.#stalled = false
    for (const callback of this.#late.splice(0)) if (this.isRunning) callback()
    for (const callback of this.#soon.splice(0)) this.afterIo(callback)
    this.#readRound()
  }

  /** It ends without a word. */
  stop(): void {
    if (!this.isRunning) return
    this.isRunning = false
    this.#stalled = false
    this.turn.stop()
    this.streams.stop()
    this.#late = []
    this.#soon = []
    for (let item = this.#inbox.take(); item; item = this.#inbox.take())
      if (item instanceof PacketFlight) this.#stage.network.release(item)
      else item.lost?.()
  }

  #read(flight: PacketFlight): void {
    this.activity++
    this.receivedBytes += flight.sizeBytes
    this.turn.input(this.#stage.network.read(flight))
  }

  #readRound(): void {
    for (let count = 0; count < PACKETS_PER_ROUND && this.isRunning && !this.#stalled; count++) {
      const item = this.#inbox.take()
      if (item === undefined) break
      if (item instanceof PacketFlight) this.#read(item)
      else {
        this.activity++
        item.open()
      }
    }
    this.#isBehind = this.#stalled || !this.#inbox.isEmpty
    if (this.isRunning && this.#isBehind && !this.#stalled) this.afterIo(() => this.#readRound())
  }

  #ring(): void {
    const callback = this.#timer
    this.#timer = undefined
    callback?.()
  }

  #callAfter(delayMs: number): void {
    const { world } = this.#stage
    this.#timerDueAt = world.due(delayMs)
    if (this.#timerDueAt >= this.#calledAt) return
    this.#calledAt = this.#timerDueAt
    world.post(delayMs, this)
  }
}
