/** Courses: scenarios one after the other on one cluster; courses run beside each other. */
import { Cluster, type ClusterOptions } from './cluster.ts'
import type { Finding } from './finding.ts'

/** A scenario with its figures filled in. */
export type Scenario = (cluster: Cluster) => Promise<Finding>

/** The scenarios of one cluster, in order. */
export interface Course {
  readonly options: ClusterOptions
  readonly scenarios: Readonly<Record<string, Scenario>>
}

/** Plays courses beside each other; the finding of each scenario, by its key, as soon as it is there. */
export function play(
  courses: readonly Course[],
  tell: (finding: Finding) => void,
): { readonly findings: ReadonlyMap<string, Promise<Finding>>; readonly over: Promise<void> } {
  const findings = new Map<string, Promise<Finding>>()
  const ends = courses.map(({ options, scenarios }) => {
    const forming = Cluster.form(options)
    let before: Promise<unknown> = forming
    for (const [key, scenario] of Object.entries(scenarios)) {
      const found = before.then(async () => scenario(await forming))
      // Nobody may be waiting for it yet.
      found.then(tell, () => {})
      findings.set(key, found)
      before = found
    }
    return before.then(
      () => forming.then(dispose),
      () => forming.then(dispose, () => {}),
    )
  })
  return { findings, over: Promise.all(ends).then(() => {}) }
}

const dispose = (cluster: Cluster): Promise<void> => cluster[Symbol.asyncDispose]()
