import { type Input, lan, type Outcome } from '@hearsay/membership'
import { describe, expect, it } from 'vitest'
import { Cluster, fixed, type SimNode } from '../src/index.ts'
import { Recorder } from './recorder.ts'

const tuning = {
  ...lan,
  probe: { ...lan.probe, intervalMs: 0 },
  gossip: { ...lan.gossip, intervalMs: 0 },
  pushPull: { intervalMs: 0, nodes: 0 },
  rejoin: { ...lan.rejoin, intervalMs: 0 },
  streamTimeoutMs: 10_000,
}

function formed(size = 3) {
  const recorder = new Recorder()
  const cluster = new Cluster({ tuning, network: { delay: fixed(1) }, observers: [recorder] })
  cluster.form(size)
  const [a, b, c] = cluster.nodes as unknown as [SimNode, SimNode, SimNode]
  return { cluster, recorder, network: cluster.network, a, b, c }
}

const reliably = (from: SimNode, to: SimNode, request = 1): void =>
  from.input({ kind: 'send', request, to: to.name, payload: Uint8Array.of(9), reliable: true })

const outcomes = (recorder: Recorder, node: SimNode): { outcome: Outcome; now: number }[] =>
  recorder.effects.flatMap((each) =>
    each.node === node && each.effect.kind === 'settle' ? [{ outcome: each.effect.outcome, now: each.now }] : [],
  )

const at = (recorder: Recorder, node: SimNode, kind: Input['kind']): number[] =>
  recorder.of(node, kind).map(({ now }) => now)

describe('streams', () => {
  it('cost a round trip to open, then half a one each way', () => {
    const { cluster, recorder, a, b } = formed()
    a.join([b])
    cluster.run(100)
    expect(recorder.streams.map(({ fate, now }) => [fate, now])).toEqual([
      ['opened', 2],
      ['answered', 4],
    ])
    expect(at(recorder, b, 'stream-request')).toEqual([3])
    expect(at(recorder, a, 'stream-reply')).toEqual([4])
    expect(cluster.network.counts).toMatchObject({ streamsOpened: 1, streamsAnswered: 1, streamsFailed: 0 })
    const [request] = recorder.of(b, 'stream-request')
    expect(request!.input.from).toMatch(/^10\.0\.0\.1:(3[2-9]|[45]\d|60)\d{3}$/)
  })

  it('are done when a message without an answer was read', () => {
    const { cluster, recorder, a, b } = formed()
    reliably(a, b)
    cluster.run(100)
    expect(at(recorder, a, 'stream-done')).toEqual([4])
    expect(recorder.effects.some(({ node, effect }) => node === b && effect.kind === 'user-message')).toBe(true)
  })

  it('are refused where nobody runs, after a round trip', () => {
    const { cluster, recorder, a, b } = formed()
    b.crash()
    reliably(a, b)
    cluster.run(100)
    expect(recorder.of(a, 'stream-failed')).toMatchObject([{ now: 2, input: { contacted: false } }])
    expect(recorder.streams.map(({ fate }) => fate)).toEqual(['refused'])
    expect(cluster.network.counts).toMatchObject({ streamsRefused: 1, streamsOpened: 0 })
  })

  it('are refused where the network says so, and only that way', () => {
    const { cluster, recorder, network, a, b } = formed()
    network.refuseStreams(a, b)
    reliably(a, b)
    reliably(b, a)
    cluster.run(100)
    expect(recorder.fates(a, b)).toEqual(['refused'])
    expect(recorder.fates(b, a)).toEqual(['opened', 'answered'])
    network.freeStreams(a, b)
    reliably(a, b, 2)
    cluster.run(200)
    expect(recorder.fates(a, b)).toEqual(['refused', 'opened', 'answered'])
  })

  it('stand and do not move when they are stalled; then time is up', () => {
    const { cluster, recorder, network, a, b } = formed()
    network.stallStreams(a, b)
    reliably(a, b)
    cluster.run(20_000)
    expect(recorder.fates(a, b)).toEqual(['opened', 'stalled', 'failed'])
    expect(recorder.of(a, 'stream-failed')).toMatchObject([{ now: 10_002, input: { contacted: true } }])
    expect(recorder.of(b, 'stream-request')).toEqual([])
    expect(network.counts).toMatchObject({ streamsStalled: 1, streamsFailed: 1 })
  })

  it('go on when they are freed in time', () => {
    const { cluster, recorder, network, a, b } = formed()
    network.stallStreams(a, b)
    reliably(a, b)
    cluster.world.schedule(3000, () => network.freeStreams(a, b))
    cluster.run(20_000)
    expect(recorder.fates(a, b)).toEqual(['opened', 'stalled', 'answered'])
  })

  it('wait where the way is cut, and say that nobody was reached when it stays so', () => {
    const { cluster, recorder, network, a, b, c } = formed()
    network.cut(a, b)
    reliably(a, b)
    network.partition([[a, b]])
    reliably(a, c, 2)
    cluster.world.schedule(2000, () => network.mend(a, b))
    cluster.run(20_000)
    expect(recorder.fates(a, b)).toEqual(['cut', 'opened', 'answered'])
    expect(recorder.fates(a, c)).toEqual(['cut', 'failed'])
    expect(recorder.of(a, 'stream-failed')).toMatchObject([{ now: 10_000, input: { contacted: false } }])
    expect(network.counts).toMatchObject({ streamsCut: 2 })
  })

  it('fail when only the way back is cut', () => {
    const { cluster, recorder, network, a, b } = formed()
    a.join([b])
    cluster.world.schedule(2.5, () => network.cut(b, a))
    cluster.run(20_000)
    expect(recorder.of(b, 'stream-request').length).toBe(1)
    expect(recorder.of(a, 'stream-failed')).toMatchObject([{ now: 10_002, input: { contacted: true } }])
  })

  it('are accepted for a member that stalls, and read when it runs again', () => {
    const { cluster, recorder, a, b } = formed()
    b.stall(500)
    a.join([b])
    cluster.run(1000)
    expect(at(recorder, b, 'stream-request')).toEqual([500])
    expect(at(recorder, a, 'stream-reply')).toEqual([501])
  })

  it('are reset when the other process ends before it has read the request, or is another one by then', () => {
    const { cluster, recorder, a, b } = formed()
    b.stall(500)
    a.join([b])
    cluster.world.schedule(100, () => b.crash())
    cluster.run(1000)
    expect(recorder.of(a, 'stream-failed')).toMatchObject([{ now: 101, input: { contacted: true } }])
    b.restart({ incarnation: 'higher', address: 'same' })
    a.join([b])
    cluster.world.schedule(2.5, () => {
      b.crash()
      b.restart({ incarnation: 'higher', address: 'same' })
    })
    cluster.run(2000)
    expect(recorder.of(a, 'stream-failed').at(-1)).toMatchObject({ now: 1004, input: { contacted: true } })
    expect(outcomes(recorder, a).map(({ outcome }) => outcome.type === 'join' && outcome.seeds[0]!.ok)).toEqual([
      false,
      false,
    ])
  })

  it('that time out while their own process stalls fail late', () => {
    const { cluster, recorder, network, a, b } = formed()
    network.stallStreams(a, b)
    reliably(a, b)
    cluster.world.schedule(9000, () => a.stall(6000))
    cluster.run(20_000)
    expect(at(recorder, a, 'stream-failed')).toEqual([15_000])
  })
})
