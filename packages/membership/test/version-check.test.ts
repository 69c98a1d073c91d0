// Goal: the check of versions finds what comparing every member with every other finds, at a cost that grows with the
// number of members and not with its square. Method: the plain comparison as the reference, and reads counted.
import type { NodeState, Versions } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemberStatus } from '../src/member.ts'
import { StateNumber } from '../src/peer-table.ts'
import { disagreement as disagreementOf, strictDisagreement } from '../src/version-check.ts'

const fields = [
  'protocolMin',
  'protocolMax',
  'protocolCurrent',
  'delegateMin',
  'delegateMax',
  'delegateCurrent',
] as const
const of = (...numbers: readonly number[]): Versions =>
  Object.fromEntries(fields.map((name, index) => [name, numbers[index]!])) as unknown as Versions

interface Peer {
  readonly versions: Versions | null
  readonly status: MemberStatus
}
const peer = (versions: Versions | null, status: MemberStatus = 'alive'): Peer => ({ versions, status })
const living = (local: readonly Peer[]): (Versions | null)[] =>
  local.filter(({ status }) => status === 'alive' || status === 'suspect').map(({ versions }) => versions)
const disagreement = (remote: readonly NodeState[], local: readonly Peer[]): ReturnType<typeof disagreementOf> =>
  disagreementOf(remote, living(local))
const node = (name: string, versions: Versions | null, state: number = StateNumber.alive): NodeState => ({
  name,
  address: Uint8Array.of(10, 0, 0, 2),
  port: 7946,
  meta: null,
  incarnation: 1,
  state,
  versions,
})

/** Membership spec 5.3, word for word: everybody living here against everybody living there, both ways. */
function plain(remote: readonly NodeState[], local: readonly Peer[]): readonly NodeState[] {
  const understands = (listener: Versions, speaker: Versions): boolean =>
    speaker.protocolCurrent >= listener.protocolMin &&
    speaker.protocolCurrent <= listener.protocolMax &&
    speaker.delegateCurrent >= listener.delegateMin &&
    speaker.delegateCurrent <= listener.delegateMax
  return remote.filter(({ state, versions }) => {
    if (state !== StateNumber.alive && state !== StateNumber.suspect) return false
    if (versions === null) return true
    return local.some(
      (ours) =>
        (ours.status === 'alive' || ours.status === 'suspect') &&
        ours.versions !== null &&
        !(understands(ours.versions, versions) && understands(versions, ours.versions)),
    )
  })
}

/** Mostly fitting, now and then not: or nearly every case would be a disagreement with everybody. */
const anyVersions = fc.option(
  fc
    .tuple(...fields.map((name) => fc.integer(name.endsWith('Current') ? { min: 3, max: 5 } : { min: 0, max: 3 })))
    .map(([min, max, current, low, high, speaks]) => of(min!, 7 - max!, current!, low!, 7 - high!, speaks!)),
  { nil: null, freq: 12 },
)
const statuses = ['alive', 'suspect', 'dead', 'left'] as const

describe('the check of versions', () => {
  it('finds what comparing everybody with everybody finds', () => {
    let [agreed, partly] = [0, 0]
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyVersions, fc.integer({ min: 0, max: 5 })), { maxLength: 8 }),
        fc.array(fc.tuple(anyVersions, fc.constantFrom(...statuses)), { maxLength: 5 }),
        (theirs, ours) => {
          const remote = theirs.map(([versions, state], index) => node(`n${index}`, versions, state))
          const local = ours.map(([versions, status]) => peer(versions, status))
          const found = disagreement(remote, local)
          const expected = plain(remote, local)
          expect([...found.offenders]).toEqual(expected)
          expect(found.reason === undefined).toBe(expected.length === 0)
          if (expected[0]) expect(found.reason).toContain(`member ${expected[0].name} speaks protocol `)
          if (expected.length === 0) agreed++
          else if (expected.length < remote.length) partly++
        },
      ),
      { numRuns: 2000 },
    )
    // The property says little unless both occur.
    expect(Math.min(agreed, partly)).toBeGreaterThan(100)
  })

  it('looks at each bound, from both sides', () => {
    const here = [peer(of(1, 5, 3, 2, 6, 4))]
    const fits = (...numbers: readonly number[]) => disagreement([node('n', of(...numbers))], here).offenders.size === 0
    expect(fits(3, 3, 1, 4, 4, 2)).toBe(true)
    expect(fits(3, 3, 5, 4, 4, 6)).toBe(true)
    for (const misfit of [
      [3, 3, 0, 4, 4, 4],
      [3, 3, 6, 4, 4, 4],
      [4, 9, 3, 4, 4, 4],
      [0, 2, 3, 4, 4, 4],
      [3, 3, 3, 4, 4, 1],
      [3, 3, 3, 4, 4, 7],
      [3, 3, 3, 5, 9, 4],
      [3, 3, 3, 0, 3, 4],
    ])
      expect(fits(...misfit)).toBe(false)
  })

  it('speaks of the versions of the first offender, zeros if it has none', () => {
    const here = [peer(of(1, 5, 3, 2, 6, 4))]
    expect(disagreement([node('ok', of(1, 5, 3, 2, 6, 4)), node('new', of(7, 9, 8, 2, 6, 4))], here).reason).toContain(
      'member new speaks protocol 8 and delegate protocol 4',
    )
    expect(disagreement([node('none', null)], []).reason).toContain(
      'member none speaks protocol 0 and delegate protocol 0',
    )
  })

  it('reads four times as much for four times as many members', () => {
    const work = (count: number): number => {
      let reads = 0
      const counted = (): Versions =>
        new Proxy(of(1, 5, 2, 0, 0, 0), {
          get(target, name) {
            reads++
            return Reflect.get(target, name)
          },
        })
      const local = Array.from({ length: count }, () => peer(counted()))
      const remote = Array.from({ length: count }, (_, index) => node(`n${index}`, counted()))
      expect(disagreement(remote, local).offenders.size).toBe(0)
      return reads
    }
    const [once, fourfold] = [work(250), work(1000)]
    expect(once).toBeGreaterThan(0)
    expect(fourfold).toBeLessThan(6 * once)
  })
})

