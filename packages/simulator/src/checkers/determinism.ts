/** Invariant 44: a law about runs, not about one run; so it is no observer. */
import type { Violation } from './checker.ts'

/** What two runs of one seed are compared by. */
export interface RunPrint {
  readonly hash: string
  readonly count: number
}

/** Runs the same twice; `undefined` where nothing differs. */
export function determinism(run: () => RunPrint): Violation | undefined {
  const [first, second] = [run(), run()]
  if (first.hash === second.hash && first.count === second.count) return undefined
  return {
    checker: 'determinism',
    atMs: 0,
    node: undefined,
    what: `two runs of one seed differ: ${first.hash} after ${first.count} things, ${second.hash} after ${second.count}`,
  }
}
