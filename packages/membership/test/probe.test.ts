// Goal: the failure detector and the relay, as conversations (membership spec 2). Method: one machine, its pings answered, or
// not, by hand on virtual time.
import type { IndirectPing, Ping } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import { lan, mimir } from '../src/tuning.ts'
import {
  aliveOf,
  Bench,
  type BenchOptions,
  contents,
  endpoint,
  ip,
  packets,
  pingFor,
  probing,
  reasons,
  settled,
  streams,
  types,
  versionsOf,
} from './harness.ts'

/** Health that has already suffered, or none. */
const at = (score: number, bench: Bench): Bench => {
  for (let incarnation = 1; incarnation <= score; incarnation++)
    bench.hear(endpoint(99), { type: 'suspect', incarnation, node: 'me', from: `x${incarnation}` })
  expect(bench.machine.healthScore).toBe(score)
  bench.take()
  return bench
}

const member = (bench: Bench, host: number, changes = {}): void => {
  bench.hear(endpoint(99), aliveOf(host, 1, changes))
}

interface Probed {
  readonly ping: Ping
  readonly startedAt: number
  readonly effects: readonly Effect[]
}

/** Lets time pass until the next ping of the detector to `host`, answering pings to anybody else at once. */
function probe(bench: Bench, host: number): Probed {
  for (let step = 0; step < 200; step++) {
    const due = bench.machine.nextDeadline()!
    bench.now = Math.max(bench.now, due.at)
    const effects = bench.give({ kind: 'deadline' })
    for (const packet of packets(effects)) {
      const message = packet.parts[0]!.message
      if (message.type !== 'ping') continue
      if (packet.to === endpoint(host)) return { ping: message, startedAt: bench.now, effects }
      bench.hear(packet.to, { type: 'ack', seqNo: message.seqNo, payload: null })
    }
  }
  throw new Error(`n${host} was never probed`)
}

const two = (options: BenchOptions = {}): Bench => {
  const bench = new Bench({ tuning: probing, ...options })
  member(bench, 2)
  bench.take()
  return bench
}

/** A target n2 and relays n3 to n5. */
const five = (options: BenchOptions = {}): Bench => {
  const bench = two(options)
  for (const host of [3, 4, 5]) member(bench, host)
  bench.take()
  return bench
}

const indirect = (effects: readonly Effect[]): IndirectPing[] =>
  packets(effects)
    .flatMap((packet) => packet.parts.map((part) => part.message))
    .filter((message): message is IndirectPing => message.type === 'indirect-ping')

