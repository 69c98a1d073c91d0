/** The machine, with an eye on what it is told of its own process. */
import type { Effect } from './effect.ts'
import type { Input } from './input.ts'
import type { Machine } from './machine.ts'
import type { Counters } from './metrics.ts'
import type { Driven } from './turn.ts'

/** Passes everything on, and counts lag. */
export class ObservedMachine implements Driven {
  readonly #machine: Machine
  readonly #counters: Counters

  constructor(machine: Machine, counters: Counters) {
    this.#machine = machine
    this.#counters = counters
  }

  handle(input: Input, now: number): readonly Effect[] {
    if (input.kind === 'lag') this.#counters.lag.add(input.lagMs)
    return this.#machine.handle(input, now)
  }

  nextDeadline(): ReturnType<Machine['nextDeadline']> {
    return this.#machine.nextDeadline()
  }
}
