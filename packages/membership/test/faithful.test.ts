// Goal: the faithful profile believes, says and waits as memberlist v0.7.0 does. Method: membership spec 1 to 5 and its
// reference vectors (Appendix C), in conversations with one machine that has all switches off. Step by step beside the real
// one: the differential runs of `interop`.
import type { IndirectPing, NodeState, PacketMessage, Ping } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import type { MemberStatus } from '../src/member.ts'
import { faithful } from '../src/policy.ts'
import { lan } from '../src/tuning.ts'
import {
  aliveOf,
  Bench,
  type BenchOptions,
  endpoint,
  ip,
  packets,
  probing,
  quiet,
  reasons,
  settled,
  stateOf,
  streams,
  types,
} from './harness.ts'

const peer = endpoint(99)
const rejoin = { intervalMs: 0, forgetAfterMs: 0 }
const go = (options: BenchOptions = {}): Bench =>
  new Bench({ policy: faithful, tuning: { ...quiet, rejoin }, ...options })
const prober = (probe = {}): Bench => go({ tuning: { ...probing, probe: { ...lan.probe, ...probe }, rejoin } })
const said = (effects: readonly Effect[]): PacketMessage[] =>
  packets(effects).flatMap(({ parts }) => parts.map(({ message }) => message))
const ofType = <Type extends PacketMessage['type']>(effects: readonly Effect[], type: Type) =>
  said(effects).filter((message): message is Extract<PacketMessage, { type: Type }> => message.type === type)

/** Until `name` is pinged; whoever else is pinged answers. */
function pingOf(bench: Bench, name: string): Ping {
  for (;;) {
    bench.runTo(bench.machine.nextDeadline()!.at)
    for (const ping of ofType(bench.take(), 'ping')) {
      if (ping.node === name) return ping
      bench.hear(peer, { type: 'ack', seqNo: ping.seqNo, payload: null })
    }
  }
}

describe('what memberlist believes', () => {
  it('is a newer alive than the last that counted, whatever else was said in between (W-8)', () => {
    const bench = go()
    bench.known(2, 'dead', 1)
    bench.hear(peer, { type: 'dead', incarnation: 10, node: 'n2', from: 'x' })
    expect(types(bench.hear(peer, aliveOf(2, 2)))).toEqual(['join n2'])
  })

  it('is not a dead member at an equal incarnation (Appendix C), and of that it tells nobody (W-2)', () => {
    const bench = go()
    bench.known(2, 'dead', 1)
    bench.piggyback()
    const effects = bench.hear(peer, aliveOf(2, 1))
    expect(reasons(effects)).toEqual(['A10'])
    expect(packets(effects)).toEqual([])
    expect(bench.status('n2')).toBe('dead')
  })

  it('is any claim about one whose record is gone', () => {
    const bench = go()
    bench.known(2, 'dead', 50)
    bench.runTo(31_000)
    expect(types(bench.hear(peer, aliveOf(2, 1)))).toEqual(['join n2'])
  })

  it('is that a name may move at once when it left, at any incarnation; the newcomer is told nothing', () => {
    const bench = go()
    bench.known(2, 'left', 9)
    const effects = bench.hear(peer, aliveOf(2, 1, { address: ip(3) }))
    expect(types(effects)).toEqual(['join n2'])
    expect(packets(effects)).toEqual([])
    expect(bench.machine.member('n2')).toMatchObject({ incarnation: 1, address: endpoint(3) })
  })

  it('is not that a live name moves; nobody is asked', () => {
    const bench = prober()
    bench.hear(peer, aliveOf(2, 1))
    const effects = bench.hear(peer, aliveOf(2, 9, { address: ip(3) }))
    expect(types(effects)).toEqual(['conflict n2'])
    expect(packets(effects)).toEqual([])
  })

  it('has no ceiling', () => {
    const bench = go()
    expect(types(bench.hear(peer, aliveOf(2, 2 ** 32 - 2)))).toEqual(['join n2'])
    bench.hear(peer, { type: 'suspect', incarnation: 2 ** 32 - 1, node: 'n2', from: 'x' })
    expect(bench.machine.member('n2')).toMatchObject({ status: 'suspect', incarnation: 2 ** 32 - 1 })
  })

  it('costs one broadcast and no time when the same member accuses twice (Appendix C)', () => {
    const bench = go()
    bench.known(2, 'alive', 1)
    bench.known(3, 'alive', 1)
    bench.known(4, 'alive', 1)
    bench.now = 50
    const accusation = { type: 'suspect', incarnation: 1, node: 'n2', from: 'x' } as const
    bench.hear(peer, accusation)
    const once = bench.machine.member('n2')
    expect(bench.piggyback()).toContainEqual(accusation)
    const queued = bench.machine.queueDepths()
    bench.now = 60
    expect(reasons(bench.hear(peer, accusation))).toEqual(['S3'])
    expect(bench.machine.member('n2')).toEqual(once)
    expect(bench.machine.queueDepths()).toEqual(queued)
  })
})

