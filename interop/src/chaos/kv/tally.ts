/** What a run came to, counted by what was going on when an operation began. */
import type { Problem } from './judge.ts'
import type { Operation } from './operation.ts'

/** Counts of one fault, or of all. */
export interface Count {
  /** Writes, removals and deletions that changed something, by members of ours. */
  updates: number
  /** Of these, the ones that enough members were proven to have. */
  confirmed: number
  /** Of these, the ones that were not proven in time, or whose process was killed before. */
  unconfirmed: number
  /** The same by Go's members, which have no way to wait for proof. */
  byGo: number
  /** Operations that were undone, each once. */
  lost: number
  resurrected: number
}

/** Counts by fault, and of the whole run under `all`. */
export type Tally = Readonly<Record<string, Count>>

/** Counts operations and problems. What changed nothing, or was never answered, is no update. */
export function tally(operations: readonly Operation[], problems: readonly Problem[], isOurs: IsOurs): Tally {
  const all = zero()
  const byFault = new Map<string, Count>()
  const of = (fault: string): Count[] => {
    const own = byFault.get(fault) ?? zero()
    byFault.set(fault, own)
    return [all, own]
  }
  for (const { fault, outcome, confirmed, by } of operations) {
    if (outcome !== 'done') continue
    for (const count of of(fault)) {
      if (!isOurs(by)) count.byGo++
      else {
        count.updates++
        count[confirmed ? 'confirmed' : 'unconfirmed']++
      }
    }
  }
  for (const { kind, operation } of distinct(problems))
    for (const count of of(operation?.fault ?? 'unknown')) count[kind]++
  return { all, ...Object.fromEntries(byFault) }
}

/** Whether a member is one of ours, by its name. */
export type IsOurs = (member: string) => boolean

/** Several processes may show the same loss. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((each) => [`${each.kind} ${each.operation?.id ?? each.what}`, each])).values()]
}

const zero = (): Count => ({ updates: 0, confirmed: 0, unconfirmed: 0, byGo: 0, lost: 0, resurrected: 0 })
