/** Joining: states are exchanged with each address, a few at a time (membership spec 5.5, DIV-33, DIV-34). */
import type { Context } from './context.ts'
import type { RequestId, SeedOutcome } from './input.ts'
import { JOIN_CONCURRENCY } from './limits.ts'
import type { AntiEntropy, ExchangeEnd } from './push-pull.ts'

/** Runs joins. */
export class Joins {
  readonly #context: Context
  readonly #antiEntropy: AntiEntropy

  constructor(context: Context, antiEntropy: AntiEntropy) {
    this.#context = context
    this.#antiEntropy = antiEntropy
  }

  /** Settles the request when every address was tried. The own address is not contacted, but counts as nobody. */
  start(request: RequestId, addresses: readonly string[]): void {
    const { self, out } = this.#context
    const distinct = [...new Set(addresses)]
    const outcomes = new Map<string, SeedOutcome>()
    const waiting = distinct.filter((address) => address !== self.endpoint)
    if (waiting.length < distinct.length) {
      const address = self.endpoint
      outcomes.set(address, { address, ok: false, reason: `${address} is this member itself` })
    }
    const settle = (): void => {
      if (outcomes.size < distinct.length) return
      const seeds = distinct.map((address) => outcomes.get(address)!)
      out.push({ kind: 'settle', request, outcome: { type: 'join', seeds } })
    }
    const next = (): void => {
      const address = waiting.shift()
      if (address === undefined) return
      this.#contact(address, (outcome) => {
        outcomes.set(address, outcome)
        next()
        settle()
      })
    }
    const immediate = outcomes.size === distinct.length
    for (let started = 0; started < JOIN_CONCURRENCY; started++) next()
    if (immediate) settle()
  }

  /**
   * The other side sent its state before it merged ours, so that success says nothing about what became of us there. We
   * ask once more, unless it knew us already. As a join again: its application may have refused us, and has a say in this
   * exchange, too.
   */
  #contact(address: string, done: (outcome: SeedOutcome) => void): void {
    const settle = (end: ExchangeEnd): void =>
      done(end.ok ? { address, ok: true, confirmed: end.sawUs } : { address, ok: false, reason: end.reason })
    this.#antiEntropy.begin(address, true, (first) => {
      if (!first.ok || first.sawUs || !this.#context.policy.confirmedJoin) return settle(first)
      this.#antiEntropy.begin(address, true, (second) => settle(second.ok ? second : first))
    })
  }
}
