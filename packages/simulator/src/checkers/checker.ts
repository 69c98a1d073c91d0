/** What a checker is: an observer that holds every machine of a cluster to one law. */
import type { SimNode } from '../node.ts'
import type { Observer } from '../observer.ts'
import type { Beliefs } from './beliefs.ts'

/** One moment at which a law did not hold. */
export interface Violation {
  readonly checker: string
  /** World time, in milliseconds. */
  readonly atMs: number
  /** Whose machine; `undefined` where it takes the whole cluster to see it. */
  readonly node: string | undefined
  readonly what: string
}

/** Watches; counts how often its law was put to the test; remembers when it did not hold. */
export interface Checker extends Observer {
  /** The noun that its file is called. */
  readonly name: string
  /** The law, as a sentence. */
  readonly law: string
  /** Numbers of membership spec 12.7. */
  readonly invariants: readonly number[]
  /** How often the law was put to the test. A law that was never tested was never kept. */
  readonly evaluations: number
  /** The first {@link MAX_VIOLATIONS} of them. */
  readonly violations: readonly Violation[]
  /** Bits of {@link Interest}. */
  readonly interest: number
}

/** Makes a checker for one cluster. All of one cluster share one {@link Beliefs}, which observes first. */
export interface CheckerFactory {
  (beliefs: Beliefs): Checker
  readonly about: About
}

/** What a checker says of itself. */
export interface About {
  readonly name: string
  readonly law: string
  readonly invariants: readonly number[]
  /** Which inputs its `afterInput` is for: bits of {@link Interest}. Default: those that change something or tell of it. */
  readonly interest?: number
}

/** What may come of an input. Most inputs are a ping or its answer, of which few laws say anything. */
export const Interest = {
  /** A record, the health or a request changed or may have; something was told; a command was given. */
  changes: 1,
  /** A probe began or ended. */
  probes: 2,
  /** A packet was sent. */
  packets: 4,
  /** Answers were heard. */
  answers: 8,
  /** Something was done for another member. */
  relays: 16,
} as const

/** One test of the law: `what` is asked only where it fails. */
export type Check = (holds: boolean, node: SimNode | undefined, what: () => string) => void

/** Violations that a checker keeps; after so many, more would say nothing new. */
export const MAX_VIOLATIONS = 20

/** A checker from its law and what it does with what it sees. */
export function law(about: About, watch: (beliefs: Beliefs, check: Check) => Observer): CheckerFactory {
  const make = (beliefs: Beliefs): Checker => {
    let evaluations = 0
    const violations: Violation[] = []
    const check: Check = (holds, node, what) => {
      evaluations++
      if (holds || violations.length >= MAX_VIOLATIONS) return
      violations.push({ checker: about.name, atMs: beliefs.worldMs, node: node?.name, what: what() })
    }
    return {
      ...watch(beliefs, check),
      name: about.name,
      law: about.law,
      invariants: about.invariants,
      interest: about.interest ?? Interest.changes,
      get evaluations() {
        return evaluations
      },
      violations,
    }
  }
  return Object.assign(make, { about })
}
