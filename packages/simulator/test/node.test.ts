import { type Effect, faithful, improved, lan, type Policy } from '@hearsay/membership'
import { describe, expect, it } from 'vitest'
import { Cluster, fixed, type SimNode } from '../src/index.ts'
import { Recorder } from './recorder.ts'
import { brisk } from './scenario.ts'

function formed(size: number, tuning = brisk, policy: Policy = improved) {
  const recorder = new Recorder()
  const cluster = new Cluster({ tuning, policy, seed: 3, network: { delay: fixed(1) }, observers: [recorder] })
  cluster.form(size)
  return { cluster, recorder, nodes: cluster.nodes }
}

const messageTypes = (effect: Extract<Effect, { readonly kind: 'send-packet' }>): string[] =>
  effect.parts.map((part) => part.message.type)

/** What `node` believes about `other`. */
const view = (node: SimNode, other: SimNode): string | undefined => node.machine.member(other.name)?.status

describe('a formed cluster', () => {
  it('knows itself, says nothing about it, and stays so', () => {
    const { cluster, recorder, nodes } = formed(70)
    expect(nodes.map(({ machine }) => machine.memberCount())).toEqual(new Array(70).fill(70))
    cluster.run(3000)
    expect(recorder.effects.filter(({ effect }) => effect.kind === 'event')).toEqual([])
    const types = new Set(
      recorder.inputs.flatMap(({ input }) => (input.kind === 'packet' ? input.messages.map(({ type }) => type) : [])),
    )
    expect([...types].sort()).toEqual(['ack', 'ping'])
    expect(nodes.map(({ machine }) => machine.memberCount())).toEqual(new Array(70).fill(70))
    expect(nodes[69]!.machine.self).toMatchObject({ name: 'node-00069', incarnation: 1, address: '10.0.0.70:7946' })
  })

  it('probes out of phase, each once an interval', () => {
    const { cluster, recorder, nodes } = formed(40, lan)
    cluster.run(10_000)
    const pings = recorder.packets.filter(({ fate, from }) => fate === 'sent' && from === nodes[0])
    expect(pings.length).toBeGreaterThan(10)
    const firsts = nodes.map((node) => recorder.packets.find(({ from }) => from === node)!.now)
    expect(new Set(firsts).size).toBeGreaterThan(35)
  })

  it('is formed once, and first', () => {
    const { cluster } = formed(2)
    expect(() => cluster.form(2)).toThrow(expect.objectContaining({ code: 'BAD_STATE' }))
  })
})

