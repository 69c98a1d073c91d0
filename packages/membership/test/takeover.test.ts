// Goal: a name moves to another address only when whoever had it is gone, and no rumour about the predecessor hits the
// newcomer (DIV-4, 9, 14). Method: the claim of a newcomer, and the old one answering or not; both values of the switch.
import type { PacketMessage, Ping } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import { MAX_URGENT_PROBES } from '../src/probe-targets.ts'
import { MAX_TAKEOVERS } from '../src/takeover.ts'
import {
  aliveOf,
  Bench,
  type BenchOptions,
  endpoint,
  events,
  ip,
  packets,
  probing,
  quiet,
  reasons,
  types,
} from './harness.ts'

const peer = endpoint(99)
const tuning = { ...quiet, rejoin: { ...quiet.rejoin, intervalMs: 0 } }
const moving = (incarnation: number) => aliveOf(2, incarnation, { address: ip(3) })
const farewell = { type: 'dead', incarnation: 9, node: 'n2', from: 'n2' }

/** n2 left at incarnation 9. */
function left(options: BenchOptions = {}): Bench {
  const bench = new Bench({ tuning, ...options })
  bench.known(2, 'left', 9)
  return bench
}

const sent = (effects: readonly Effect[]): { to: string; messages: PacketMessage[] }[] =>
  packets(effects).map(({ to, parts }) => ({ to, messages: parts.map((part) => part.message) }))
const pinged = (effects: readonly Effect[]): Ping[] =>
  sent(effects)
    .flatMap(({ messages }) => messages)
    .filter((message): message is Ping => message.type === 'ping')

describe('a name that wants to move after its owner left', () => {
  it('is asked for at the old address first, together with the farewell, and stays meanwhile', () => {
    const bench = left()
    const before = bench.machine.member('n2')
    const effects = bench.hear(peer, moving(1))
    expect(sent(effects)).toMatchObject([{ to: endpoint(2), messages: [{ type: 'ping', node: 'n2' }, farewell] }])
    expect(types(effects)).toEqual([])
    expect(bench.machine.member('n2')).toEqual(before)
  })

  it('moves when nobody answers within the probe timeout', () => {
    const bench = left()
    bench.hear(peer, moving(1))
    bench.take()
    bench.runTo(499)
    expect(bench.status('n2')).toBe('left')
    bench.runTo(500)
    expect(types(bench.take())).toEqual(['join n2'])
    expect(bench.machine.member('n2')).toMatchObject({ address: endpoint(3), incarnation: 1, status: 'alive' })
    expect(bench.machine.nextDeadline()?.reason).not.toBe('takeover')
  })

  it('does not move when the old one answers: that is a conflict, and nothing happens later', () => {
    const bench = left()
    const before = bench.machine.member('n2')
    const [{ seqNo }] = pinged(bench.hear(peer, moving(1))) as [Ping]
    bench.take()
    bench.now = 499
    const effects = bench.hear(endpoint(2), { type: 'ack', seqNo, payload: null })
    expect(events(effects)).toMatchObject([{ type: 'conflict', claimedBy: endpoint(3) }])
    bench.runTo(5_000)
    expect(types(bench.take())).toEqual(['conflict n2'])
    expect(bench.machine.member('n2')).toEqual(before)
  })

  it('stays where it is when the old one is back before the question is over', () => {
    const bench = left()
    bench.hear(peer, moving(1))
    bench.hear(peer, aliveOf(2, 10))
    bench.runTo(5_000)
    expect(bench.machine.member('n2')).toMatchObject({ address: endpoint(2), incarnation: 10, status: 'alive' })
  })

  it('is a newcomer when the old record is forgotten meanwhile', () => {
    const bench = left()
    bench.runTo(tuning.gossip.toTheDeadMs)
    bench.hear(peer, moving(1))
    bench.runTo(bench.now + 500)
    expect(types(bench.take())).toEqual(['reap n2', 'join n2'])
    expect(bench.machine.member('n2')?.address).toBe(endpoint(3))
  })

  it('keeps a copy of the claim: the caller may reuse its buffers', () => {
    const bench = left()
    const address = ip(3)
    const meta = Uint8Array.of(1, 2, 3)
    bench.hear(peer, aliveOf(2, 1, { address, meta }))
    address.fill(9)
    meta.fill(9)
    bench.runTo(500)
    expect(bench.machine.member('n2')).toMatchObject({ address: endpoint(3), meta: Uint8Array.of(1, 2, 3) })
  })

  it('moves at once where what arrives is authenticated, and with the switch off', () => {
    for (const options of [{ isAuthenticated: () => true }, { policy: { provenTakeover: false } }]) {
      const effects = left(options).hear(peer, moving(1))
      expect(types(effects)).toEqual(['join n2'])
      expect(pinged(effects)).toEqual([])
    }
  })

  it('is asked for once at a time, and so many names at once', () => {
    const bench = new Bench({ tuning })
    for (let host = 2; host < MAX_TAKEOVERS + 4; host++) bench.known(host, 'left', 9)
    bench.take()
    const claims = Array.from({ length: MAX_TAKEOVERS + 2 }, (_, at) => aliveOf(at + 2, 1, { port: 1 }))
    const effects = bench.hear(peer, claims[0]!, ...claims)
    expect(pinged(effects)).toHaveLength(MAX_TAKEOVERS)
    expect(reasons(effects)).toEqual(Array(3).fill('takeover-pending'))
    bench.runTo(500)
    expect(types(bench.take()).filter((type) => type.startsWith('join'))).toHaveLength(MAX_TAKEOVERS)
    expect(pinged(bench.hear(peer, claims.at(-1)!))).toHaveLength(1)
  })

  it('means the port that others mean, where it says 0', () => {
    const bench = left({ bindPort: 8000 })
    const [{ seqNo }] = pinged(bench.hear(peer, aliveOf(2, 1, { port: 0 }))) as [Ping]
    const effects = bench.hear(endpoint(2), { type: 'ack', seqNo, payload: null })
    expect(events(effects)).toMatchObject([{ type: 'conflict', claimedBy: '10.0.0.2:8000' }])
  })
})

