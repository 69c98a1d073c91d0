/** Looks for the first seed under which a store is caught. Built once for each mutant, with its change put in. */
import { answerHunts, type HuntRequest, type HuntResult } from '../mutants/hunting.ts'
import { drawKvCase } from './case.ts'
import { guardedTrial } from './run.ts'

/** Tries one seed after the other. */
export async function huntStores({ from, seeds, maxNodes }: HuntRequest): Promise<HuntResult> {
  for (let tried = 0; tried < seeds; tried++) {
    const seed = from + tried
    const { violations } = await guardedTrial(drawKvCase(seed, { maxNodes }))
    const [first] = violations
    if (first) return { seeds: tried + 1, caught: { seed, checker: first.checker, what: first.what } }
  }
  return { seeds, caught: undefined }
}

answerHunts(huntStores)
