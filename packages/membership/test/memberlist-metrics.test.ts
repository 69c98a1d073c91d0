// Goal: what happens to a member can be read from its counters (membership spec 10). Method: each thing is made to happen
// once, or a known number of times, on virtual time; counters are compared before and after.

import type { MemoryNetwork } from '@hearsay/transport'
import { encodePacket, type PacketMessage, Part } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import { MAX_RELAYS } from '../src/limits.ts'
import type { Memberlist } from '../src/memberlist.ts'
import { brisk, World } from './virtual-world.ts'

/** Sends messages as somebody who is no member. */
async function whisper(network: MemoryNetwork, to: string, messages: readonly PacketMessage[]): Promise<void> {
  const transport = network.transport()
  await transport.listen({ onPacket: () => {}, onStream: () => {}, onDrop: () => {} })
  for (const message of messages)
    transport.send(to, encodePacket([new Part(message)], { compression: 'none', checksum: false }), 'gossip')
}

async function pair() {
  const world = new World()
  const network = world.network({ delayMs: 1 })
  const [a, b] = (await world.cluster(['a', 'b'], network)) as [Memberlist, Memberlist]
  return { world, network, a, b }
}

describe('metrics', () => {
  it('before the start are all there, and zero', () => {
    const world = new World()
    const { rejoins, lag, ...numbers } = world.member('a', world.network()).metrics()
    expect(rejoins).toEqual({ attempts: 0, successes: 0 })
    expect(lag).toEqual({ count: 0, totalMs: 0, maxMs: 0 })
    for (const value of Object.values(numbers)) expect([0, {}]).toContainEqual(value)
  })

  it('count each claim about the member that it contradicts', async () => {
    const { world, network, a } = await pair()
    const { incarnation } = a.self
    const accusation = (type: 'suspect' | 'dead', at: number): PacketMessage => ({
      type,
      incarnation: at,
      node: 'a',
      from: 'x',
    })
    await whisper(network, a.address, [
      accusation('suspect', incarnation),
      // Contradicted by the same answer.
      accusation('suspect', incarnation),
      accusation('dead', incarnation + 5),
    ])
    await world.pass(10)
    expect(a.metrics()).toMatchObject({ refutations: 2, ignored: { S2: 1 } })
    expect(a.self.incarnation).toBe(incarnation + 6)
  })

  it('show pings on behalf of others while they are under way, and count those refused', async () => {
    const { world, network, a } = await pair()
    const request = (seqNo: number): PacketMessage => ({
      type: 'indirect-ping',
      seqNo,
      target: Uint8Array.of(10, 9, 9, 9),
      port: 7946,
      node: 'nobody',
      nack: false,
      sourceAddress: null,
      sourcePort: 0,
      sourceNode: '',
    })
    await whisper(
      network,
      a.address,
      Array.from({ length: MAX_RELAYS + 3 }, (_, index) => request(index)),
    )
    await world.pass(5)
    expect(a.metrics().relays).toBe(MAX_RELAYS)
    expect(a.metrics().ignored['too-many-relays']).toBe(3)
    await world.pass(brisk.probe.timeoutMs)
    expect(a.metrics().relays).toBe(0)
  })

  it('tell how late this process was, when it was', async () => {
    const { world, a, b } = await pair()
    await world.pass(1000)
    expect(a.metrics().lag.count).toBe(0)
    // A stall: the clock goes on, and nothing is done.
    world.now += 400
    await world.pass(1000)
    for (const member of [a, b]) {
      const { lag } = member.metrics()
      expect(lag.count).toBeGreaterThanOrEqual(1)
      expect(lag.maxMs).toBeGreaterThan(300)
      expect(lag.maxMs).toBeLessThanOrEqual(400)
      expect(lag.totalMs).toBeGreaterThanOrEqual(lag.maxMs)
    }
  })

  it('count contacts made to find lost members, and the records that were forgotten', async () => {
    const world = new World()
    const network = world.network()
    const tuning = { ...brisk, rejoin: { intervalMs: 500, forgetAfterMs: 60_000 } }
    const [a, b] = ['a', 'b'].map((name) => world.member(name, network, { tuning })) as [Memberlist, Memberlist]
    for (const member of [a, b]) await world.finish(member.start())
    await world.finish(b.join([a.address]))
    network.cut(a.address, b.address, 'both')
    await world.until(() => a.metrics().rejoins.attempts >= 2)
    expect(a.metrics().rejoins.successes).toBe(0)
    network.heal()
    await world.until(() => [a, b].every((member) => member.metrics().members === 2))
    expect(a.metrics().rejoins.successes + b.metrics().rejoins.successes).toBeGreaterThan(0)
    await world.finish(b.leave())
    await world.until(() => a.members().length === 1)
    expect(a.metrics().events.reap).toBeGreaterThan(0)
  })

  it('show what waits to be gossiped, by class', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    await world.finish(a.start())
    for (const key of ['x', 'y']) a.broadcast(key, new Uint8Array(10))
    expect(a.metrics().queued).toMatchObject({
      control: { items: 1 },
      user: { items: 2, bytes: 22 },
      local: { items: 0 },
    })
  })
})
