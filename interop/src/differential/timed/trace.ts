/** All that a member did, with the time of each. */
import type { Belief, Dial, Observation, SentPacket, Told } from '../observation.ts'

/** A change of what is believed of a name. */
export interface Transition {
  readonly atMs: number
  readonly name: string
  /** `undefined`: there was no record, there is none any more. */
  readonly before: Belief | undefined
  readonly after: Belief | undefined
}

/** A change of the health score. */
export interface HealthChange {
  readonly atMs: number
  readonly score: number
}

/** A history, in order of time. */
export interface Trace {
  readonly packets: readonly SentPacket[]
  readonly dials: readonly Dial[]
  readonly told: readonly Told[]
  readonly transitions: readonly Transition[]
  readonly health: readonly HealthChange[]
}

/** The same history, as if time had gone slower. */
export function stretched({ packets, dials, told, transitions, health }: Trace, factor: number): Trace {
  const later = <T extends { readonly atMs: number }>(events: readonly T[]): readonly T[] =>
    events.map((event) => ({ ...event, atMs: event.atMs * factor }))
  return {
    packets: later(packets),
    dials: later(dials),
    told: later(told),
    transitions: later(transitions),
    health: later(health),
  }
}

/** Writes a history. */
export class Recorder implements Trace {
  readonly packets: SentPacket[] = []
  readonly dials: Dial[] = []
  readonly told: Told[] = []
  readonly transitions: Transition[] = []
  readonly health: HealthChange[] = []
  #beliefs = new Map<string, Belief>()
  #score = 0

  /** Adds what was observed. Beliefs have the time of the observation: they may be a little older. */
  add({ nowMs, packets, dials, told, beliefs, health }: Observation): void {
    this.packets.push(...packets)
    this.dials.push(...dials)
    this.told.push(...told)
    const now = new Map(beliefs.map((belief) => [belief.name, belief]))
    for (const name of new Set([...this.#beliefs.keys(), ...now.keys()])) {
      const before = this.#beliefs.get(name)
      const after = now.get(name)
      if (before?.state !== after?.state || before?.incarnation !== after?.incarnation)
        this.transitions.push({ atMs: nowMs, name, before, after })
    }
    this.#beliefs = now
    if (health !== this.#score) this.health.push({ atMs: nowMs, score: health })
    this.#score = health
  }
}