describe('memberlist’s check of versions', () => {
  type Triple = readonly [number, number, number]
  const fitting: Triple = [0, 9, 5]
  /** Appendix C: [min, max, current] of the members on the one side and on the other. */
  const vectors: readonly (readonly [readonly Triple[], readonly Triple[], boolean])[] = [
    [[[0, 0, 0]], [[0, 0, 0]], true],
    [[[0, 0, 0]], [[0, 1, 0]], true],
    [[[0, 0, 0]], [[1, 1, 1]], false],
    [
      [
        [0, 1, 0],
        [0, 2, 1],
      ],
      [[1, 3, 1]],
      false,
    ],
    [
      [
        [0, 3, 2],
        [0, 2, 0],
      ],
      [
        [0, 2, 1],
        [0, 5, 0],
      ],
      true,
    ],
  ]

  it('passes the vectors of Appendix C, from both sides, for both versions', () => {
    for (const [a, b, fits] of vectors)
      for (const [theirs, ours] of [
        [a, b],
        [b, a],
      ] as const)
        for (const versions of [
          (triple: Triple) => of(...triple, ...fitting),
          (triple: Triple) => of(...fitting, ...triple),
        ]) {
          const remote = theirs.map((triple, at) => node(`n${at}`, versions(triple)))
          const local = ours.map((triple) => ({ isAlive: true, versions: versions(triple) }))
          expect(strictDisagreement(remote, local) === undefined, JSON.stringify([theirs, ours])).toBe(fits)
        }
  })

  it('has the range of the alive only, but judges everybody, here and there (membership spec 5.3)', () => {
    const narrow = of(4, 4, 4, 0, 9, 5)
    const wide = of(1, 5, 2, 0, 9, 5)
    const alive = { isAlive: true, versions: wide }
    // The dead do not narrow the range, nor do suspects …
    for (const state of [StateNumber.suspect, StateNumber.dead, StateNumber.left])
      expect(strictDisagreement([node('gone', { ...narrow, protocolCurrent: 2 }, state)], [alive])).toBeUndefined()
    expect(
      strictDisagreement([], [alive, { isAlive: false, versions: { ...narrow, protocolCurrent: 2 } }]),
    ).toBeUndefined()
    // … but what they speak has to lie in it.
    const far = of(1, 5, 9, 0, 9, 5)
    for (const state of [StateNumber.alive, StateNumber.suspect, StateNumber.dead, StateNumber.left])
      expect(strictDisagreement([node('far', far, state)], [alive])).toContain('member far speaks protocol 9')
    expect(strictDisagreement([], [alive, { isAlive: false, versions: far }])).toContain('outside of 1 to 5')
  })

  it('takes an entry without versions for one that speaks 0', () => {
    expect(strictDisagreement([node('old', null)], [])).toBeUndefined()
    expect(strictDisagreement([node('old', null)], [{ isAlive: true, versions: of(1, 5, 2, 0, 9, 5) }])).toContain(
      'member old speaks protocol 0',
    )
  })
})
