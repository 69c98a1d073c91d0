/** Looks for the first seed under which a machine is caught. Built once for each mutant, with its change put in. */
import { drawCase } from '../swarm/case.ts'
import { guarded } from '../swarm/run.ts'
import { trial } from '../swarm/trial.ts'

/** What is asked. */
export interface HuntRequest {
  readonly from: number
  readonly seeds: number
  readonly maxNodes: number
}

/** What is answered: after how many seeds it was caught, and by what. */
export interface HuntResult {
  readonly seeds: number
  readonly caught: { readonly seed: number; readonly checker: string; readonly what: string } | undefined
}

/** Tries one seed after the other. */
export function hunt({ from, seeds, maxNodes }: HuntRequest): HuntResult {
  for (let tried = 0; tried < seeds; tried++) {
    const seed = from + tried
    const { violations } = guarded(() => trial(drawCase(seed, { profile: 'improved', maxNodes })))
    const [first] = violations
    if (first) return { seeds: tried + 1, caught: { seed, checker: first.checker, what: first.what } }
  }
  return { seeds, caught: undefined }
}

process.on('message', (request: HuntRequest) => {
  process.send!(hunt(request), undefined, undefined, () => process.disconnect())
})
