/**
 * The turn: inputs, drain, handle, effects, one timer. It knows neither sockets nor timers nor bytes: those are the rim
 * and the system, which a simulator replaces.
 *
 * What always holds: the machine is never entered twice; every effect of an input is done before the next input is
 * taken; at most one timer is armed; after `stop` nothing is called.
 */
import { type Deadline, isVerdict } from './deadline.ts'
import type { Effect } from './effect.ts'
import type { Input } from './input.ts'

/** Time, as the turn needs it. */
export interface System {
  /** Monotonic milliseconds, with fractions. */
  now(): number
  /** Calls back once, not before about `delayMs`; returns how to call it off. */
  arm(delayMs: number, callback: () => void): () => void
  /** Calls back after one more look at the sockets. */
  afterIo(callback: () => void): void
}

/** The machine, as the turn drives it. */
export interface Driven {
  handle(input: Input, now: number): readonly Effect[]
  nextDeadline(): Deadline | undefined
}

/** Where effects become deeds. */
export interface Rim {
  /** Does one effect. What it leads to comes back as further inputs. */
  perform(effect: Effect): void
  /** Grows with everything that arrives: packets, connections, chunks, ends. */
  readonly activity: number
  /** Bytes that arrived since the start. */
  readonly receivedBytes: number
}

/** Who wants to know what must not happen. */
export interface TurnWatcher {
  /** The machine, or an effect of it, threw on `input`: a bug of ours. Everything else goes on. */
  readonly fault: (error: unknown, input: Input) => void
  /** A packet was refused because {@link WAITING_PACKETS_LIMIT} of them wait. */
  readonly overload: () => void
}

/** How a turn is taken. */
export interface TurnOptions {
  /** Read what has arrived before anybody is judged (DIV-20). Default true; false is how memberlist does it. */
  readonly drainsBeforeVerdicts?: boolean
}

/** Packets, or due timers, handled before the rest of the process gets its turn (membership spec 12.6). */
export const PACKETS_PER_TURN = 256
/** Packets that may wait; the newest is refused beyond. */
export const WAITING_PACKETS_LIMIT = 4096
/** Draining stops after this many bytes. */
export const DRAIN_LIMIT_BYTES = 16 * 1024 * 1024
/** Rounds through the event loop that must bring nothing before the sockets count as read. */
const QUIET_ROUNDS = 2
/** Share of the probe timeout that draining may take. */
const DRAIN_SHARE = 0.25
/** Timers are ordinarily that imprecise; it says nothing about the process. */
const ORDINARY_LAG_MS = 5

const deadline: Input = { kind: 'deadline' }

const unwatched: TurnWatcher = {
  fault: (error) => {
    throw error
  },
  overload: () => {},
}

interface Drain {
  readonly startedAt: number
  readonly startedBytes: number
  activity: number
  quietRounds: number
}

/** Drives one machine. */
export class Turn {
  readonly #machine: Driven
  readonly #rim: Rim
  readonly #system: System
  readonly #probeTimeoutMs: number
  readonly #watcher: TurnWatcher
  readonly #drainsBeforeVerdicts: boolean
  #inputs: Input[] = []
  #waitingPackets = 0
  #packetsLeft = PACKETS_PER_TURN
  #yielding = false
  #running = false
  #stopped = false
  #timer: { readonly at: number; readonly disarm: () => void } | undefined
  #drain: Drain | undefined
  /** Whatever had arrived by then has been handled. */
  #drainedUpTo = Number.NEGATIVE_INFINITY

  /** A quarter of `probeTimeoutMs` bounds how long draining may hold a verdict up. */
  constructor(
    machine: Driven,
    rim: Rim,
    system: System,
    probeTimeoutMs: number,
    watcher: TurnWatcher = unwatched,
    { drainsBeforeVerdicts = true }: TurnOptions = {},
  ) {
    this.#machine = machine
    this.#rim = rim
    this.#system = system
    this.#probeTimeoutMs = probeTimeoutMs
    this.#watcher = watcher
    this.#drainsBeforeVerdicts = drainsBeforeVerdicts
  }

