// Goal: beacons are dskit's, in bytes and in how they merge (kv spec 6.3 and vector V9).
import { compressSnappy, uncompressSnappy } from '@hearsay/encoding'
import { asUnixMs } from '@hearsay/kv'
import { checkLaws } from '@hearsay/kv/laws'
import { describe, expect, it } from 'vitest'
import { beacon, propagationDelayTracker as type } from '../src/index.ts'

const NOW = asUnixMs(1_700_000_000_123)

checkLaws(type, {
  describe,
  it,
  arbitraryState(random, wallNow) {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
    const ids = ['0', '1', '42', String(2n ** 64n - 1n)].filter(() => random() < 0.6)
    return type.fromJson({
      beacons: Object.fromEntries(
        ids.map((id) => [
          id,
          {
            published_at: wallNow - pick([0, 1, 2]) * 900,
            deleted_at: pick([0, 0, wallNow - 500, wallNow - 1500]),
            published_by: pick(['a', 'b']),
          },
        ]),
      ),
    })
  },
})

describe('a beacon', () => {
  it('is written as dskit writes it', () => {
    const bytes = '0a13082a120f08fbd095ffbc311a066e6f64652d61'
    const state = new Map([['42', beacon(NOW, 'node-a')]])
    expect(Buffer.from(uncompressSnappy(type.encode(state), 100)).toString('hex')).toBe(bytes)
    const block = Uint8Array.from(Buffer.from(`1550${bytes}`, 'hex'))
    expect(type.decode(block)).toEqual(state)
    expect(type.toJson(type.decode(block))).toEqual({
      beacons: { '42': { published_at: NOW, published_by: 'node-a' } },
    })
  })

  it('has an id of 64 bits, and keeps the fields of a newer writer', () => {
    const id = 2n ** 64n - 1n
    const state = new Map([[String(id), { ...beacon(NOW, 'x'), unknown: Uint8Array.of(0x20, 5) }]])
    expect(type.decode(type.encode(state))).toEqual(state)
    expect(type.decode(compressSnappy(new Uint8Array(0)))).toBe(type.empty())
  })

  it('that is left out is deleted now, and dropped by that time', () => {
    const state = new Map([['1', beacon(asUnixMs(NOW - 90_000), 'x')]])
    const gone = type.replace(state, type.empty(), NOW).state
    expect(gone.get('1')).toMatchObject({ deletedAt: NOW })
    expect(type.dropTombstones(gone, NOW)).toMatchObject({ removedCount: 0, remainingCount: 1 })
    expect(type.dropTombstones(gone, asUnixMs(NOW + 1))).toMatchObject({ removedCount: 1, remainingCount: 0 })
  })

  it.each([
    [{}, '$.beacons'],
    [{ beacons: { x: {} } }, '$.beacons["x"]'],
    [{ beacons: { '18446744073709551616': {} } }, '$.beacons["18446744073709551616"]'],
    [{ beacons: { 1: { published_at: -1 } } }, '$.beacons["1"].published_at'],
  ])('is refused as JSON with the path of the problem: %j', (json, path) => {
    expect(() => type.fromJson(json)).toThrowError(path)
  })
})
