// Goal: every cell of membership spec 1.9, through the pure rule and through the machine. Method: the table is written
// out here as the specification has it, with the memory of evidence (DIV-10), and walked.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemberStatus } from '../src/member.ts'
import { judge, type Verdict } from '../src/precedence.ts'
import { aliveOf, Bench, endpoint, events } from './harness.ts'

const statuses: readonly MemberStatus[] = ['alive', 'suspect', 'dead', 'left']
type Claim = 'alive' | 'suspect' | 'dead' | 'left'
const below = 4
const record = 5
const above = 6

/** Status after a claim below, at and above incarnation 5; columns of membership spec 1.9. */
const matrix: Readonly<
  Record<MemberStatus, Readonly<Record<Claim, readonly [MemberStatus, MemberStatus, MemberStatus]>>>
> = {
  alive: {
    alive: ['alive', 'alive', 'alive'],
    suspect: ['alive', 'suspect', 'suspect'],
    dead: ['alive', 'dead', 'dead'],
    left: ['alive', 'left', 'left'],
  },
  suspect: {
    alive: ['suspect', 'suspect', 'alive'],
    suspect: ['suspect', 'suspect', 'suspect'],
    dead: ['suspect', 'dead', 'dead'],
    left: ['suspect', 'left', 'left'],
  },
  dead: {
    alive: ['dead', 'dead', 'alive'],
    suspect: ['dead', 'dead', 'dead'],
    dead: ['dead', 'dead', 'dead'],
    left: ['dead', 'dead', 'dead'],
  },
  left: {
    alive: ['left', 'left', 'alive'],
    suspect: ['left', 'left', 'left'],
    dead: ['left', 'left', 'left'],
    left: ['left', 'left', 'left'],
  },
}

function say(bench: Bench, claim: Claim, incarnation: number): void {
  const node = 'n2'
  if (claim === 'alive') bench.hear(endpoint(3), aliveOf(2, incarnation))
  else if (claim === 'suspect') bench.hear(endpoint(3), { type: 'suspect', incarnation, node, from: 'other' })
  else bench.hear(endpoint(3), { type: 'dead', incarnation, node, from: claim === 'left' ? node : 'other' })
}

describe('precedence of claims about another member', () => {
  for (const status of statuses) {
    for (const claim of ['alive', 'suspect', 'dead', 'left'] as const) {
      for (const [column, incarnation] of [below, record, above].entries()) {
        const expected = matrix[status][claim][column]!
        it(`${status}@5 hears ${claim}@${incarnation} and is ${expected}`, () => {
          const bench = new Bench()
          bench.known(2, status, record)
          say(bench, claim, incarnation)
          // In every snapshot, that of an event as well (DIV-1).
          expect(bench.status('n2')).toBe(expected)
          for (const { type, member } of events(bench.take()))
            if (type !== 'update') expect(member.status).toBe(expected)
        })
      }
    }
  }

  it('raises the incarnation with an accepted claim, but not with a confirmation', () => {
    for (const [status, claim, incarnation] of [
      ['alive', 'alive', 6],
      ['alive', 'suspect', 6],
      ['alive', 'dead', 6],
      ['suspect', 'suspect', 5],
      ['dead', 'dead', 5],
    ] as const) {
      const bench = new Bench()
      bench.known(2, status, record)
      say(bench, claim, above)
      expect(bench.machine.member('n2')?.incarnation, `${status} ${claim}`).toBe(incarnation)
    }
  })

  it('leaves an unknown name unknown, whatever the accusation', () => {
    for (const claim of ['suspect', 'dead', 'left'] as const) {
      const bench = new Bench()
      say(bench, claim, 5)
      expect(bench.status('n2')).toBeUndefined()
    }
  })

  it('does not revive below the highest evidence ever seen: alive@1, dead@1, dead@10, alive@2 stays dead (DIV-10)', () => {
    const bench = new Bench()
    bench.known(2, 'dead', 1)
    say(bench, 'dead', 10)
    say(bench, 'alive', 2)
    expect(bench.status('n2')).toBe('dead')
    say(bench, 'alive', 10)
    expect(bench.status('n2')).toBe('dead')
    say(bench, 'alive', 11)
    expect(bench.status('n2')).toBe('alive')
  })

  it('invariant 13: it ends live exactly when the largest alive exceeds the largest accusation, in any order', () => {
    const claim = fc.record({
      claim: fc.constantFrom<Claim>('alive', 'suspect', 'dead', 'left'),
      incarnation: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 12 }), (claims) => {
        const bench = new Bench()
        bench.known(2, 'alive', 1)
        for (const each of claims) say(bench, each.claim, each.incarnation)
        const highest = (live: boolean): number =>
          Math.max(0, ...claims.filter((each) => (each.claim === 'alive') === live).map((each) => each.incarnation))
        expect(bench.status('n2') === 'alive').toBe(Math.max(1, highest(true)) > highest(false))
      }),
      { numRuns: 300 },
    )
  })

  it('names a verdict for each cell', () => {
    const known = (status: MemberStatus) => ({ status: () => status, incarnation: () => 5, evidence: () => 7 })
    const verdicts: Record<MemberStatus, readonly [Verdict, Verdict]> = {
      alive: ['suspect', 'bury'],
      suspect: ['confirm', 'bury'],
      dead: ['note', 'note'],
      left: ['note', 'note'],
    }
    for (const status of statuses) {
      expect(judge(known(status), 0, 'alive', 7)).toBe('stale')
      expect(judge(known(status), 0, 'alive', 8)).toBe('accept')
      for (const [column, claim] of (['suspect', 'dead'] as const).entries()) {
        expect(judge(known(status), 0, claim, 4)).toBe('stale')
        expect(judge(known(status), 0, claim, 5)).toBe(verdicts[status][column])
      }
    }
  })
})
