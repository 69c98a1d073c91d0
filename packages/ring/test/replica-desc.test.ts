// Goal: the HA tracker's value merges as kv spec 9.4 says, and members agree where the reference leaves them apart.
import { uncompressSnappy } from '@hearsay/encoding'
import { asUnixMs } from '@hearsay/kv'
import { checkLaws } from '@hearsay/kv/laws'
import { describe, expect, it } from 'vitest'
import { type ReplicaDesc, replicaDesc } from '../src/index.ts'

const NOW = asUnixMs(1_700_000_000_000)

checkLaws(replicaDesc, {
  describe,
  it,
  // Elections as there are: who is elected later has been elected more often, and its samples come later.
  arbitraryState(random, wallNow) {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
    const election = pick([1, 2, 3])
    const receivedAt = wallNow - 9000 + election * 1000 + pick([0, 1])
    return replicaDesc.fromJson({
      replica: pick(['a', 'b']) + election,
      received_at: receivedAt,
      deleted_at: pick([0, 0, receivedAt + 500]),
      elected_at: wallNow - 9000 + election * 1000,
      elected_changes: election,
    })
  },
  except: {
    'change is minimal': 'its one name is the whole value, so each state has another',
    'replace removes what is missing': 'the reference ignores what a compare-and-set leaves out',
  },
})

const value = (replica: string, receivedAt: number, electedAt: number, deletedAt = 0): ReplicaDesc =>
  replicaDesc.fromJson({ replica, received_at: receivedAt, elected_at: electedAt, deleted_at: deletedAt })
const winner = (a: ReplicaDesc, b: ReplicaDesc) => replicaDesc.merge(a, b, NOW).state

describe('a replica', () => {
  it('of the same name: the later samples win, and among equals a mark for deletion', () => {
    const [old, late, marked] = [value('a', 10, 5), value('a', 20, 5), value('a', 10, 5, 15)]
    expect([winner(old, late), winner(late, old)]).toEqual([late, late])
    expect([winner(old, marked), winner(marked, old)]).toEqual([marked, marked])
    expect(winner(marked, late)).toBe(late)
  })

  it('of another name: the later election wins, then the later samples, then the larger name', () => {
    const [a, b] = [value('a', 99, 5), value('b', 10, 6)]
    expect([winner(a, b), winner(b, a)]).toEqual([b, b])
    const [c, d] = [value('a', 20, 5), value('b', 10, 5)]
    expect([winner(c, d), winner(d, c)]).toEqual([c, c])
    const [e, f] = [value('a', 10, 5), value('b', 10, 5)]
    expect([winner(e, f), winner(f, e)]).toEqual([f, f])
  })

  it('has a name for each value, none when nobody is elected, and no tombstones', () => {
    expect(replicaDesc.names(value('a', 10, 5))).not.toEqual(replicaDesc.names(value('a', 11, 5)))
    expect(replicaDesc.names(replicaDesc.empty())).toEqual([])
    expect(replicaDesc.dropTombstones(value('a', 1, 1, 1), undefined).removedCount).toBe(0)
  })

  it('is protobuf in a block of snappy, and keeps the fields of a newer writer', () => {
    const bytes = replicaDesc.encode({ ...value('r', 1, 3, 2), electedChanges: 4, unknown: Uint8Array.of(0x30, 7) })
    expect(Buffer.from(uncompressSnappy(bytes, 100)).toString('hex')).toBe(
      '0a0172' + '1001' + '1802' + '2003' + '2804' + '3007',
    )
    expect(replicaDesc.encode(replicaDesc.decode(bytes))).toEqual(bytes)
    expect(replicaDesc.toJson(replicaDesc.decode(bytes))).toEqual({
      replica: 'r',
      received_at: 1,
      deleted_at: 2,
      elected_at: 3,
      elected_changes: 4,
    })
  })
})
