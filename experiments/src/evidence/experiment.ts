/** From a command line to a page and an exit status. */
import { type ExperimentOptions, readOptions, UsageError } from './options.ts'
import { type Evidence, holds, writeEvidence } from './page.ts'
import { figure } from './table.ts'
import { range, standing } from './verdict.ts'

/** Runs an experiment: 0 when every band holds, 1 when one does not or bytes give another trace, 2 for a wrong command line. */
export async function runExperiment(
  args: readonly string[],
  experiment: (options: ExperimentOptions) => Promise<Evidence>,
): Promise<number> {
  let options: ExperimentOptions
  try {
    options = readOptions(args)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`simulate: ${error.message}`)
    return 2
  }
  const started = performance.now()
  const evidence = await experiment(options)
  writeEvidence(options.pages, evidence)
  tell(evidence)
  console.log(`${evidence.id}: ${figure((performance.now() - started) / 1000)} s; ${options.pages}/${evidence.id}.md`)
  return holds(evidence) ? 0 : 1
}

function tell({ id, checks, targets, bytes = [] }: Evidence): void {
  for (const check of checks) {
    const verdict = standing(check)
    if (verdict === 'OUTSIDE') console.log(`${id}: ${check.what}: ${figure(check.found)} is outside of ${range(check)}`)
  }
  const kept = checks.filter((check) => standing(check) !== 'OUTSIDE').length
  console.log(`${id}: ${kept} of ${checks.length} bands hold`)
  for (const { what, found, target, met } of targets)
    console.log(`${id}: ours, ${what}: ${figure(found)}, target ${target}: ${met ? 'reached' : 'missed'}`)
  for (const { cell, byReference, asBytes } of bytes)
    console.log(
      `${id}: ${cell} as bytes: ${byReference === asBytes ? 'the same trace' : `${asBytes} instead of ${byReference}`}`,
    )
}
