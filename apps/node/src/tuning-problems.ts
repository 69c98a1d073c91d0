/** Names inside `tuning` that nothing reads. What the numbers must be, membership checks. */
import type { ConfigProblem } from './errors.ts'
import { profiles } from './profiles.ts'

/** A misspelt number would otherwise silently stay the profile's. */
export function tuningProblems(tuning: unknown): readonly ConfigProblem[] {
  return tuning === undefined ? [] : strangers(tuning, profiles.lan.tuning, 'tuning')
}

function strangers(given: unknown, known: object, path: string): readonly ConfigProblem[] {
  if (typeof given !== 'object' || given === null)
    return [{ path, message: `must be an object of numbers, not ${JSON.stringify(given)}` }]
  return Object.entries(given).flatMap(([name, value]) => {
    const inner = `${path}.${name}`
    if (!Object.hasOwn(known, name)) return [{ path: inner, message: 'no such option' }]
    const shape: unknown = known[name as keyof typeof known]
    return typeof shape === 'object' && shape !== null && value !== undefined ? strangers(value, shape, inner) : []
  })
}
