/** The shortest sequence that can be found in which the two still differ: what a person reads. */
import type { Sequence } from './steps.ts'

/** Plays are quick; a failure is rare. */
const MAX_ATTEMPTS = 600

/** Leaves out steps, and messages of a state, as long as it still fails. */
export async function shrink(sequence: Sequence, fails: (candidate: Sequence) => Promise<boolean>): Promise<Sequence> {
  let best = sequence
  let attempts = 0
  const isBetter = async (candidate: Sequence): Promise<boolean> => {
    if (attempts >= MAX_ATTEMPTS) return false
    attempts++
    if (!(await fails(candidate))) return false
    best = candidate
    return true
  }
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = best.steps.length - size; at >= 0; at -= size)
      await isBetter({ ...best, steps: best.steps.toSpliced(at, size) })
  }
  for (let at = 0; at < best.steps.length; at++)
    for (const step of simpler(best.steps[at]!)) await isBetter({ ...best, steps: best.steps.with(at, step) })
  return best
}

/** The step with one thing less in it. */
function simpler(step: Sequence['steps'][number]): readonly Sequence['steps'][number][] {
  if (step.op === 'packet' && step.messages.length > 1)
    return step.messages.map((message) => ({ ...step, messages: [message] }))
  if (step.op === 'state')
    return step.state.entries.map((_, at) => {
      return { ...step, state: { ...step.state, entries: step.state.entries.toSpliced(at, 1) } }
    })
  return []
}
