// Goal: graves keep their order, and outlive records and the use of their indices for others. Method: random departures,
// returns and removals beside a Map by name, which is what graves were.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Graves } from '../src/graves.ts'
import { PeerColumns } from '../src/peer-columns.ts'
import type { PeerIndex } from '../src/peer-table.ts'
import { endpoint, ip } from './harness.ts'

const noBytes = new Uint8Array(0)
const record = (host: number) => ({
  name: `n${host}`,
  address: ip(host),
  port: 7946,
  meta: noBytes,
  versions: null,
  incarnation: 1,
  evidence: 1,
  status: 'dead' as const,
  statusSinceMs: 0,
})
const step = fc.record({
  does: fc.constantFrom('bury', 'bury', 'bury', 'remove', 'return', 'exhume-named', 'forget', 'limit'),
  host: fc.integer({ min: 2, max: 9 }),
  number: fc.nat(12),
})

describe('graves', () => {
  it('are what a map by name is', () => {
    let longest = 0
    let strangers = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const table = new PeerColumns({ ...record(1), status: 'alive' })
        const graves = new Graves(table)
        const plain = new Map<string, number>()
        const known = (host: number): PeerIndex => {
          const there = table.find(`n${host}`)
          if (there >= 0) return there
          // Whoever gets a record is exhumed: it was alive.
          const peer = table.add(record(host))
          graves.exhume(peer)
          plain.delete(`n${host}`)
          return peer
        }
        for (const [now, { does, host, number }] of steps.entries()) {
          const name = `n${host}`
          if (does === 'bury') {
            graves.bury(known(host), now)
            plain.delete(name)
            plain.set(name, now)
          } else if (does === 'return') {
            graves.exhume(known(host))
            plain.delete(name)
          } else if (does === 'remove') {
            const peer = table.find(name)
            if (peer < 0) continue
            graves.unrecord(peer)
            table.remove(peer)
            if (plain.has(name)) strangers++
          } else if (does === 'exhume-named') {
            graves.exhumeNamed(name)
            plain.delete(name)
          } else if (does === 'forget') {
            graves.forgetOlder(number, now)
            for (const [oldest, since] of plain) if (now - since > number) plain.delete(oldest)
          } else {
            graves.limit(number)
            for (const oldest of plain.keys()) if (plain.size > number) plain.delete(oldest)
          }
          longest = Math.max(longest, plain.size)
          expect(graves.size).toBe(plain.size)
          const there = Array.from({ length: plain.size + 1 }, (_, at) => graves.contact(at))
          const wanted = [...plain.keys()].map((each) => ({ name: each, endpoint: endpoint(Number(each.slice(1))) }))
          expect(there).toEqual([...wanted, undefined])
        }
      }),
      { numRuns: 300 },
    )
    expect(longest).toBeGreaterThan(5)
    expect(strangers).toBeGreaterThan(100)
  })
})