describe('a probe', () => {
  it('pings by name, and says where the answer goes', () => {
    const { ping } = probe(two(), 2)
    expect(ping).toEqual({
      type: 'ping',
      seqNo: ping.seqNo,
      node: 'n2',
      sourceAddress: ip(1),
      sourcePort: 7946,
      sourceNode: 'me',
    })
  })

  it('that is acked in time improves health and records the round trip', () => {
    const bench = at(2, two())
    const { ping, startedAt } = probe(bench, 2)
    bench.now = startedAt + 40
    bench.hear(endpoint(2), { type: 'ack', seqNo: ping.seqNo, payload: null })
    expect(bench.machine.healthScore).toBe(1)
    expect(bench.machine.member('n2')?.rttMs).toBe(40)
    bench.take()
    bench.runTo(startedAt + 900)
    expect(contents(bench.take())).toEqual([])
  })

  it('asks three relays after the timeout, under its own number', () => {
    const bench = five()
    const { ping, startedAt } = probe(bench, 2)
    bench.take()
    bench.runTo(startedAt + 499)
    expect(bench.take()).toEqual([])
    bench.runTo(startedAt + 500)
    const requests = indirect(bench.take())
    expect(requests).toHaveLength(3)
    for (const request of requests)
      expect(request).toMatchObject({
        seqNo: ping.seqNo,
        target: ip(2),
        port: 7946,
        node: 'n2',
        nack: true,
        sourceNode: 'me',
      })
  })

  it('never asks self, the target, or a suspect to relay (invariant 24)', () => {
    const bench = five()
    bench.hear(endpoint(99), { type: 'suspect', incarnation: 1, node: 'n3', from: 'x' })
    const { startedAt } = probe(bench, 2)
    bench.take()
    bench.runTo(startedAt + 500)
    const relays = packets(bench.take()).map((packet) => packet.to)
    expect(relays.sort()).toEqual([endpoint(4), endpoint(5)])
  })

  it('answered late, or through a relay, is a success, but says nothing about the round trip', () => {
    const bench = at(3, five())
    const { ping, startedAt } = probe(bench, 2)
    const before = bench.machine.healthScore
    bench.runTo(startedAt + 700)
    bench.hear(endpoint(4), { type: 'ack', seqNo: ping.seqNo, payload: null })
    expect(bench.machine.healthScore).toBe(Math.max(0, before - 1))
    expect(bench.machine.member('n2')?.rttMs).toBeUndefined()
    bench.runTo(startedAt + 5000)
    expect(bench.status('n2')).not.toBe('dead')
  })

  it('without an answer raises a suspicion when its window is over, not before', () => {
    const bench = two()
    const { startedAt } = probe(bench, 2)
    bench.take()
    bench.runTo(startedAt + 999.9)
    expect(bench.status('n2')).toBe('alive')
    bench.runTo(startedAt + 1000)
    expect(types(bench.take())).toEqual(['suspect n2'])
  })

  it('waits longer the worse the own health is: ProbeInterval × (score + 1)', () => {
    const bench = at(2, two())
    const { startedAt } = probe(bench, 2)
    bench.runTo(startedAt + 2999)
    expect(bench.status('n2')).toBe('alive')
    bench.runTo(startedAt + 3000)
    expect(bench.status('n2')).toBe('suspect')
  })

  it('of a suspect is exactly a ping and the suspicion', () => {
    const bench = two()
    bench.hear(endpoint(99), { type: 'suspect', incarnation: 1, node: 'n2', from: 'x' })
    const { effects } = probe(bench, 2)
    expect(contents(effects)).toEqual([['ping', 'suspect']])
    expect(packets(effects)[0]!.parts[1]!.message).toEqual({ type: 'suspect', incarnation: 1, node: 'n2', from: 'me' })
  })

  it('of an alive member carries what waits to be gossiped', () => {
    const bench = two()
    expect(contents(probe(bench, 2).effects)[0]).toContain('alive')
  })

  it('is checksummed when the target is known to understand it, and only then', () => {
    for (const protocolMax of [4, 5]) {
      const bench = new Bench({ tuning: probing })
      member(bench, 2, { versions: versionsOf({ protocolMax }) })
      expect(packets(probe(bench, 2).effects)[0]?.checksum).toBe(protocolMax === 5)
    }
  })

  it('accuses at the incarnation at which it began: a refutation in between wins', () => {
    const bench = two()
    const { startedAt } = probe(bench, 2)
    bench.hear(endpoint(2), aliveOf(2, 2))
    bench.runTo(startedAt + 1000)
    expect(bench.status('n2')).toBe('alive')
    expect(reasons(bench.take())).toContain('S2')
  })

  it('is inconclusive when the event loop itself was late (DIV-20)', () => {
    const bench = two()
    const { startedAt } = probe(bench, 2)
    bench.give({ kind: 'lag', lagMs: 251 })
    bench.runTo(startedAt + 1000)
    expect(bench.status('n2')).toBe('alive')
    expect(bench.machine.healthScore).toBe(1)
  })

  it('never targets self, the dead or those who left', () => {
    const bench = new Bench({ tuning: probing })
    bench.known(2, 'dead', 1)
    bench.known(3, 'left', 1)
    bench.runTo(20_000)
    expect(packets(bench.take())).toEqual([])
  })

  it('costs no tick at the end of a pass: two members, a probe every second (DIV-17)', () => {
    const bench = two()
    let pings = 0
    for (let end = 100; end <= 50_000; end += 100) {
      bench.runTo(end)
      for (const packet of packets(bench.take())) {
        const message = packet.parts[0]!.message
        if (message.type !== 'ping') continue
        pings++
        bench.hear(packet.to, { type: 'ack', seqNo: message.seqNo, payload: null })
      }
    }
    expect(pings).toBeGreaterThanOrEqual(48)
    expect(pings).toBeLessThanOrEqual(50)
  })

  it('does not catch up after a stall', () => {
    const bench = two()
    probe(bench, 2)
    bench.now += 60_000
    bench.take()
    for (let due = bench.machine.nextDeadline(); due && due.at <= bench.now; due = bench.machine.nextDeadline())
      bench.give({ kind: 'deadline' })
    expect(contents(bench.take()).filter((parts) => parts[0] === 'ping').length).toBeLessThanOrEqual(1)
  })

  it('starts at a different phase with a different seed (DIV-16)', () => {
    const first = (seed: number): number => probe(two({ seed }), 2).startedAt
    expect(new Set([1, 2, 3, 4, 5].map(first)).size).toBe(5)
  })

  it('numbers begin at random (DIV-23)', () => {
    const first = (seed: number): number => probe(two({ seed }), 2).ping.seqNo
    const numbers = [1, 2, 3, 4].map(first)
    expect(new Set(numbers).size).toBe(4)
    expect(numbers.every((seqNo) => seqNo > 1000)).toBe(true)
  })
})