describe('a newcomer', () => {
  it('knows itself alone until it joins, then everybody knows everybody', () => {
    const { cluster, nodes } = formed(5)
    const late = cluster.add({ name: 'late', meta: Uint8Array.of(7), incarnation: 4 })
    expect(late.machine.memberCount()).toBe(1)
    late.join([nodes[0]!])
    cluster.run(2000)
    expect(cluster.nodes.map(({ machine }) => machine.memberCount())).toEqual(new Array(6).fill(6))
    expect(nodes[4]!.machine.member('late')).toMatchObject({ incarnation: 4, meta: Uint8Array.of(7) })
  })

  it('cannot have an address that somebody has', () => {
    const { cluster, nodes } = formed(2)
    const add = (address: string) => () => cluster.add({ address })
    expect(add(nodes[0]!.endpoint)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    expect(add('nowhere')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    nodes[0]!.crash()
    expect(add(nodes[0]!.endpoint)().endpoint).toBe(nodes[0]!.endpoint)
  })
})

describe('a crash', () => {
  it('is silent, and found out', () => {
    const { cluster, recorder, nodes } = formed(8)
    cluster.run(500)
    nodes[3]!.crash()
    expect(nodes[3]!.state).toBe('crashed')
    const before = recorder.inputs.length
    const others = nodes.filter((node) => node !== nodes[3])
    expect(cluster.world.runUntil(() => others.every((node) => view(node, nodes[3]!) === 'dead'), 10_000)).toBe(true)
    expect(recorder.inputs.slice(before).some(({ node }) => node === nodes[3])).toBe(false)
    expect(cluster.network.counts.nobody).toBeGreaterThan(0)
    expect(() => nodes[3]!.leave()).toThrow(expect.objectContaining({ code: 'BAD_STATE' }))
    nodes[3]!.crash()
    expect(recorder.lives.filter(({ what }) => what === 'crash').length).toBe(1)
  })

  for (const incarnation of ['lower', 'same', 'higher'] as const)
    for (const address of ['same', 'new'] as const)
      it(`and a restart with the ${incarnation} incarnation at the ${address} address are overcome`, () => {
        const { cluster, nodes } = formed(6, { ...brisk, deadNodeReclaimMs: 1000 })
        const [seed, , , target] = nodes as readonly SimNode[] as [SimNode, SimNode, SimNode, SimNode]
        target.updateMeta(Uint8Array.of(1))
        cluster.run(1000)
        expect(target.machine.self.incarnation).toBe(2)
        const { endpoint } = target
        target.crash()
        const others = nodes.filter((node) => node !== target)
        expect(cluster.world.runUntil(() => others.every((node) => view(node, target) === 'dead'), 5000)).toBe(true)
        // Long enough dead for another address, not yet forgotten.
        cluster.run(cluster.world.now + 1100)
        target.restart({ incarnation, address, seeds: [seed] })
        expect(target.life).toBe(1)
        expect(target.machine.self.incarnation).toBe({ lower: 1, same: 2, higher: 3 }[incarnation])
        expect(target.endpoint === endpoint).toBe(address === 'same')
        cluster.run(cluster.world.now + 5000)
        for (const node of nodes) {
          expect(view(node, target)).toBe('alive')
          expect(node.machine.member(target.name)!.address).toBe(target.endpoint)
        }
      })

  it('may be followed by a restart at once, of which the machine knows nothing', () => {
    const { cluster, recorder, nodes } = formed(4)
    nodes[1]!.restart({ incarnation: 'same', address: 'same' })
    expect(nodes[1]!.machine.memberCount()).toBe(1)
    cluster.run(10)
    expect(recorder.lives.slice(-2).map(({ what }) => what)).toEqual(['crash', 'restart'])
  })
})

describe('a leave', () => {
  it('is told, answered for a while, and then quiet', () => {
    const { cluster, recorder, nodes } = formed(6)
    nodes[2]!.leave()
    expect(nodes[2]!.state).toBe('left')
    cluster.run(1000)
    for (const node of nodes) if (node !== nodes[2]) expect(view(node, nodes[2]!)).toBe('left')
    nodes[2]!.retire()
    expect(nodes[2]!.state).toBe('left')
    const before = recorder.inputs.length
    cluster.run(3000)
    expect(recorder.inputs.slice(before).some(({ node }) => node === nodes[2])).toBe(false)
    expect(recorder.lives.map(({ what }) => what).slice(-2)).toEqual(['leave', 'retire'])
    nodes[2]!.restart({ incarnation: 'higher', address: 'same', seeds: [nodes[0]!] })
    cluster.run(6000)
    for (const node of nodes) expect(view(node, nodes[2]!)).toBe('alive')
  })
})

describe('a stall', () => {
  it('makes timers late, and tells the machine by how much', () => {
    const { cluster, recorder, nodes } = formed(4)
    cluster.run(1000)
    nodes[0]!.stall(400)
    expect(nodes[0]!.state).toBe('stalled')
    const before = recorder.inputs.length
    cluster.run(1399)
    expect(recorder.inputs.slice(before).some(({ node }) => node === nodes[0])).toBe(false)
    cluster.run(1400)
    expect(nodes[0]!.state).toBe('up')
    const lags = recorder.of(nodes[0]!, 'lag')
    expect(lags.length).toBeGreaterThan(0)
    expect(lags[0]!.input.lagMs).toBeGreaterThan(250)
    expect(lags[0]!.input.lagMs).toBeLessThanOrEqual(400)
  })

  for (const policy of [improved, faithful])
    it(`is followed by reading before judging${policy === improved ? '' : ', but not in memberlist'}`, () => {
      const { cluster, recorder, nodes } = formed(30, brisk, policy)
      const [node] = nodes as readonly SimNode[] as [SimNode]
      const isOwnPing = (): boolean => {
        const last = recorder.effects.at(-1)
        return last?.node === node && last.effect.kind === 'send-packet' && messageTypes(last.effect).includes('ping')
      }
      // The answer comes while nothing is read, and the time for it is over when that is possible again.
      expect(cluster.world.runUntil(isOwnPing, 5000)).toBe(true)
      node.stall(80)
      const resumeAt = cluster.world.now + 80
      cluster.run(resumeAt + 1)
      const then = recorder.inputs.filter((each) => each.node === node && Math.abs(each.now - resumeAt) < 0.001)
      expect(then.some(({ input }) => input.kind === 'packet')).toBe(true)
      const asked = recorder.effects.filter(
        (each) =>
          each.node === node &&
          each.now >= resumeAt &&
          each.effect.kind === 'send-packet' &&
          messageTypes(each.effect).includes('indirect-ping'),
      )
      expect(asked.length > 0).toBe(policy === faithful)
    })

  it('is as long as the longest, and ends with the process', () => {
    const { cluster, recorder, nodes } = formed(3)
    nodes[0]!.stall(100)
    nodes[0]!.stall(300)
    nodes[0]!.stall(200)
    nodes[1]!.stall(100)
    cluster.run(50)
    nodes[1]!.crash()
    nodes[1]!.restart({ incarnation: 'higher', address: 'same' })
    expect(nodes[1]!.state).toBe('up')
    nodes[1]!.stall(500)
    cluster.run(299)
    expect([nodes[0]!.state, nodes[1]!.state]).toEqual(['stalled', 'stalled'])
    cluster.run(300)
    expect([nodes[0]!.state, nodes[1]!.state]).toEqual(['up', 'stalled'])
    cluster.run(550)
    expect(nodes[1]!.state).toBe('up')
    expect(recorder.lives.filter(({ what }) => what === 'resume').map(({ now }) => now)).toEqual([300, 550])
  })

  it('holds the application up, too', () => {
    const { cluster, nodes } = formed(3)
    nodes[0]!.stall(100)
    nodes[0]!.updateMeta(Uint8Array.of(5))
    cluster.run(99)
    expect(nodes[0]!.machine.self.incarnation).toBe(1)
    cluster.run(100)
    expect(nodes[0]!.machine.self.incarnation).toBe(2)
  })
})

describe('a clock', () => {
  it('that runs at another rate makes its timers come at that rate', () => {
    const { cluster, recorder, nodes } = formed(20, lan)
    nodes[0]!.setClockRate(2)
    nodes[1]!.setClockRate(0.5)
    cluster.run(20_000)
    const ticks = (node: SimNode): number =>
      recorder.packets.filter(({ from, fate }) => from === node && fate === 'sent').length -
      recorder.of(node, 'packet').filter(({ input }) => input.messages.some(({ type }) => type === 'ping')).length
    // Pings of its own are what it sent beside the answers: one a second of its clock.
    expect(ticks(nodes[0]!)).toBeGreaterThanOrEqual(38)
    expect(ticks(nodes[0]!)).toBeLessThanOrEqual(41)
    expect(ticks(nodes[1]!)).toBeGreaterThanOrEqual(9)
    expect(ticks(nodes[1]!)).toBeLessThanOrEqual(11)
    expect(ticks(nodes[2]!)).toBeGreaterThanOrEqual(19)
    expect(ticks(nodes[2]!)).toBeLessThanOrEqual(21)
    // By its own clock each is on time.
    expect(nodes.flatMap((node) => recorder.of(node, 'lag'))).toEqual([])
  })

  it('that is changed while a timer runs moves the timer', () => {
    const { cluster, recorder, nodes } = formed(2, {
      ...lan,
      probe: { ...lan.probe, intervalMs: 0 },
      gossip: { ...lan.gossip, intervalMs: 0 },
      pushPull: { intervalMs: 0, nodes: 0 },
      rejoin: { ...lan.rejoin, intervalMs: 0 },
    })
    const [node] = nodes as readonly SimNode[] as [SimNode]
    node.input({ kind: 'ping', request: 1, node: 'x', address: '10.9.9.9:7946' })
    cluster.world.schedule(100, () => node.setClockRate(4))
    cluster.run(1000)
    const answer = recorder.effects.find(({ effect }) => effect.kind === 'settle')
    // 100 ms at the world's rate, the other 400 four times as fast.
    expect(answer!.now).toBeCloseTo(200, 3)
    expect(() => node.setClockRate(0)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})