  /** Hands an input in. From inside an effect, or behind a long burst of packets, it waits its turn. */
  input(input: Input): void {
    if (this.#stopped) return
    if (input.kind === 'packet') {
      if (this.#waitingPackets >= WAITING_PACKETS_LIMIT) return this.#watcher.overload()
      this.#waitingPackets++
    }
    this.#inputs.push(input)
    if (!this.#running) this.#run()
  }

  /** Lets nothing happen any more. Idempotent. */
  stop(): void {
    this.#stopped = true
    this.#timer?.disarm()
    this.#timer = this.#drain = undefined
    this.#inputs = []
    this.#waitingPackets = 0
  }

  #run(): void {
    this.#running = true
    let taken = 0
    try {
      for (; taken < this.#inputs.length; taken++) {
        const input = this.#inputs[taken] as Input
        if (input.kind === 'packet') {
          // Half the room is kept for the turn in which more is asked for.
          if (this.#packetsLeft <= PACKETS_PER_TURN / 2) this.#refillLater()
          if (this.#packetsLeft === 0) break
          this.#packetsLeft--
          this.#waitingPackets--
        }
        this.#handle(input)
      }
    } finally {
      this.#running = false
      if (taken >= this.#inputs.length) this.#inputs.length = 0
      else this.#inputs.splice(0, taken)
    }
    this.#rearm()
  }

  /** Others get their turn, then there is room for packets again. */
  #refillLater(): void {
    if (this.#yielding) return
    this.#yielding = true
    this.#system.afterIo(() => {
      this.#yielding = false
      this.#packetsLeft = PACKETS_PER_TURN
      if (!this.#stopped && this.#inputs.length > 0) this.#run()
    })
  }

  #handle(input: Input): void {
    let effects: readonly Effect[]
    try {
      effects = this.#machine.handle(input, this.#system.now())
    } catch (error) {
      return this.#watcher.fault(error, input)
    }
    for (const effect of effects) {
      // A listener of an earlier effect may have stopped us.
      if (this.#stopped) return
      try {
        this.#rim.perform(effect)
      } catch (error) {
        this.#watcher.fault(error, input)
      }
    }
  }

  /** One timer, never later than the next deadline. An earlier one may stay: when it goes off we look again. */
  #rearm(): void {
    if (this.#stopped || this.#drain || this.#running) return
    const next = this.#machine.nextDeadline()
    if (next && this.#timer && this.#timer.at <= next.at) return
    this.#timer?.disarm()
    this.#timer = undefined
    if (!next) return
    const disarm = this.#system.arm(Math.max(0, next.at - this.#system.now()), () => this.#wake(next.at))
    this.#timer = { at: next.at, disarm }
  }

  #wake(armedFor: number): void {
    this.#timer = undefined
    if (this.#stopped) return
    const lagMs = this.#system.now() - armedFor
    // Before anything fires: the machine must know how late it may have heard of things.
    if (lagMs >= ORDINARY_LAG_MS) this.input({ kind: 'lag', lagMs })
    this.#look()
  }

  /** Fires what is due, one deadline at a time. What is due is asked, never assumed: a timer may be early. */
  #look(): void {
    for (let fired = 0; !this.#stopped && !this.#drain; fired++) {
      const next = this.#machine.nextDeadline()
      if (!next || next.at > this.#system.now()) break
      if (this.#drainsBeforeVerdicts && isVerdict(next.reason) && this.#drainedUpTo < next.at) return this.#startDrain()
      if (fired === PACKETS_PER_TURN) return this.#system.afterIo(() => this.#look())
      this.input(deadline)
    }
    this.#rearm()
  }

  /** Before anybody is judged, everything that has arrived is read (DIV-20). */
  #startDrain(): void {
    this.#timer?.disarm()
    this.#timer = undefined
    const { activity, receivedBytes } = this.#rim
    const drain = { startedAt: this.#system.now(), startedBytes: receivedBytes, activity, quietRounds: 0 }
    this.#drain = drain
    this.#system.afterIo(() => this.#drainRound(drain))
  }

  #drainRound(drain: Drain): void {
    if (this.#stopped) return
    const { activity, receivedBytes } = this.#rim
    const quiet = activity === drain.activity && this.#inputs.length === 0
    drain.activity = activity
    drain.quietRounds = quiet ? drain.quietRounds + 1 : 0
    if (drain.quietRounds >= QUIET_ROUNDS) return this.#judge(drain.startedAt)
    const spentMs = this.#system.now() - drain.startedAt
    if (spentMs < this.#probeTimeoutMs * DRAIN_SHARE && receivedBytes - drain.startedBytes < DRAIN_LIMIT_BYTES)
      return this.#system.afterIo(() => this.#drainRound(drain))
    // Something that arrived is still unread. To the machine that is as if it had been away for a probe timeout, with
    // which no probe is conclusive.
    this.input({ kind: 'lag', lagMs: Math.max(this.#probeTimeoutMs, spentMs) })
    this.#judge(this.#system.now())
  }

  #judge(drainedUpTo: number): void {
    this.#drain = undefined
    this.#drainedUpTo = drainedUpTo
    this.#look()
  }
}
