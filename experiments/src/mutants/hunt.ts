/** Looks for the first seed under which a machine is caught. Built once for each mutant, with its change put in. */
import { drawCase } from '../swarm/case.ts'
import { guarded } from '../swarm/run.ts'
import { trial } from '../swarm/trial.ts'
import { answerHunts, type HuntRequest, type HuntResult } from './hunting.ts'

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

answerHunts(hunt)
