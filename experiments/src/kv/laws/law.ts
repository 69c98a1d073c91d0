/** What a law about stores is. */
import { MAX_VIOLATIONS, type Violation } from '@hearsay/simulator'
import type { Chronicle } from '../chronicle.ts'
import type { KvObserver, StoreView } from '../observer.ts'

/** What a law says of itself. */
export interface KvAbout {
  readonly name: string
  readonly law: string
}

/** Watches; counts how often its law was put to the test; remembers when it did not hold. */
export interface KvChecker extends KvObserver, KvAbout {
  readonly evaluations: number
  readonly violations: readonly Violation[]
}

/** Makes the checker of a law for one run. */
export interface KvLaw {
  (chronicle: Chronicle): KvChecker
  readonly about: KvAbout
}

/** One test of a law: `what` is asked only where it fails. */
export type KvCheck = (holds: boolean, store: StoreView | undefined, what: () => string) => void

/** A law from what it says and what it does with what it sees. */
export function kvLaw(about: KvAbout, watch: (chronicle: Chronicle, check: KvCheck) => KvObserver): KvLaw {
  const make = (chronicle: Chronicle): KvChecker => {
    let evaluations = 0
    const violations: Violation[] = []
    const check: KvCheck = (holds, store, what) => {
      evaluations++
      if (holds || violations.length >= MAX_VIOLATIONS) return
      violations.push({ checker: about.name, atMs: chronicle.nowMs, node: store?.member, what: what() })
    }
    return {
      ...watch(chronicle, check),
      ...about,
      get evaluations() {
        return evaluations
      },
      violations,
    }
  }
  return Object.assign(make, { about })
}
