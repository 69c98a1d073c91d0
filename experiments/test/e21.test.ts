import { describe, expect, it } from 'vitest'
import { pullCounter, pushCoin, pushCounter, pushQueue } from '../src/e21/epidemics.ts'
import { blindCounterResidue } from '../src/e21/models.ts'
import type { Spread } from '../src/e21/rounds.ts'
import { type Choice, makeSites } from '../src/e21/sites.ts'
import { randomFrom } from '../src/statistics/random.ts'
import { mean } from '../src/statistics/summary.ts'

const sites = 1000
const fair = makeSites(sites)

const spreads = (
  epidemic: typeof pushCounter,
  k: number,
  choices: (random: () => number) => Choice = fair,
): readonly Spread[] =>
  Array.from({ length: 20 }, (_, seed) => {
    const random = randomFrom(seed)
    return epidemic({ sites, k, random, choose: choices(random) })
  })
const residue = (all: readonly Spread[]): number => mean(all.map((spread) => spread.residue))

describe('kernel', () => {
  it('never chooses the site itself, and everybody else alike', () => {
    const choose = makeSites(20)(randomFrom(1))
    const counts = new Array<number>(20).fill(0)
    for (let draw = 0; draw < 19_000; draw++) counts[choose(7)]!++
    expect(counts[7]).toBe(0)
    // Binomial with mean 1000 and deviation 31.
    for (const [site, count] of counts.entries()) if (site !== 7) expect(Math.abs(count - 1000)).toBeLessThan(160)
  })

  it('leaves e^−m with push', () => {
    for (const epidemic of [pushCounter, pushCoin]) {
      const all = spreads(epidemic, 2)
      const law = Math.exp(-mean(all.map(({ sent }) => sent)))
      expect(Math.abs(residue(all) / law - 1)).toBeLessThan(0.15)
    }
  })

  it('leaves the share of the model with a queue, each site having sent exactly k', () => {
    const all = spreads(pushQueue, 3)
    expect(Math.abs(residue(all) / blindCounterResidue(3) - 1)).toBeLessThan(0.15)
    for (const { sent, residue } of all) expect(sent).toBeCloseTo(3 * (1 - residue), 9)
  })

  it('leaves far less with pull', () => expect(residue(spreads(pullCounter, 2))).toBeLessThan(0.002))

  it('shows a biased choice', () => {
    const biased = (random: () => number): Choice => {
      const choose = fair(random)
      return (site) => Math.min(choose(site), choose(site))
    }
    expect(residue(spreads(pushCounter, 2, biased))).toBeGreaterThan(1.15 * residue(spreads(pushCounter, 2)))
  })
})
