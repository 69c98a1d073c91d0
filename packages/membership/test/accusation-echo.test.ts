// Goal: whoever is alive but held for gone hears what it must refute, and nobody can have a member showered with it (DIV-11).
// Method: stale alives from a restarted member, several names and times. What an echo carries: `guards.test.ts`; to those
// whose record is gone: `tombstones.test.ts`.
import { describe, expect, it } from 'vitest'
import { AccusationEcho } from '../src/accusation-echo.ts'
import type { Context } from '../src/context.ts'
import { aliveOf, Bench, Cluster, endpoint, packets, quiet, reasons, stateOf } from './harness.ts'

const peer = endpoint(99)

describe('an echo', () => {
  it('lets a member that was restarted with a lower incarnation come back in one exchange', () => {
    const cluster = new Cluster(2, { tuning: { ...quiet, gossip: { ...quiet.gossip, intervalMs: 0 } } })
    cluster.join()
    cluster.runTo(100)
    const [first] = cluster.machines
    first!.handle(
      { kind: 'packet', from: peer, messages: [{ type: 'dead', incarnation: 50, node: 'm1', from: 'x' }] },
      100,
    )
    expect(cluster.view(0).m1).toBe('dead')
    // The live one has never heard of it, and says that it is there.
    cluster.give(1, { kind: 'push-pull', count: 1 })
    cluster.runTo(200)
    cluster.give(1, { kind: 'push-pull', count: 1 })
    cluster.runTo(300)
    expect(cluster.machines[0]!.member('m1')).toMatchObject({ status: 'alive', incarnation: 51 })
  })

  it('carries the highest evidence, also where the record itself is lower', () => {
    const bench = new Bench()
    bench.known(2, 'dead', 5)
    bench.hear(peer, { type: 'dead', incarnation: 9, node: 'n2', from: 'x' })
    const [packet] = packets(bench.hear(peer, aliveOf(2, 6)))
    expect(packet?.parts.map((part) => part.message)).toEqual([
      { type: 'dead', incarnation: 9, node: 'n2', from: 'me' },
    ])
  })

  it('carries at least what the record holds, with any other switches', () => {
    const bench = new Bench({ policy: { evidenceMemory: false } })
    bench.known(2, 'alive', 5)
    bench.hear(peer, { type: 'suspect', incarnation: 8, node: 'n2', from: 'x' })
    const [packet] = packets(bench.hear(peer, aliveOf(2, 8)))
    expect(packet?.parts[0]?.message).toEqual({ type: 'suspect', incarnation: 8, node: 'n2', from: 'me' })
  })

  it('goes to the accused alone: others, who may know better, would believe what is gossiped', () => {
    const bench = new Bench()
    bench.known(2, 'dead', 5)
    const before = bench.machine.queueDepths().control
    const effects = bench.hear(peer, aliveOf(2, 5))
    expect(packets(effects).map(({ to }) => to)).toEqual([endpoint(2)])
    expect(bench.machine.queueDepths().control).toEqual(before)
    const echo = { type: 'dead', incarnation: 5, node: 'n2', from: 'me' }
    expect(bench.piggyback()).not.toContainEqual(echo)
  })

  it('answers a stale alive in a push/pull as well', () => {
    const bench = new Bench()
    bench.known(2, 'dead', 5)
    const { address, port, versions } = aliveOf(2, 5)
    const nodes = [{ name: 'n2', address, port, meta: null, incarnation: 5, state: 0, versions }]
    const effects = bench.give({ kind: 'stream-request', exchange: -1, from: peer, message: stateOf(nodes) })
    expect(packets(effects).map(({ to }) => to)).toEqual([endpoint(2)])
  })

  it('is not sent for a claim of another address: nothing says that the accused is there', () => {
    const bench = new Bench()
    bench.known(2, 'dead', 5)
    const effects = bench.hear(peer, aliveOf(2, 5, { port: 1 }))
    expect(packets(effects)).toEqual([])
    expect(reasons(effects)).toEqual(['A9'])
  })

  it('is counted by name: one does not use up another’s', () => {
    const bench = new Bench()
    bench.known(2, 'dead', 5)
    bench.known(3, 'dead', 5)
    const to = (host: number) => packets(bench.hear(peer, aliveOf(host, 5))).map((packet) => packet.to)
    expect([to(2), to(3), to(2), to(3)]).toEqual([[endpoint(2)], [endpoint(3)], [], []])
  })

  it('remembers no names beyond the time for which it matters', () => {
    const asked: string[] = []
    const context = {
      policy: { echoAccusations: true },
      tuning: quiet,
      out: { send: (to: string) => asked.push(to) },
    } as unknown as Context
    const echo = new AccusationEcho(context)
    const tell = (node: string, at: number): void =>
      echo.tell({ type: 'dead', incarnation: 1, node, from: 'me' }, node, at)
    for (const at of [0, 5_000, 9_999, 10_000]) tell('a', at)
    expect(asked).toEqual(['a', 'a'])
    tell('b', 20_000)
    tell('a', 20_000)
    expect(asked).toEqual(['a', 'a', 'b', 'a'])
  })
})
