// Goal: who is gone is forgotten, in time and not before, and nobody else ever is (DIV-39, DIV-41; invariant 45). Method:
// one machine on virtual time; and any number of departures and returns.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Context } from '../src/context.ts'
import type { MemberStatus } from '../src/member.ts'
import { PeerColumns } from '../src/peer-columns.ts'
import { Reaper } from '../src/reap.ts'
import { Tombstones } from '../src/tombstones.ts'
import { aliveOf, Bench, endpoint, events, ip, quiet, types } from './harness.ts'

const peer = endpoint(99)
const toTheDeadMs = 4000
const tuning = {
  ...quiet,
  gossip: { ...quiet.gossip, toTheDeadMs },
  rejoin: { ...quiet.rejoin, intervalMs: 0 },
  deadNodeReclaimMs: 1,
}

describe('a record of one who is gone', () => {
  it('is kept for the whole time, and dropped after it without any probing, which is told (DIV-46)', () => {
    for (const status of ['dead', 'left'] as const) {
      const bench = new Bench({ tuning })
      bench.known(2, status, 1)
      bench.runTo(toTheDeadMs)
      expect(bench.status('n2')).toBe(status)
      bench.runTo(toTheDeadMs + 1)
      expect(bench.status('n2')).toBeUndefined()
      expect(events(bench.take())).toMatchObject([{ type: 'reap', member: { name: 'n2', status } }])
    }
  })

  it('takes what is queued about it along', () => {
    const bench = new Bench({ tuning })
    bench.known(2, 'dead', 1)
    expect(bench.piggyback().some((message) => 'node' in message && message.node === 'n2')).toBe(true)
    bench.runTo(toTheDeadMs + 1)
    expect(bench.piggyback().some((message) => 'node' in message && message.node === 'n2')).toBe(false)
  })

  it('starts anew when it was alive in between', () => {
    const bench = new Bench({ tuning })
    bench.known(2, 'dead', 1)
    bench.runTo(3000)
    bench.hear(peer, aliveOf(2, 2), { type: 'dead', incarnation: 2, node: 'n2', from: 'x' })
    bench.runTo(3000 + toTheDeadMs)
    expect(bench.status('n2')).toBe('dead')
    bench.runTo(3000 + 2 * toTheDeadMs)
    expect(bench.status('n2')).toBeUndefined()
  })

  it('is looked for at most once in a while, however many go: a second, or a quarter of the time', () => {
    const bench = new Bench({ tuning })
    const reapedAt: number[] = []
    for (let host = 2; host < 60; host++) {
      bench.runTo(bench.now + 20)
      bench.known(host, 'dead', 1)
    }
    for (let due = bench.machine.nextDeadline(); due; due = bench.machine.nextDeadline()) {
      expect(due.reason).toBe('reap')
      bench.runTo(due.at)
      reapedAt.push(bench.now)
    }
    expect(types(bench.take())).toHaveLength(58)
    expect(reapedAt.length).toBeGreaterThan(1)
    for (const [at, time] of reapedAt.slice(1).entries()) expect(time - reapedAt[at]!).toBeGreaterThanOrEqual(1000)
  })

  it('needs one place, however often the member comes and goes', () => {
    const noBytes = new Uint8Array(0)
    const record = { name: 'me', address: ip(1), port: 1, meta: noBytes, versions: null, incarnation: 1, evidence: 1 }
    const table = new PeerColumns({ ...record, status: 'alive', statusSinceMs: 0 })
    const flapping = table.add({ ...record, name: 'n2', status: 'dead', statusSinceMs: 0 })
    let looks = 0
    const has = table.has.bind(table)
    table.has = (index) => {
      looks++
      return has(index)
    }
    const out = { event: () => {} }
    const context = { table, tuning, out, queue: { dropControl: () => {} }, policy: {} } as unknown as Context
    const reaper = new Reaper(context, new Tombstones(), () => {})
    for (let now = 0; now < 1000; now++) reaper.note(flapping, now)
    looks = 0
    reaper.tick(10_000)
    expect(looks).toBeGreaterThan(0)
    expect(looks).toBeLessThan(10)
    expect(table.find('n2')).toBe(-1)
    expect(reaper.nextAt).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('invariant 45: a record is reaped only when it is dead or left for longer than gossip.toTheDeadMs', () => {
  it('whatever happens; and the own one never', () => {
    const step = fc.record({
      kind: fc.constantFrom(
        'alive',
        'suspect',
        'dead',
        'dead',
        'left',
        'left',
        'move',
        'leave',
        'rejoin',
        'wait',
        'wait',
      ),
      host: fc.integer({ min: 2, max: 4 }),
      waitMs: fc.constantFrom(0, 1, 999, toTheDeadMs, toTheDeadMs + 1),
    })
    let reaps = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const bench = new Bench({ tuning, isAuthenticated: () => true })
        let incarnation = 2
        let request = 1
        for (const host of [2, 3, 4]) bench.known(host, 'alive', 1)
        for (const { kind, host, waitMs } of steps) {
          // One by one, so that what was believed just before is known.
          for (
            let due = bench.machine.nextDeadline();
            due && due.at <= bench.now + waitMs;
            due = bench.machine.nextDeadline()
          ) {
            const before = new Map(bench.machine.members().map((member) => [member.name, member]))
            bench.now = Math.max(bench.now, due.at)
            for (const event of events(bench.give({ kind: 'deadline' }))) {
              if (event.type !== 'reap') continue
              reaps++
              const member = before.get(event.member.name)!
              expect(['dead', 'left'] satisfies MemberStatus[]).toContain(member.status)
              expect(bench.now - member.statusSinceMs).toBeGreaterThan(toTheDeadMs)
              expect(member.isSelf).toBe(false)
            }
          }
          bench.now += waitMs
          const node = `n${host}`
          if (kind === 'alive') bench.hear(peer, aliveOf(host, incarnation++))
          else if (kind === 'move') bench.hear(peer, aliveOf(host, incarnation++, { port: 1000 + incarnation }))
          else if (kind === 'suspect') bench.hear(peer, { type: 'suspect', incarnation, node, from: 'x' })
          else if (kind === 'dead') bench.hear(peer, { type: 'dead', incarnation, node, from: 'x' })
          else if (kind === 'left') bench.hear(peer, { type: 'dead', incarnation, node, from: node })
          else if (kind === 'leave') bench.give({ kind: 'leave', request: request++, timeoutMs: 10 })
          else if (kind === 'rejoin') bench.give({ kind: 'rejoin', request: request++ })
          expect(bench.machine.self.name).toBe('me')
        }
      }),
      { numRuns: 200 },
    )
    expect(reaps).toBeGreaterThan(50)
  })
})