describe('the cost of a failed probe', () => {
  /** Score after the failure and the time for nacks, with `nacks` answers from distinct relays. */
  const cost = (bench: Bench, nacks: readonly string[], nackAt = 600): number => {
    const { ping, startedAt } = probe(bench, 2)
    bench.runTo(startedAt + nackAt)
    for (const from of nacks) bench.hear(from, { type: 'nack', seqNo: ping.seqNo })
    // 2.2 × 500 ms after the start the nacks are settled; whatever else is probed meanwhile stays unanswered.
    bench.runTo(startedAt + 1100)
    return bench.machine.healthScore
  }
  const relays = [endpoint(3), endpoint(4), endpoint(5)]

  it('is nothing when every relay sent its nack', () => {
    expect(cost(five(), relays)).toBe(0)
  })

  it('is one for each missing nack', () => {
    expect(cost(five(), relays.slice(0, 2))).toBe(1)
    expect(cost(five(), [])).toBe(3)
  })

  it('counts nacks that come after the window, but in time for a relay’s full timeout (DIV-19)', () => {
    expect(cost(five(), relays, 1050)).toBe(0)
  })

  it('counts a relay once, however often it nacks (DIV-23)', () => {
    expect(cost(five(), [endpoint(3), endpoint(3), endpoint(3)])).toBe(2)
  })

  it('is one without relays that could nack', () => {
    expect(cost(two(), [])).toBe(1)
    const old = two()
    member(old, 3, { versions: versionsOf({ protocolMax: 3 }) })
    expect(cost(old, [])).toBe(1)
  })

  it('leaves the score at 1 when all relays nack, and the probe takes two intervals (Appendix C)', () => {
    const bench = at(1, five({ tuning: { ...probing, probe: { ...lan.probe, intervalMs: 200, timeoutMs: 10 } } }))
    // Fix the score: nobody else may be probed in between.
    const { ping, startedAt } = probe(bench, 2)
    const score = bench.machine.healthScore
    bench.runTo(startedAt + 15)
    for (const from of relays) bench.hear(from, { type: 'nack', seqNo: ping.seqNo })
    bench.runTo(startedAt + 200 * (score + 1) - 1)
    expect(bench.status('n2')).toBe('alive')
    bench.runTo(startedAt + 200 * (score + 1))
    expect(bench.status('n2')).toBe('suspect')
    expect(bench.machine.healthScore).toBe(score)
  })
})

describe('the fallback over a stream', () => {
  const fallback = (bench: Bench) => {
    const { ping, startedAt } = probe(bench, 2)
    bench.take()
    bench.runTo(startedAt + 500)
    const [stream] = streams(bench.take())
    return { ping, startedAt, stream }
  }

  it('sends the same ping with the time that is left', () => {
    const { ping, stream } = fallback(two())
    expect(stream).toMatchObject({ to: endpoint(2), message: ping, expectReply: true, timeoutMs: 500 })
  })

  it('keeps the target alive and counts as an answer', () => {
    const bench = at(1, two())
    const { ping, startedAt, stream } = fallback(bench)
    bench.give({
      kind: 'stream-reply',
      exchange: stream!.exchange,
      message: { type: 'ack', seqNo: ping.seqNo, payload: null },
    })
    bench.runTo(startedAt + 2000)
    expect(bench.status('n2')).toBe('alive')
    expect(bench.machine.healthScore).toBe(0)
  })

  it('is no contact with another number, another message, or a failure', () => {
    for (const reply of ['number', 'type', 'failure'] as const) {
      const bench = two()
      const { ping, startedAt, stream } = fallback(bench)
      const exchange = stream!.exchange
      if (reply === 'failure') bench.give({ kind: 'stream-failed', exchange, contacted: true, reason: 'x' })
      else
        bench.give({
          kind: 'stream-reply',
          exchange,
          message:
            reply === 'number' ? { type: 'ack', seqNo: ping.seqNo ^ 1, payload: null } : { type: 'error', error: 'x' },
        })
      bench.runTo(startedAt + 1000)
      expect(bench.status('n2'), reply).toBe('suspect')
    }
  })

  it('is not tried with an old target, nor where it is switched off', () => {
    const old = new Bench({ tuning: probing })
    member(old, 2, { versions: versionsOf({ protocolMax: 2 }) })
    expect(fallback(old).stream).toBeUndefined()
    const off = two({ tuning: { ...probing, probe: { ...probing.probe, streamFallback: mimir.probe.streamFallback } } })
    expect(fallback(off).stream).toBeUndefined()
  })

  it('is called off when an ack comes by packet', () => {
    const bench = two()
    const { ping, stream } = fallback(bench)
    bench.take()
    expect(bench.hear(endpoint(2), { type: 'ack', seqNo: ping.seqNo, payload: null })).toContainEqual({
      kind: 'abandon-stream',
      exchange: stream!.exchange,
    })
  })
})