describe('whoever takes a name over at a lower incarnation', () => {
  it('is told at once, at its own address, what it must outbid (DIV-4)', () => {
    const bench = left({ isAuthenticated: () => true })
    expect(sent(bench.hear(peer, moving(1)))).toEqual([{ to: endpoint(3), messages: [farewell] }])
  })

  it('is told so in our name where the predecessor was found dead', () => {
    const bench = new Bench({ tuning: { ...tuning, deadNodeReclaimMs: 100 } })
    bench.known(2, 'dead', 9)
    bench.now = 101
    expect(sent(bench.hear(peer, moving(9)))).toEqual([{ to: endpoint(3), messages: [{ ...farewell, from: 'me' }] }])
  })

  it('is told nothing where it outbids that already, nor with the switch off', () => {
    expect(sent(left({ isAuthenticated: () => true }).hear(peer, moving(10)))).toEqual([])
    expect(sent(left({ policy: { provenTakeover: false } }).hear(peer, moving(1)))).toEqual([])
  })

  it('starts the history of the name anew: its next incarnation is believed', () => {
    const bench = left({ isAuthenticated: () => true })
    bench.hear(peer, moving(1))
    expect(reasons(bench.hear(peer, moving(2)))).toEqual([])
    expect(bench.machine.member('n2')?.incarnation).toBe(2)
  })
})

