/** A host whose clock, event loop and socket buffer are plain variables, and a machine that follows a script. */
import type { PacketMessage } from '@hearsay/wire'
import type { Deadline, DeadlineReason } from '../src/deadline.ts'
import type { Effect } from '../src/effect.ts'
import type { Input } from '../src/input.ts'
import { type Driven, type Rim, type System, Turn, type TurnWatcher } from '../src/turn.ts'

/** A process: its clock, its one event loop, and a socket that holds what was not read yet. */
export class Host implements System {
  nowMs = 0
  /** Arrived and unread; each round of the loop reads one. */
  readonly unread: (() => void)[] = []
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  readonly #immediates: (() => void)[] = []

  now(): number {
    return this.nowMs
  }

  arm(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.nowMs + delayMs, callback }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  afterIo(callback: () => void): void {
    this.#immediates.push(callback)
  }

  get armedFor(): number[] {
    return [...this.#timers].map((timer) => timer.at)
  }

  /** One round of the event loop as Node runs it: timers, then reading, then what waited for reading. */
  round(earlyMs = 0): void {
    for (const timer of [...this.#timers]) {
      if (timer.at - earlyMs > this.nowMs || !this.#timers.delete(timer)) continue
      timer.callback()
    }
    this.unread.shift()?.()
    for (const callback of this.#immediates.splice(0)) callback()
  }

  /** Rounds until nothing is left to do at this moment. */
  rounds(limit = 100): number {
    let count = 0
    const idle = (): boolean =>
      this.unread.length === 0 &&
      this.#immediates.length === 0 &&
      [...this.#timers].every((timer) => timer.at > this.nowMs)
    while (!idle() && count < limit) {
      this.round()
      count++
    }
    return count
  }
}

export const health = (score: number): Effect => ({ kind: 'health', score })
export const packet = (...messages: PacketMessage[]): Input => ({ kind: 'packet', from: '10.0.0.2:7946', messages })

/** A machine that says what it is told to say, and writes down what it hears. */
export class Script implements Driven {
  readonly heard: Input[] = []
  deadlines: Deadline[] = []
  answer: (input: Input) => readonly Effect[] = () => []

  handle(input: Input, now: number): readonly Effect[] {
    this.heard.push(input)
    if (input.kind === 'deadline' && (this.deadlines[0]?.at ?? Number.POSITIVE_INFINITY) <= now) this.deadlines.shift()
    return this.answer(input)
  }

  nextDeadline(): Deadline | undefined {
    return this.deadlines[0]
  }

  kinds(): string[] {
    return this.heard.map((input) => input.kind)
  }
}

export class Deeds implements Rim {
  activity = 0
  receivedBytes = 0
  perform: (effect: Effect) => void = () => {}
}

/** A turn over all of that. */
export function scripted(deadlines: [number, DeadlineReason][] = [], probeTimeoutMs = 400, watcher?: TurnWatcher) {
  const host = new Host()
  const machine = new Script()
  machine.deadlines = deadlines.map(([at, reason]) => ({ at, reason }))
  const rim = new Deeds()
  const turn = new Turn(machine, rim, host, probeTimeoutMs, watcher)
  /** Something is on its way in: it counts as activity when it is read. */
  const arrive = (input: Input): void => {
    host.unread.push(() => {
      rim.activity++
      turn.input(input)
    })
  }
  return { host, machine, rim, turn, arrive }
}
