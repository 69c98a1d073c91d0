// Goal: what a store confirmed is kept and what was removed stays removed, whatever befalls the processes, and all agree.
// Method: three dskit processes and three of ours write, remove and delete at random under real faults; every view of
// every store is judged. HEARSAY_KV_MINUTES=10 makes it the long run; docs/chaos.md has its figures.

import { beforeAll, describe, expect, it } from 'vitest'
import type { Operation } from '../src/chaos/kv/operation.ts'
import { longPlan, shortPlan } from '../src/chaos/kv/plan.ts'
import { losing, reviving } from '../src/chaos/kv/plant.ts'
import { type KvRun, playKv } from '../src/chaos/kv/run.ts'
import type { View } from '../src/chaos/kv/view.ts'
import { ourKvMember } from '../src/chaos/our-build.ts'

const minutes = Number(process.env.HEARSAY_KV_MINUTES ?? 0)
const seed = Number(process.env.HEARSAY_KV_SEED ?? 1)
/** A thousand updates a minute is what the long run is for; the short one is mostly start and end. */
const leastUpdates = minutes > 0 ? minutes * 1000 : 500
/** The last fault may begin when the time is over; then proof is waited for, and agreement. */
const limitMs = minutes * 60_000 + 300_000

let run: KvRun

beforeAll(async () => {
  const ourProgram = await ourKvMember()
  run = await playKv(
    minutes > 0
      ? { ourProgram, seed, plan: longPlan, seconds: minutes * 60 }
      : { ourProgram, seed, plan: () => shortPlan },
  )
  console.log(JSON.stringify({ scenario: 'kv', ...run.finding }))
}, limitMs)

describe('six stores under random writes, removals, deletions, kills, restarts and partitions', () => {
  it('hold the same in the end, entry by entry', () => {
    expect(run.finding.differences).toEqual([])
    expect(run.finding.agreedMs).toBeDefined()
    expect(run.finding.held.entries).toBeGreaterThan(50)
  })

  it('lose nothing that was confirmed, and bring nothing back', () => {
    expect(run.finding.problems).toEqual([])
    expect(run.finding.tally.all).toMatchObject({ lost: 0, resurrected: 0 })
  })

  it('confirm at least 95 % of what was done', () => {
    const { updates, confirmed, byGo } = run.finding.tally.all!
    expect(updates).toBeGreaterThanOrEqual(leastUpdates)
    expect(byGo).toBeGreaterThan(0)
    expect(confirmed / updates).toBeGreaterThanOrEqual(0.95)
  })
})

describe('in what they hold', () => {
  const planted = (
    wanted: (operation: Operation, view: View) => boolean,
    edit: (view: View, operation: Operation) => View,
  ): string[] => {
    // A member that was started since may not have it any more: one that has is taken.
    const [[member, view, operation] = []] = [...run.views].flatMap(([name, held]) => {
      const last = run.judge.operations.findLast((each) => each.confirmed && wanted(each, held))
      return last ? [[name, held, last] as const] : []
    })
    if (!member || !view || !operation) throw new Error('nothing was done that could be undone')
    const views = new Map(run.views).set(member, edit(view, operation))
    const found = run.judge.conclude(views, run.atMs)
    return found.flatMap(({ kind, where, operation: about }) => (about === operation && where === member ? [kind] : []))
  }
  const entryOf = ({ key, name }: Operation, view: View) => view.get(key)?.entries.get(name)

  it('a planted loss is found', () => {
    const isThere = (operation: Operation, view: View) =>
      operation.kind === 'write' &&
      view.get(operation.key)?.deletedAtMs === undefined &&
      entryOf(operation, view)?.timestamp === operation.timestamp &&
      entryOf(operation, view)?.isTombstone === false
    expect(planted(isThere, losing)).toEqual(['lost'])
  })

  it('a planted resurrection of an entry is found', () => {
    const isRemoved = (operation: Operation, view: View) =>
      operation.kind === 'remove' &&
      entryOf(operation, view)?.timestamp === operation.timestamp &&
      entryOf(operation, view)?.isTombstone === true
    expect(planted(isRemoved, reviving)).toEqual(['resurrected'])
  })

  it('a planted resurrection of a key is found', () => {
    const isDeleted = (operation: Operation, view: View) =>
      operation.kind === 'delete' && view.get(operation.key)?.deletedAtMs !== undefined
    expect(planted(isDeleted, reviving)).toEqual(['resurrected'])
  })
})
