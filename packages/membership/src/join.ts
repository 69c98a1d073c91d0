/** Joining: states are exchanged with each address, a few at a time (membership spec 5.5, DIV-34). */
import type { Context } from './context.ts'
import type { RequestId, SeedOutcome } from './input.ts'
import { JOIN_CONCURRENCY } from './limits.ts'
import type { AntiEntropy } from './push-pull.ts'

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
    const outcomes = new Map<string, SeedOutcome>()
    const waiting = [...new Set(addresses)].filter((address) => address !== self.endpoint)
    for (const address of addresses)
      if (address === self.endpoint)
        outcomes.set(address, { address, ok: false, reason: `${address} is this member itself` })
    const wanted = waiting.length + outcomes.size
    const settle = (): void => {
      if (outcomes.size === wanted)
        out.push({
          kind: 'settle',
          request,
          outcome: { type: 'join', seeds: [...new Set(addresses)].map((address) => outcomes.get(address)!) },
        })
    }
    const next = (): void => {
      const address = waiting.shift()
      if (address === undefined) return
      this.#antiEntropy.begin(address, true, (end) => {
        outcomes.set(address, end.ok ? { address, ok: true } : { address, ok: false, reason: end.reason })
        next()
        settle()
      })
    }
    for (let started = 0; started < JOIN_CONCURRENCY; started++) next()
    if (wanted === 0 || outcomes.size === wanted) settle()
  }
}