describe('a relay', () => {
  const request = (changes: Partial<IndirectPing> = {}): IndirectPing => ({
    type: 'indirect-ping',
    seqNo: 77,
    target: ip(2),
    port: 7946,
    node: 'n2',
    nack: true,
    sourceAddress: ip(3),
    sourcePort: 7946,
    sourceNode: 'n3',
    ...changes,
  })
  const relaying = (changes: Partial<IndirectPing> = {}) => {
    const bench = five()
    bench.piggyback()
    bench.take()
    const [packet] = packets(bench.hear(endpoint(3), request(changes)))
    return { bench, packet: packet!, ping: packet!.parts[0]!.message as Ping }
  }

  it('pings the target under a number and an address of its own', () => {
    const { packet, ping } = relaying()
    expect(packet.to).toBe(endpoint(2))
    expect(ping).toMatchObject({ type: 'ping', node: 'n2', sourceAddress: ip(1), sourceNode: 'me' })
    expect(ping.seqNo).not.toBe(77)
  })

  it('hands the ack on under the origin’s number, without its payload, and then sends no nack', () => {
    const { bench, ping } = relaying()
    const [packet] = packets(bench.hear(endpoint(2), { type: 'ack', seqNo: ping.seqNo, payload: Uint8Array.of(1, 2) }))
    expect(packet?.to).toBe(endpoint(3))
    expect(packet?.parts[0]?.message).toEqual({ type: 'ack', seqNo: 77, payload: null })
    bench.runTo(500)
    expect(contents(bench.take()).flat()).not.toContain('nack')
  })

  it('nacks at four fifths of its timeout (DIV-19), and still hands on an ack after that', () => {
    const { bench, ping } = relaying()
    bench.runTo(399)
    expect(contents(bench.take()).flat()).not.toContain('nack')
    bench.runTo(400)
    const nack = packets(bench.take()).find((packet) => packet.parts[0]!.message.type === 'nack')
    expect(nack?.to).toBe(endpoint(3))
    expect(nack?.parts[0]?.message).toEqual({ type: 'nack', seqNo: 77 })
    bench.now = 450
    expect(packets(bench.hear(endpoint(2), { type: 'ack', seqNo: ping.seqNo, payload: null }))).toHaveLength(1)
  })

  it('nacks only when asked, and forgets after its timeout', () => {
    const { bench, ping } = relaying({ nack: false })
    bench.runTo(501)
    expect(contents(bench.take()).flat()).not.toContain('nack')
    expect(reasons(bench.hear(endpoint(2), { type: 'ack', seqNo: ping.seqNo, payload: null }))).toEqual(['ack-unknown'])
  })

  it('takes port 0 for its own port', () => {
    expect(relaying({ port: 0 }).packet.to).toBe(endpoint(2))
  })

  it('touches neither records nor health (invariant 28)', () => {
    const { bench } = relaying()
    const before = bench.machine.members()
    bench.runTo(501)
    expect(bench.machine.members()).toEqual(before)
    expect(bench.machine.healthScore).toBe(0)
  })

  it('refuses the 257th (DIV-22), and targets that are no address', () => {
    const bench = new Bench()
    for (let count = 0; count < 256; count++) bench.hear(endpoint(3), request({ seqNo: count }))
    bench.take()
    expect(reasons(bench.hear(endpoint(3), request()))).toEqual(['too-many-relays'])
    expect(reasons(new Bench().hear(endpoint(3), request({ target: null })))).toEqual(['address-length'])
  })

  it('that is due first is served first', () => {
    const bench = new Bench()
    bench.hear(endpoint(3), request({ seqNo: 1, nack: false }))
    bench.now = 10
    bench.hear(endpoint(3), request({ seqNo: 2, nack: true }))
    // The first ends at 500, the second nacks at 410. A driver that is late to 600 fires one timer: the earlier.
    bench.now = 600
    bench.take()
    bench.give({ kind: 'deadline' })
    expect(contents(bench.take()).flat()).toContain('nack')
  })
})

