/** Time, timers and an event loop that are plain variables: a run is the same each time, and years take no time. */
import type { NodeSystem } from '@hearsay/membership'
import { type MemoryNetwork, memoryNetwork } from '@hearsay/transport'
import { Random } from './random.ts'

interface Task {
  readonly at: number
  /** Among those of the same time, the order in which they were asked for. */
  readonly order: number
  run: (() => void) | undefined
}

/** A list of things to do is the clock, the timers, the event loop and the wires. */
export class World {
  nowMs = 0
  /** Looks at the clock within the task that runs: the turn looks once for each input that it handles. */
  looks = 0
  readonly #tasks: Task[] = []
  readonly #random: Random
  #order = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** Wires that lose a little and deliver some things twice. */
  network(): MemoryNetwork {
    return memoryNetwork({
      schedule: this.schedule,
      delayMs: 0.5,
      loss: 0.01,
      duplicate: 0.01,
      random: () => this.#random.u32() / 2 ** 32,
    })
  }

  /** What a `Memberlist` runs on. */
  system(): NodeSystem {
    return {
      now: () => {
        this.looks++
        return this.nowMs
      },
      wallNow: () => Date.UTC(2026, 0, 1) + this.nowMs,
      random: () => this.#random.u32() / 2 ** 32,
      arm: this.schedule,
      afterIo: (callback) => void this.schedule(0, callback),
      resolver: { addresses: async () => [], services: async () => [] },
    }
  }

  readonly schedule = (delayMs: number, run: () => void): (() => void) => {
    const task: Task = { at: this.nowMs + Math.max(0, delayMs), order: this.#order++, run }
    this.#insert(task)
    return () => {
      task.run = undefined
    }
  }

  /** Does what is due within the next `durationMs`, one task after the other; `after` is called behind each. */
  async pass(durationMs: number, after: () => void): Promise<void> {
    const end = this.nowMs + durationMs
    for (;;) {
      // What promises lead to comes before the clock moves on; a dial takes a few of them.
      for (let step = 0; step < 3; step++) await undefined
      const task = this.#tasks[0]
      if (!task || task.at > end) break
      this.#removeFirst()
      this.nowMs = Math.max(this.nowMs, task.at)
      this.looks = 0
      if (!task.run) continue
      task.run()
      after()
    }
    this.nowMs = end
  }

  #insert(task: Task): void {
    const tasks = this.#tasks
    let at = tasks.push(task) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (isBefore(tasks[parent]!, task)) break
      tasks[at] = tasks[parent]!
      at = parent
    }
    tasks[at] = task
  }

  #removeFirst(): void {
    const tasks = this.#tasks
    const last = tasks.pop()!
    if (tasks.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= tasks.length) break
      if (child + 1 < tasks.length && isBefore(tasks[child + 1]!, tasks[child]!)) child++
      if (isBefore(last, tasks[child]!)) break
      tasks[at] = tasks[child]!
      at = child
    }
    tasks[at] = last
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
