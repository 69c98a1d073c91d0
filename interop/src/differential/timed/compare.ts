/** Two histories of one script. */
import type { Both } from '../compare.ts'
import type { Instant } from './instants.ts'
import type { Script, Watch } from './script.ts'
import type { Trace } from './trace.ts'

/** Something that did not happen in both, or not at the same time. */
export interface Mismatch {
  readonly watch: Watch
  readonly go: Instant | undefined
  readonly ours: Instant | undefined
}

/** What was compared. */
export interface Comparison {
  readonly mismatches: readonly Mismatch[]
  /** Instants that were laid beside each other. */
  readonly instants: number
  /** By what was compared: how many instants, and how far apart the worst of those that are near enough. */
  readonly watched: ReadonlyMap<string, { readonly instants: number; readonly apartMs: number }>
}

/** Lays them side by side. */
export function compareTraces({ watches }: Script, { go, ours }: Both<Trace>): Comparison {
  const mismatches: Mismatch[] = []
  const watched = new Map<string, { instants: number; apartMs: number }>()
  let instants = 0
  for (const watch of watches) {
    const left = byName(watch.instants(go))
    const right = byName(watch.instants(ours))
    for (const what of new Set([...left.keys(), ...right.keys()])) {
      const [a, b] = [left.get(what) ?? [], right.get(what) ?? []]
      for (let index = 0; index < Math.max(a.length, b.length); index++) {
        const pair = { go: a[index], ours: b[index] }
        const distance = pair.go && pair.ours ? Math.abs(pair.go.atMs - pair.ours.atMs) : Number.POSITIVE_INFINITY
        instants++
        const isNear = distance <= watch.toleranceMs
        if (!isNear) mismatches.push({ watch, ...pair })
        const before = watched.get(watch.what) ?? { instants: 0, apartMs: 0 }
        const apartMs = isNear ? Math.max(distance, before.apartMs) : before.apartMs
        watched.set(watch.what, { instants: before.instants + 1, apartMs })
      }
    }
  }
  return { mismatches, instants, watched }
}

/** Those of one name in order of time: the first is compared with the first. */
function byName(instants: readonly Instant[]): Map<string, Instant[]> {
  const groups = new Map<string, Instant[]>()
  for (const instant of [...instants].sort((a, b) => a.atMs - b.atMs)) {
    const group = groups.get(instant.what)
    if (group) group.push(instant)
    else groups.set(instant.what, [instant])
  }
  return groups
}

/** A mismatch as a line. */
export const describeMismatch = ({ watch, go, ours }: Mismatch): string =>
  `${watch.what}: go ${describe(go)}, ours ${describe(ours)}`

const describe = (instant: Instant | undefined): string =>
  instant === undefined ? 'nothing' : `${instant.what} at ${instant.atMs.toFixed(1)} ms`
