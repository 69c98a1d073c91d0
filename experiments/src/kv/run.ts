/** Runs one seed: what a worker does. */
import { determinism } from '@hearsay/simulator'
import { drawKvCase, type KvCase, type KvCaseOptions } from './case.ts'
import { type KvResult, type KvTrialOptions, kvTrial } from './trial.ts'

/** Every so many seeds, one is run twice. */
const TWICE_EVERY = 16

/** The run of a seed. */
export async function runKvSeed(seed: number, options: KvCaseOptions): Promise<KvResult> {
  const each = drawKvCase(seed, options)
  const result = await guardedTrial(each)
  if (seed % TWICE_EVERY !== 0 || result.violations.length > 0) return result
  const runs = [result, await guardedTrial(each)]
  const difference = determinism(() => ({ hash: runs[0]!.hash, count: runs.shift()!.events }))
  return {
    ...result,
    evaluations: { ...result.evaluations, determinism: 1 },
    violations: difference ? [difference] : [],
  }
}

/** A run in which anything throws breaks the law that nothing does; what nobody waits for included. */
export async function guardedTrial(each: KvCase, options: KvTrialOptions = {}): Promise<KvResult> {
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  const trial = kvTrial(each, options)
  try {
    return await Promise.race([trial, failed])
  } catch (error) {
    const what = textOf(error)
    return {
      hash: '',
      events: 0,
      nodeHours: 0,
      faults: {},
      happenings: {},
      most: {},
      evaluations: {},
      violations: [{ checker: 'no-exception', atMs: 0, node: undefined, what }],
    }
  } finally {
    // What is left of it must not run into the next.
    await trial.catch(() => {})
    process.off('uncaughtException', fail)
    process.off('unhandledRejection', fail)
  }
}

/** All that an error says, and what lies beneath it. */
const textOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack ?? error.message}${error.cause === undefined ? '' : `\nbecause of ${textOf(error.cause)}`}`
    : String(error)
