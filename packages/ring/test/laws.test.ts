// Goal: rings are a value type as the store wants them. Method: the store's own kit of laws.
import { checkLaws } from '@hearsay/kv/laws'
import { describe, it } from 'vitest'
import { InstanceDesc, RingDesc, ringDesc } from '../src/index.ts'
import { names } from './rings.ts'

checkLaws(ringDesc, {
  describe,
  it,
  arbitraryState(random, wallNow) {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
    const entry = (): InstanceDesc =>
      new InstanceDesc({
        // A few seconds, and the very first: ties and tombstones of all ages.
        timestamp: pick([0, 1, ...[0, 1, 2, 3].map((ago) => Math.floor(wallNow / 1000) - ago)]),
        state: pick([0, 1, 2, 3, 4, 4, 9]),
        tokens: Array.from({ length: pick([0, 1, 4]) }, () => Math.floor(random() * 9)),
        addr: pick(['', 'x:1', 'y:1']),
        zone: pick(['', 'z']),
        registeredTimestamp: pick([0, 7]),
        readOnly: pick([false, true]),
        versions: new Map(pick([[], [[1n, 2n ** 64n - 1n]]] as [bigint, bigint][][])),
      })
    return RingDesc.of(Array.from({ length: pick([0, 1, 3, 6]) }, () => [pick(names), entry()]))
  },
})
