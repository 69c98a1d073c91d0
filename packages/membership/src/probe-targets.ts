/** Whom the failure detector looks at next (membership spec 2.1). */
import type { Context } from './context.ts'
import { isLivePeer, type PeerIndex } from './peer-table.ts'
import { ProbeOrder } from './probe-order.ts'

/** Members that wait to be probed out of turn (DIV-14), and that get to in one turn; further ones are not remembered. */
export const MAX_URGENT_PROBES = 16

/** A member to be probed. */
export interface ProbeTarget {
  readonly index: PeerIndex
  /** Nobody else's word is needed to bury it when it stays silent: its suspicion gets the minimum timeout. */
  readonly isDecisive: boolean
}

/** The order of a pass, and those who go before everybody else. */
export class ProbeTargets {
  readonly #context: Context
  readonly #order: ProbeOrder
  readonly #urgent = new Set<string>()
  /** Accepted since the latest turn. */
  #hurried = 0
  #wasUrgent = false

  constructor(context: Context) {
    this.#context = context
    this.#order = new ProbeOrder(context.random)
  }

  get hasUrgent(): boolean {
    return this.#urgent.size > 0
  }

  /** Has a member looked at before its turn; false when that is not to be. */
  hurry(index: PeerIndex): boolean {
    const { table } = this.#context
    if (!isLivePeer(table, index)) return false
    if (this.#urgent.size >= MAX_URGENT_PROBES || this.#hurried >= MAX_URGENT_PROBES) return false
    this.#hurried++
    this.#urgent.add(table.name(index))
    return true
  }

  /**
   * The next one that can be probed. Without `isTurn` only one out of turn will do; with it, two of those never follow each
   * other: strangers decide who is contested, and must not keep us from looking at the rest.
   */
  next(isTurn: boolean): ProbeTarget | undefined {
    const urgent = isTurn && this.#wasUrgent ? undefined : this.#nextUrgent()
    this.#wasUrgent = urgent !== undefined
    if (urgent || !isTurn) return urgent
    this.#hurried = 0
    return this.#nextInOrder()
  }

  /** In Go, a ring of dead members and the end of a pass cost ticks (DIV-17). */
  #nextInOrder(): ProbeTarget | undefined {
    const { table, policy } = this.#context
    for (let checked = 0, passes = 0; passes < 2; ) {
      if (!policy.trueStagger && checked >= table.size) return undefined
      const index = this.#order.next(table.capacity)
      if (index === undefined) {
        passes++
        checked++
      } else if (table.has(index)) {
        if (isLivePeer(table, index)) return { index, isDecisive: false }
        checked++
      }
    }
    return undefined
  }

  #nextUrgent(): ProbeTarget | undefined {
    const { table } = this.#context
    for (const name of this.#urgent) {
      this.#urgent.delete(name)
      const index = table.find(name)
      if (index >= 0 && isLivePeer(table, index)) return { index, isDecisive: true }
    }
    return undefined
  }
}
