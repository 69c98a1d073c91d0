// Goal: after a record is gone, what was known of it still keeps ghosts away, and those who are really back hear what they
// must outbid (DIV-41). Method: a member dies, its record is reaped, and it is claimed to be alive in several ways; both
// values of the switch; and the memory by itself.
import { describe, expect, it } from 'vitest'
import type { MemberStatus } from '../src/member.ts'
import { MAX_TOMBSTONES, Tombstones, verdictOf } from '../src/tombstones.ts'
import { aliveOf, Bench, type BenchOptions, endpoint, ip, packets, quiet, reasons, types } from './harness.ts'

const peer = endpoint(99)
const tuning = { ...quiet, rejoin: { ...quiet.rejoin, intervalMs: 0 } }
const toTheDeadMs = quiet.gossip.toTheDeadMs

/** n2 was known at incarnation 5, ended like this, and its record is gone. */
function reaped(status: MemberStatus = 'dead', options: BenchOptions = {}): Bench {
  const bench = new Bench({ tuning, ...options })
  bench.known(2, status, 5)
  bench.runTo(toTheDeadMs + 2)
  expect(types(bench.take())).toEqual(['reap n2'])
  expect(bench.machine.member('n2')).toBeUndefined()
  return bench
}

describe('a member whose record is gone', () => {
  it('is not brought back by an alive that is not newer than what was known of it', () => {
    for (const incarnation of [1, 5]) {
      const bench = reaped()
      const effects = bench.hear(peer, aliveOf(2, incarnation))
      expect(reasons(effects)).toEqual(['A10'])
      expect(types(effects)).toEqual([])
      expect(bench.machine.member('n2')).toBeUndefined()
    }
  })

  it('nor by one in a push/pull', () => {
    const bench = reaped()
    const { incarnation, address, port, meta, versions } = aliveOf(2, 5)
    const nodes = [{ name: 'n2', address, port, meta, versions, incarnation, state: 0 }]
    const message = { type: 'push-pull', join: false, nodes, userState: new Uint8Array(0) } as const
    bench.give({ kind: 'stream-request', exchange: -1, from: peer, message })
    expect(bench.machine.member('n2')).toBeUndefined()
  })

  it('is brought back by a larger incarnation', () => {
    expect(types(reaped().hear(peer, aliveOf(2, 6)))).toEqual(['join n2'])
  })

  it('is known by the highest evidence, not only by what its record held', () => {
    const bench = new Bench({ tuning })
    bench.known(2, 'dead', 5)
    bench.hear(peer, { type: 'dead', incarnation: 9, node: 'n2', from: 'x' })
    bench.runTo(toTheDeadMs + 2)
    expect(types(bench.hear(peer, aliveOf(2, 9)))).toEqual([])
    expect(types(bench.hear(peer, aliveOf(2, 10)))).toEqual(['join n2'])
  })

  it('may come from another address, at any incarnation', () => {
    for (const changes of [{ address: ip(3) }, { port: 7000 }])
      expect(types(reaped().hear(peer, aliveOf(2, 1, changes)))).toEqual(['join n2'])
  })

  it('is remembered ten times as long as its record was, and no longer', () => {
    const bench = reaped()
    bench.runTo(11 * toTheDeadMs)
    expect(types(bench.hear(peer, aliveOf(2, 5)))).toEqual([])
    bench.runTo(11 * toTheDeadMs + 2)
    expect(types(bench.hear(peer, aliveOf(2, 5)))).toEqual(['join n2'])
  })

  it('hears what it must outbid, at its own address only, when it is back with a lower incarnation', () => {
    for (const [status, from] of [
      ['dead', 'me'],
      ['left', 'n2'],
    ] as const) {
      const bench = reaped(status)
      const sent = packets(bench.hear(peer, aliveOf(2, 1)))
      expect(sent.map(({ to, parts }) => [to, parts.map((part) => part.message)])).toEqual([
        [endpoint(2), [{ type: 'dead', incarnation: 5, node: 'n2', from }]],
      ])
      // Gossip is about those who are known (invariant 31).
      expect(bench.piggyback().filter((message) => 'node' in message && message.node === 'n2')).toEqual([])
      // Which it does.
      expect(types(bench.hear(peer, aliveOf(2, 6)))).toEqual(['join n2'])
    }
  })

  it('hears it at most once in a third of the time that the dead are told', () => {
    const bench = reaped()
    const from = bench.now
    const sent = [0, 9_999, 10_000].map((later) => {
      bench.now = from + later
      return packets(bench.hear(peer, aliveOf(2, 1))).length
    })
    expect(sent).toEqual([1, 0, 1])
  })

  it('is a newcomer like any other with the switch off', () => {
    const bench = reaped('dead', { policy: { evidenceMemory: false } })
    const effects = bench.hear(peer, aliveOf(2, 1))
    expect(types(effects)).toEqual(['join n2'])
    expect(packets(effects)).toEqual([])
  })

  it('starts afresh once it is back: what was remembered is forgotten', () => {
    const bench = reaped()
    bench.hear(peer, aliveOf(2, 6))
    bench.hear(peer, { type: 'dead', incarnation: 6, node: 'n2', from: 'x' })
    expect(types(bench.hear(peer, aliveOf(2, 7)))).toEqual(['join n2'])
  })
})

describe('the memory of those who are gone', () => {
  const stone = (untilMs: number, evidence = 1) => ({ endpoint: endpoint(2), evidence, hasLeft: false, untilMs })

  it('knows a name until its time is over', () => {
    const stones = new Tombstones()
    stones.put('a', stone(100, 7), 0)
    expect(stones.get('a', 99)?.evidence).toBe(7)
    expect(stones.get('a', 100)).toBeUndefined()
    expect(stones.get('b', 0)).toBeUndefined()
    stones.put('a', stone(200, 8), 99)
    expect(stones.get('a', 199)?.evidence).toBe(8)
    stones.remove('a')
    expect(stones.get('a', 0)).toBeUndefined()
  })

  it('lets go of whose time is over when another is put', () => {
    const stones = new Tombstones()
    for (let count = 0; count < 10; count++) stones.put(`n${count}`, stone(100 + count), count)
    stones.put('last', stone(1000), 105)
    expect(stones.size).toBe(5)
  })

  it('has a bound: the one that was forgotten first goes first', () => {
    const stones = new Tombstones()
    for (let count = 0; count < MAX_TOMBSTONES + 3; count++) stones.put(`n${count}`, stone(1000 + count), 0)
    expect(stones.size).toBe(MAX_TOMBSTONES)
    expect(stones.get('n2', 0)).toBeUndefined()
    expect(stones.get('n3', 0)).toBeDefined()
  })

  it('gives the verdict as whoever it was said it: a departure in its own name', () => {
    const dead = { type: 'dead', incarnation: 1, node: 'a' }
    expect(verdictOf('a', stone(1), 'me')).toEqual({ ...dead, from: 'me' })
    expect(verdictOf('a', { ...stone(1), hasLeft: true }, 'me')).toEqual({ ...dead, from: 'a' })
  })
})
