/** What the tests of this package share: short ways to write entries and rings down, and random ones. */
import type { UnixMs } from '@hearsay/kv/contract'
import fc from 'fast-check'
import { InstanceDesc, type InstanceInit, InstanceState, type InstanceStateName, RingDesc } from '../src/index.ts'

/** `I(ts, state, {tokens})` of ring spec 11. */
export const I = (
  timestamp: number | bigint,
  state: InstanceStateName = 'ACTIVE',
  tokens: readonly number[] = [],
  more: InstanceInit = {},
): InstanceDesc => new InstanceDesc({ timestamp, state: InstanceState[state], tokens, ...more })

export const ring = (entries: Record<string, InstanceDesc>): RingDesc => RingDesc.of(Object.entries(entries))

/** Wall-clock time at a number of Unix seconds. */
export const at = (seconds: number): UnixMs => (seconds * 1000) as UnixMs

/** What a ring says, in a form that `toEqual` compares well. */
export const plain = (desc: RingDesc): Record<string, unknown> =>
  Object.fromEntries(
    Array.from(desc, ([name, entry]) => {
      const { tokens, unknown, versions, ...rest } = entry.fields()
      return [name, { ...rest, tokens: [...tokens], unknown: [...unknown], versions: [...versions].sort() }]
    }),
  )

/** A few names, so that rings meet; two of them sort differently by UTF-16 than by bytes. */
export const names = ['a', 'b', 'c', 'd', '\uFB00', '\u{1F600}']

/** The clock of random rings: timestamps lie around it, some beyond what is believed. */
export const NOW = at(100_000)

const timestamps = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 99_998, max: 100_002 }) },
  { weight: 2, arbitrary: fc.constantFrom(-3, -1, 0, 1) },
  { weight: 2, arbitrary: fc.constantFrom(103_599, 103_600, 103_601, 200_000) },
  { weight: 1, arbitrary: fc.constantFrom(2n ** 62n, 2n ** 62n + 1n, -(2n ** 62n)) },
)

/** Entries that tie, claim each other's tokens, and are dated anywhere. */
export const anyEntry: fc.Arbitrary<InstanceDesc> = fc
  .record({
    timestamp: timestamps,
    state: fc.constantFrom(0, 1, 2, 3, 4, 4, 7),
    tokens: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 5 }),
    addr: fc.constantFrom('', 'x:1', 'y:1'),
    zone: fc.constantFrom('', 'z1', 'z2'),
    registeredTimestamp: fc.constantFrom(0, 5),
    readOnly: fc.boolean(),
    versions: fc.constantFrom(new Map<bigint, bigint>(), new Map([[2n ** 64n - 1n, 1n]])),
    unknown: fc.constantFrom(new Uint8Array(0), Uint8Array.of(0xc0, 0x02, 0x01)),
  })
  .map((init) => new InstanceDesc(init))

export const anyRing: fc.Arbitrary<RingDesc> = fc
  .array(fc.tuple(fc.constantFrom(...names), anyEntry), { maxLength: 8 })
  .map((entries) => RingDesc.of(entries))