describe('what memberlist takes from an exchange (Appendix C)', () => {
  const node = (host: number, incarnation: number, state: number): NodeState => {
    const { address, port, versions } = aliveOf(host, 1)
    return { name: `n${host}`, address, port, meta: null, versions, incarnation, state }
  }
  const merged = (local: MemberStatus | undefined, incarnation: number, state: number) => {
    const bench = go()
    if (local) bench.known(2, local, 1)
    const message = stateOf([node(2, incarnation, state)])
    const effects = bench.give({ kind: 'stream-request', exchange: -1, from: peer, message })
    return [bench.status('n2'), types(effects)]
  }

  it('is what the vectors say', () => {
    // Where Go tells nobody of a suspicion and its end, we do (DIV-46).
    expect(merged('suspect', 2, 0)).toEqual(['alive', ['alive n2']])
    expect(merged('alive', 1, 1)).toEqual(['suspect', ['suspect n2']])
    expect(merged('alive', 1, 2)).toEqual(['suspect', ['suspect n2']])
    expect(merged(undefined, 2, 0)).toEqual(['alive', ['join n2']])
    expect(merged('alive', 1, 3)).toEqual(['left', ['leave n2']])
    expect(merged(undefined, 1, 2)).toEqual([undefined, []])
    expect(merged(undefined, 1, 3)).toEqual([undefined, []])
  })

  it('is nothing at all when one dead entry speaks another version (W-20)', () => {
    const bench = go()
    const { versions } = aliveOf(3, 1)
    const stranger = { ...node(3, 1, 2), versions: { ...versions!, protocolCurrent: 7 } }
    const message = stateOf([node(2, 1, 0), stranger])
    const effects = bench.give({ kind: 'stream-request', exchange: -1, from: peer, message })
    expect(reasons(effects)).toEqual(['versions-disagree'])
    expect(bench.machine.members()).toHaveLength(1)
  })

  it('is asked for once when it joins, whether it was taken in or not', () => {
    const bench = go()
    const [stream] = streams(bench.give({ kind: 'join', request: 1, addresses: [endpoint(9)] }))
    const { exchange } = stream!
    const effects = bench.give({ kind: 'stream-reply', exchange, message: stateOf([node(9, 1, 0)]) })
    expect(streams(effects)).toEqual([])
    expect(settled(effects)).toMatchObject([{ seeds: [{ ok: true }] }])
  })
})

