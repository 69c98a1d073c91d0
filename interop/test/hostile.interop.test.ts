// Goal: whatever bytes come, our member does what memberlist v0.7.0 does, but for what differs on purpose. Method: each
// input goes to a real Go process and to a member of ours, configured equally; everything that can be seen of the two
// is compared. Inputs that crash Go go to ours alone.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_PACKETS, DEFAULT_STREAMS, describeProblem, describeSurprise, PAGE } from '../hostile/command.ts'
import { corpus, corpusGroups } from '../hostile/corpus.ts'
import { rows, unplayed } from '../hostile/rows/index.ts'
import { runCorpus } from '../hostile/run-corpus.ts'
import { runRows } from '../hostile/run-rows.ts'
import { verdictsPage } from '../hostile/table.ts'

const SEED = 20_261_126
const numbered = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)

describe('the rows of wire spec 7', () => {
  it('all have an input', () => {
    const played = new Set([...rows.map(({ row }) => row), ...Object.keys(unplayed)])
    expect([...numbered('P', 48), ...numbered('S', 32), ...numbered('I', 7)].filter((row) => !played.has(row))).toEqual(
      [],
    )
  })

  it('have the verdicts that docs/verdicts.md lists: the same on both sides, or different for a reason', async () => {
    const results = await runRows(rows)
    expect(results.filter(({ problem }) => problem !== undefined).map(describeProblem)).toEqual([])
    expect(verdictsPage(results)).toBe(readFileSync(PAGE, 'utf8'))
  }, 300_000)
})

describe('a generated corpus', () => {
  it('is the same for the same seed, and another for another', () => {
    const { group } = corpusGroups[0]!
    const first = (seed: number): string[] =>
      [...corpus(group, { seed, packets: 80, streams: 20 })].map(({ bytes }) => Buffer.from(bytes).toString('hex'))
    expect(first(1)).toEqual(first(1))
    expect(first(1)).not.toEqual(first(2))
  })

  it('has the same verdicts on both sides, but for what is listed', async () => {
    const result = await runCorpus({ seed: SEED, packets: DEFAULT_PACKETS, streams: DEFAULT_STREAMS })
    expect(result.surprises.map(describeSurprise)).toEqual([])
    // Garbage alone would prove little: of many an input something came.
    expect(result.inputs).toBe(DEFAULT_PACKETS + DEFAULT_STREAMS)
    expect(result.effective).toBeGreaterThan(result.inputs / 5)
  }, 300_000)
})
