// Goal: runs of stores are what their seed says. Method: small ones, twice, and by another way.

import { describe, expect, it } from 'vitest'
import { drawKvCase, timesOf } from '../../src/kv/case.ts'
import { nothing, plusRun, vacantRows } from '../../src/kv/report.ts'
import { guardedTrial } from '../../src/kv/run.ts'

const caseOf = (seed: number) => drawKvCase(seed, { maxNodes: 5 })

describe('a run of stores', () => {
  it('is the same each time, and another for another seed', async () => {
    const [first, second, other] = [
      await guardedTrial(caseOf(3)),
      await guardedTrial(caseOf(3)),
      await guardedTrial(caseOf(4)),
    ]
    expect(first.violations).toEqual([])
    expect(second).toEqual(first)
    expect(other.hash).not.toBe(first.hash)
  })

  it('is the same with the bytes of production', async () => {
    const each = { ...caseOf(5), bytes: false }
    const [without, real] = [await guardedTrial(each), await guardedTrial({ ...each, bytes: true })]
    expect(real.hash).toBe(without.hash)
  })

  it('counts what happened, and says what did not', async () => {
    const run = await guardedTrial(caseOf(6))
    const total = plusRun(plusRun(nothing, 6, run), 6, run)
    expect(total).toMatchObject({ seeds: 2, events: 2 * run.events, most: run.most })
    expect(total.happenings['entry written']).toBe(2 * run.happenings['entry written']!)
    expect(vacantRows(nothing)).toContain('law "kv-convergence" was never put to the test')
    expect(vacantRows(total)).not.toContain('law "kv-convergence" was never put to the test')
  })

  it('tells of what nobody caught', async () => {
    const broken = guardedTrial(caseOf(7), {
      observer: {
        changed: () => {
          throw new Error('an observer of this test')
        },
      },
    })
    expect((await broken).violations).toMatchObject([{ checker: 'no-exception' }])
  })
})

describe('a case', () => {
  it('survives being printed', () => {
    expect(JSON.parse(JSON.stringify(caseOf(8)))).toEqual(caseOf(8))
  })
  it('is quiet at the end for as long as what was promised may take', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { healedAtMs, calmAtMs, editedAtMs, endsAtMs } = timesOf(caseOf(seed))
      expect(healedAtMs).toBeLessThan(calmAtMs)
      expect(calmAtMs).toBeLessThan(editedAtMs)
      expect(endsAtMs - editedAtMs).toBeGreaterThan(20_000)
    }
  })
})