describe('what memberlist says', () => {
  it('goes where a ping says, whoever that may be', () => {
    const ping: Ping = { type: 'ping', seqNo: 3, node: 'me', sourceAddress: ip(77), sourcePort: 5, sourceNode: 'x' }
    expect(packets(go().hear(peer, ping)).map(({ to }) => to)).toEqual(['10.0.0.77:5'])
  })

  it('of a departure is said by gossip only', () => {
    const bench = go()
    bench.known(2, 'alive', 1)
    const effects = bench.give({ kind: 'leave', request: 1, timeoutMs: 100 })
    expect(packets(effects)).toEqual([])
    expect(types(effects)).toEqual(['leave me'])
  })

  it('to a suspected member is the ping and the suspicion, and nothing else', () => {
    const bench = prober()
    bench.hear(peer, aliveOf(2, 1), aliveOf(3, 1), aliveOf(4, 1), aliveOf(5, 1))
    bench.hear(peer, { type: 'suspect', incarnation: 1, node: 'n2', from: 'x' })
    for (;;) {
      bench.runTo(bench.machine.nextDeadline()!.at)
      const effects = bench.take()
      const [ping] = ofType(effects, 'ping')
      if (ping?.node === 'n2') {
        expect(said(effects)).toEqual([ping, { type: 'suspect', incarnation: 1, node: 'n2', from: 'me' }])
        break
      }
      if (ping) bench.hear(peer, { type: 'ack', seqNo: ping.seqNo, payload: null })
    }
  })

  it('as a relay is a nack when its whole timeout is over', () => {
    const bench = go({ tuning: { ...quiet, probe: { ...lan.probe }, rejoin } })
    bench.take()
    const request: IndirectPing = {
      type: 'indirect-ping',
      seqNo: 7,
      target: ip(2),
      port: 7946,
      node: 'n2',
      nack: true,
      sourceAddress: null,
      sourcePort: 0,
      sourceNode: '',
    }
    bench.hear(peer, request)
    bench.take()
    bench.runTo(499)
    expect(ofType(bench.take(), 'nack')).toEqual([])
    bench.runTo(500)
    expect(ofType(bench.take(), 'nack')).toEqual([{ type: 'nack', seqNo: 7 }])
  })

  it('never rejoins anybody: its rejoining is off', () => {
    const bench = go()
    bench.known(2, 'dead', 1)
    bench.runTo(1_000_000)
    expect(streams(bench.take())).toEqual([])
  })
})

describe('how memberlist waits', () => {
  it('is one interval from the start to the first probe and the first gossip', () => {
    for (const seed of [1, 2, 3]) {
      const bench = go({ tuning: { ...lan, pushPull: quiet.pushPull, rejoin }, seed })
      bench.hear(peer, aliveOf(2, 1))
      expect(bench.machine.nextDeadline()).toEqual({ at: 200, reason: 'gossip' })
      const ping = pingOf(bench, 'n2')
      expect(ping.node).toBe('n2')
      expect(bench.now % 1000).toBe(0)
    }
  })

  it('is the same however late it runs', () => {
    const bench = prober({ indirectChecks: 0 })
    bench.hear(peer, aliveOf(2, 1))
    pingOf(bench, 'n2')
    bench.give({ kind: 'lag', lagMs: 10_000 })
    bench.runTo(bench.now + 1000)
    expect(bench.status('n2')).toBe('suspect')
  })

  it('is two intervals at score 1, which nacks of all relays leave as it is (Appendix C)', () => {
    const bench = prober({ intervalMs: 200, timeoutMs: 10 })
    bench.hear(peer, aliveOf(2, 1), aliveOf(3, 1), aliveOf(4, 1), aliveOf(5, 1))
    const { seqNo } = pingOf(bench, 'n2')
    // One refutation: the score of the probe that follows.
    bench.hear(peer, { type: 'ack', seqNo, payload: null }, { type: 'suspect', incarnation: 1, node: 'me', from: 'x' })
    expect(bench.machine.healthScore).toBe(1)
    // Whoever is probed next stays silent, and all relays say so.
    let ping: Ping | undefined
    while (!ping) {
      bench.runTo(bench.machine.nextDeadline()!.at)
      ping = ofType(bench.take(), 'ping')[0]
    }
    const from = bench.now
    bench.runTo(from + 15)
    for (const host of [2, 3, 4, 5]) bench.hear(endpoint(host), { type: 'nack', seqNo: ping.seqNo })
    bench.runTo(from + 399)
    expect(bench.status(ping.node)).toBe('alive')
    bench.runTo(from + 400)
    expect(bench.status(ping.node)).toBe('suspect')
    expect(bench.machine.healthScore).toBe(1)
  })

  it('charges every relay of a dead member, whose nacks come after the window (membership spec 2.3)', () => {
    const bench = prober()
    bench.hear(peer, aliveOf(2, 1), aliveOf(3, 1), aliveOf(4, 1), aliveOf(5, 1))
    const { seqNo } = pingOf(bench, 'n2')
    const from = bench.now
    bench.runTo(from + 1000)
    for (const host of [3, 4, 5]) bench.hear(endpoint(host), { type: 'nack', seqNo })
    expect(bench.machine.healthScore).toBe(3)
  })
})
