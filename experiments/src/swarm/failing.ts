/** A seed that broke a law: how to see it again, and the smallest plan that still does it. */
import { shrink, type Violation } from '@hearsay/simulator'
import type { Case } from './case.ts'
import { guarded } from './run.ts'
import { trial } from './trial.ts'

/** Makes a case smaller that breaks a law, as long as it breaks the same. */
export function shrinkCase(each: Case, checker: string, trials: number): Case {
  const { nodes, plan } = shrink(
    { nodes: each.nodes, plan: each.plan },
    (scenario) => {
      // A smaller plan ends sooner; nothing else of a case follows from it.
      const { violations } = guarded(() => trial({ ...each, ...scenario }))
      return violations.some((violation) => violation.checker === checker)
    },
    { trials },
  )
  return { ...each, nodes, plan }
}

/** What is printed of a break. */
export function describeBreak(each: Case, violation: Violation, maxNodes: number): string {
  const { checker, atMs, node, what } = violation
  const { seed, profile } = each
  return [
    `seed ${seed} broke ${checker} at ${atMs.toFixed(3)} ms${node ? `, ${node}` : ''}: ${what}`,
    `  again: npm run simulate -- replay --seed ${seed} --profile ${profile} --nodes ${maxNodes}`,
  ].join('\n')
}
