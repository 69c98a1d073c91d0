/** Runs one seed of the swarm: what a worker does. */
import { determinism } from '@hearsay/simulator'
import { type CaseOptions, drawCase } from './case.ts'
import { type TrialResult, trial } from './trial.ts'

/** Every so many seeds, one is run twice. */
const TWICE_EVERY = 16

/** The run of a seed. An exception of the machine is a break like any other. */
export function runSeed(seed: number, options: CaseOptions): TrialResult {
  const each = drawCase(seed, options)
  const result = guarded(() => trial(each))
  if (seed % TWICE_EVERY !== 0 || result.violations.length > 0) return result
  const runs = [result, guarded(() => trial(each))]
  const difference = determinism(() => ({ hash: runs[0]!.hash, count: runs.shift()!.events }))
  return {
    ...result,
    evaluations: { ...result.evaluations, determinism: 1 },
    violations: difference ? [difference] : [],
  }
}

/** A run that throws is one that breaks the law that nothing throws (membership spec 12.7, 15). */
export function guarded(run: () => TrialResult): TrialResult {
  try {
    return run()
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return {
      hash: '',
      events: 0,
      nodeHours: 0,
      faults: {},
      evaluations: {},
      violations: [{ checker: 'no-exception', atMs: 0, node: undefined, what }],
    }
  }
}
