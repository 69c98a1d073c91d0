/** One direction of a stream inside a process. */

import type { Address } from '../transport.ts'
import type { Links } from './links.ts'

/** What travels in a pipe. `reset` overtakes nothing but makes everything behind it moot. */
export type PipeItem =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' }

/**
 * Carries items in order from one address to another. While the link is cut they wait, as TCP would retransmit, and go
 * on when it heals.
 */
export class Pipe {
  readonly #links: Links
  readonly #from: Address
  readonly #to: Address
  readonly #deliver: (item: PipeItem) => void
  readonly #items: PipeItem[] = []
  /** Deliveries that came due while the link was cut. */
  #held = 0

  constructor(links: Links, from: Address, to: Address, deliver: (item: PipeItem) => void) {
    this.#links = links
    this.#from = from
    this.#to = to
    this.#deliver = deliver
  }

  push(item: PipeItem): void {
    this.#items.push(item)
    // Each item brings one delivery, and each delivery takes the first item: whatever the delays, order is kept.
    this.#links.later(this.#from, this.#to, () => this.#due())
  }

  #due(): void {
    if (!this.#links.isCut(this.#from, this.#to)) {
      const item = this.#items.shift()
      if (item !== undefined) this.#deliver(item)
      return
    }
    if (this.#held++ > 0) return
    this.#links.onceHealed(this.#from, this.#to, () => {
      const held = this.#held
      this.#held = 0
      for (let i = 0; i < held; i++) this.#due()
    })
  }
}
