/** Streams to members that are looked for (DIV-36). */
import type { Effect } from '@hearsay/membership'
import type { Claim } from './claim.ts'
import type { Reference } from './reference.ts'

/** Of one member: where its searches lead, by exchange. */
export class Searches {
  readonly #endpoints = new Map<number, string>()

  /** Its rejoin timer fired. */
  note(effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.kind === 'open-stream') this.#endpoints.set(effect.exchange, effect.to)
  }

  /** Whether an answer names nobody of those who were there: then its word may be taken, or none of it. */
  ledAstray(exchange: number, claims: readonly Claim[], reference: Reference): boolean {
    const endpoint = this.#endpoints.get(exchange)
    if (endpoint === undefined) return false
    this.#endpoints.delete(exchange)
    return !claims.some(({ node }) => reference.wasAt(node, endpoint))
  }
}