describe('a ping from a peer', () => {
  it('is answered with its number, at the address it names', () => {
    const bench = five()
    const [packet] = packets(
      bench.hear(endpoint(3), { ...pingFor('me'), sourceAddress: ip(3), sourcePort: 7000, sourceNode: 'n3' } as Ping),
    )
    expect(packet?.to).toBe('10.0.0.3:7000')
    expect(packet?.parts[0]?.message).toMatchObject({ type: 'ack', seqNo: 7 })
  })

  it('without an address is answered where it came from', () => {
    for (const changes of [{}, { sourceAddress: ip(3), sourcePort: 0 }]) {
      const [packet] = packets(new Bench().hear('10.9.9.9:1', { ...pingFor('me'), ...changes } as Ping))
      expect(packet?.to).toBe('10.9.9.9:1')
    }
  })

  it('at what is no address is not answered elsewhere instead (wire spec P35)', () => {
    const named = { sourceAddress: Uint8Array.of(127, 0, 0), sourcePort: 7946 }
    const effects = new Bench().hear('10.9.9.9:1', { ...pingFor('me'), ...named } as Ping)
    expect(packets(effects)).toEqual([])
    expect(reasons(effects)).toEqual(['source-address'])
    const empty = { sourceAddress: new Uint8Array(0), sourcePort: 7946 }
    const [packet] = packets(new Bench().hear('10.9.9.9:1', { ...pingFor('me'), ...empty } as Ping))
    expect(packet?.to).toBe('10.9.9.9:1')
  })

  it('cannot make us answer a stranger (DIV-21), except with the switch off', () => {
    const ask = (bench: Bench, host: number) =>
      packets(bench.hear('10.9.9.9:1', { ...pingFor('me'), sourceAddress: ip(host), sourcePort: 7946 } as Ping))[0]?.to
    expect(ask(five(), 3)).toBe(endpoint(3))
    expect(ask(five(), 77)).toBe('10.9.9.9:1')
    expect(ask(five({ policy: { verifyReplyAddress: false } }), 77)).toBe(endpoint(77))
  })

  it('that names nobody is answered, one that names another is not', () => {
    const bench = new Bench()
    expect(contents(bench.hear(endpoint(3), pingFor('')))).toHaveLength(1)
    const effects = bench.hear(endpoint(3), pingFor('you'))
    expect(packets(effects)).toEqual([])
    expect(reasons(effects)).toEqual(['ping-for-another'])
  })

  it('on a stream gets its ack there, or, for another name, nothing', () => {
    const bench = new Bench()
    const ask = (node: string) =>
      bench.give({ kind: 'stream-request', exchange: -1, from: endpoint(3), message: pingFor(node) as Ping })
    expect(ask('me')).toContainEqual({
      kind: 'close-stream',
      exchange: -1,
      reply: { type: 'ack', seqNo: 7, payload: null },
    })
    expect(ask('you')).toContainEqual({ kind: 'close-stream', exchange: -1, reply: undefined })
  })
})

describe('a ping of the application', () => {
  it('is answered with its round trip, and touches nothing else', () => {
    const bench = two({ tuning: { ...probing, probe: { ...probing.probe, intervalMs: 0 } } })
    const [packet] = packets(bench.give({ kind: 'ping', request: 5, node: 'n2', address: endpoint(2) }))
    bench.now += 12
    const { seqNo } = packet!.parts[0]!.message as Ping
    expect(settled(bench.hear(endpoint(2), { type: 'ack', seqNo, payload: null }))).toEqual([
      { type: 'ping', result: 'answered', rttMs: 12 },
    ])
    expect(bench.machine.member('n2')?.rttMs).toBeUndefined()
  })

  it('without an answer ends after the timeout', () => {
    const bench = two({ tuning: { ...probing, probe: { ...probing.probe, intervalMs: 0 } } })
    bench.give({ kind: 'ping', request: 5, node: 'n2', address: endpoint(2) })
    bench.runTo(499)
    expect(settled(bench.take())).toEqual([])
    bench.runTo(500)
    expect(settled(bench.take())).toEqual([{ type: 'ping', result: 'no-answer' }])
    expect(bench.machine.healthScore).toBe(0)
  })
})
