/** The end of the story: do all members agree, and on the right thing? */
import type { MemberReport } from './protocol.ts'

/** What every member should hold. */
export interface Expectation {
  /** Instances that registered and live. */
  readonly living: readonly string[]
  /** Instances whose process was killed: gone from the ring, or there but unhealthy. */
  readonly killed: readonly string[]
}

/** Everything wrong with what one member says; empty when it is right. */
export function objections(report: MemberReport, { living, killed }: Expectation): readonly string[] {
  const wrong: string[] = []
  for (const id of living) {
    const instance = report.instances.find((candidate) => candidate.id === id)
    if (!instance) wrong.push(`${id} is missing`)
    else if (!instance.healthy) wrong.push(`${id} lives but is shown unhealthy`)
    else if (instance.state !== 'ACTIVE') wrong.push(`${id} is ${instance.state}, not ACTIVE`)
    else if (instance.tokens === 0) wrong.push(`${id} has no tokens`)
  }
  for (const instance of report.instances) {
    if (killed.includes(instance.id) && instance.healthy) wrong.push(`${instance.id} was killed but is shown healthy`)
    if (!killed.includes(instance.id) && !living.includes(instance.id)) wrong.push(`${instance.id} never registered`)
  }
  return wrong
}

/** True when all hold the same ring, and it is the right one. */
export function agrees(reports: readonly MemberReport[], expectation: Expectation): boolean {
  return (
    reports.length === expectation.living.length &&
    reports.every((report) => objections(report, expectation).length === 0) &&
    new Set(reports.map((report) => report.hash)).size === 1
  )
}