describe('a place that is contested (DIV-14)', () => {
  /** n2 to n6 are known, and nobody is being probed. */
  function six(options: BenchOptions = {}): Bench {
    const bench = new Bench({ tuning: { ...probing, rejoin: tuning.rejoin }, ...options })
    for (const host of [2, 3, 4, 5, 6]) bench.hear(peer, aliveOf(host, 5))
    bench.piggyback()
    bench.take()
    return bench
  }

  /** Lets time pass; everybody but `silent` answers pings at once. Returns how often each was pinged. */
  function live(bench: Bench, until: number, silent?: string, eachStep = (): void => {}): Map<string, number> {
    const pings = new Map<string, number>()
    for (;;) {
      for (const ping of pinged(bench.take())) {
        pings.set(ping.node, (pings.get(ping.node) ?? 0) + 1)
        if (ping.node !== silent) bench.hear(peer, { type: 'ack', seqNo: ping.seqNo, payload: null })
      }
      const due = bench.machine.nextDeadline()
      if (!due || due.at > until) return pings
      eachStep()
      bench.runTo(due.at)
    }
  }
  const contest = (bench: Bench, incarnation = 6) => bench.hear(peer, aliveOf(2, incarnation, { address: ip(77) }))

  it('is looked at at once, where it was', () => {
    const effects = contest(six())
    expect(reasons(effects)).toEqual(['A9'])
    expect(packets(effects).map(({ to }) => to)).toEqual([endpoint(2)])
    expect(pinged(effects).map(({ node }) => node)).toEqual(['n2'])
  })

  it('is not looked at for a claim that is not newer, for one who is gone, nor with the switch off', () => {
    expect(sent(contest(six(), 5))).toEqual([])
    expect(sent(contest(six({ policy: { provenTakeover: false } })))).toEqual([])
    const bench = six()
    bench.hear(peer, { type: 'dead', incarnation: 5, node: 'n2', from: 'x' })
    expect(sent(contest(bench))).toEqual([])
  })

  it('is not looked at by whoever probes nobody', () => {
    expect(sent(contest(six({ tuning })))).toEqual([])
  })

  it('is given up in the shortest time when its owner is silent, whoever else confirms it', () => {
    const bench = six()
    const from = bench.now
    contest(bench)
    live(bench, from + 999, 'n2')
    expect(bench.status('n2')).toBe('alive')
    live(bench, from + 1000, 'n2')
    expect(bench.status('n2')).toBe('suspect')
    // The minimum of membership spec 3.1 is 4 s here; without hurry it would be 24 s.
    live(bench, from + 4_999, 'n2')
    expect(bench.status('n2')).toBe('suspect')
    live(bench, from + 5_000, 'n2')
    expect(bench.status('n2')).toBe('dead')
  })

  it('is suspected for as long as ever when its turn has merely come', () => {
    const bench = six()
    live(bench, 12_000, 'n2')
    expect(bench.status('n2')).toBe('suspect')
  })

  it('changes nothing when its owner answers', () => {
    const bench = six()
    contest(bench)
    live(bench, 20_000)
    expect(bench.machine.member('n2')).toMatchObject({ status: 'alive', address: endpoint(2), incarnation: 5 })
  })

  it('is one where another name is announced: the former name is looked at', () => {
    const renamed = (host: number, incarnation: number) => aliveOf(host, incarnation, { address: ip(2) })
    expect(pinged(six().hear(peer, renamed(7, 1))).map(({ node }) => node)).toEqual(['n2'])
    // Also when the name is not new, but moves there, or comes back there.
    const moved = six({ isAuthenticated: () => true })
    moved.hear(peer, { type: 'dead', incarnation: 5, node: 'n6', from: 'n6' })
    expect(pinged(moved.hear(peer, renamed(6, 1))).map(({ node }) => node)).toEqual(['n2'])
    const back = six()
    const [{ seqNo }] = pinged(back.hear(peer, renamed(7, 1))) as [Ping]
    back.hear(peer, { type: 'ack', seqNo, payload: null }, { type: 'dead', incarnation: 1, node: 'n7', from: 'x' })
    expect(pinged(back.hear(peer, renamed(7, 2))).map(({ node }) => node)).toEqual(['n2'])
    const off = six({ policy: { provenTakeover: false } })
    expect(pinged(off.hear(peer, renamed(7, 1)))).toEqual([])
  })

  it('is looked at so often in one turn, and no more', () => {
    const bench = six()
    let pings = 0
    for (let count = 0; count < 5 * MAX_URGENT_PROBES; count++)
      for (const ping of pinged(contest(bench, 6 + count))) {
        pings++
        bench.hear(peer, { type: 'ack', seqNo: ping.seqNo, payload: null })
      }
    expect(pings).toBe(MAX_URGENT_PROBES)
  })

  it('takes nobody’s turn: one that was held up follows at once', () => {
    const bench = six()
    // A refutation: windows are two intervals long.
    bench.hear(peer, { type: 'suspect', incarnation: 1, node: 'me', from: 'x' })
    bench.take()
    bench.runTo(bench.machine.nextDeadline()!.at)
    const [held] = pinged(bench.take()) as [Ping]
    const from = bench.now
    bench.runTo(from + 500)
    contest(bench)
    bench.runTo(from + 1100)
    bench.take()
    const answer = ({ seqNo }: Ping) => pinged(bench.hear(peer, { type: 'ack', seqNo, payload: null }))
    const [urgent] = answer(held) as [Ping]
    expect(urgent.node).toBe('n2')
    expect(answer(urgent)).toHaveLength(1)
  })

  it('does not keep us from looking at others, however often it is contested, whether it answers or only refutes', () => {
    for (const silent of [undefined, 'n2']) {
      const bench = six()
      let incarnation = 6
      const pings = live(bench, 300_000, silent, () => {
        if (bench.status('n2') !== 'alive') bench.hear(peer, aliveOf(2, incarnation++))
        contest(bench, incarnation++)
      })
      expect(pings.get('n2')).toBeGreaterThan(10)
      for (const name of ['n3', 'n4', 'n5', 'n6']) expect(pings.get(name), name).toBeGreaterThanOrEqual(3)
    }
  })
})
