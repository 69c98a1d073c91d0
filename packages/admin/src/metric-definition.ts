/** How a metric is said: a name, a meaning, and how it is read from a node's plain counters. */
import type { AdminSource, SourceMetrics } from './source.ts'

/** One scrape's view of everything: taken once, read by every metric. */
export interface Snapshot {
  readonly metrics: SourceMetrics
  readonly source: AdminSource
}

/** One value, and what it is of. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** One metric: its values are read from the node's plain counters at each scrape. */
export interface Definition {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly labels?: readonly string[]
  read(snapshot: Snapshot): number | Iterable<Sample>
}

/** A sample for each name. */
export const byName = (label: string, counts: Readonly<Record<string, number | undefined>>): Sample[] =>
  Object.entries(counts).map(([name, value]) => [{ [label]: name }, value ?? 0])

/** A number that only grows. */
export const counter = (name: string, help: string, read: (metrics: SourceMetrics) => number): Definition => ({
  name,
  help,
  type: 'counter',
  read: ({ metrics }) => read(metrics),
})

/** A number that comes and goes. */
export const gauge = (name: string, help: string, read: (metrics: SourceMetrics) => number): Definition => ({
  name,
  help,
  type: 'gauge',
  read: ({ metrics }) => read(metrics),
})
