// Goal: what rides on a simulated member is called as by `Memberlist`. Method: delegates that write down what they hear.
import { type Delegate, type DelegateHost, lan } from '@hearsay/membership'
import { describe, expect, it } from 'vitest'
import { Cluster, type SimProcess } from '../src/index.ts'
import { brisk } from './scenario.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const read = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Remembers everything. */
class Rider implements Delegate {
  readonly process: SimProcess
  readonly heard: string[] = []
  host: DelegateHost | undefined

  constructor(process: SimProcess) {
    this.process = process
  }

  attach(host: DelegateHost): void {
    this.host = host
  }

  onMessage(payload: Uint8Array, { channel, member }: { channel: string; member?: string | undefined }): void {
    this.heard.push(`${channel} of ${member}: ${read(payload)}`)
  }

  localState(): Uint8Array {
    return text(`state of ${this.process.node.name}/${this.process.life}`)
  }

  mergeRemoteState(state: Uint8Array): void {
    this.heard.push(read(state))
  }
}

function riding(size: number, tuning = brisk) {
  const riders: Rider[] = []
  const delegates = (process: SimProcess) => {
    const rider = new Rider(process)
    riders.push(rider)
    return [rider]
  }
  const cluster = new Cluster({ seed: 5, tuning, delegates })
  cluster.form(size)
  return { cluster, riders }
}

describe('a delegate', () => {
  it('is told user messages and states, with the member whose word it is', () => {
    const { cluster, riders } = riding(3)
    riders[0]!.host!.broadcast({ key: 'k', names: [], version: 1, class: 'local', payload: text('news') })
    cluster.run(500)
    expect(riders[1]!.heard).toContain('packet of node-00000: news')
    riders[1]!.host!.exchangeWith('node-00002')
    cluster.run(600)
    expect(riders[2]!.heard).toContain('state of node-00001/0')
    expect(riders[1]!.heard).toContain('state of node-00002/0')
    const before = riders[0]!.heard.length
    riders[0]!.host!.requestPushPull(2)
    cluster.run(700)
    expect(riders[0]!.heard.slice(before).length).toBeGreaterThanOrEqual(2)
  })

  it('is told who is there', () => {
    const { cluster, riders } = riding(3)
    expect(riders[0]!.host!.memberCount()).toBe(3)
    expect(riders[0]!.host!.memberNames()).toEqual(['node-00001', 'node-00002'])
    cluster.nodes[2]!.crash()
    cluster.run(20_000)
    expect(riders[0]!.host!.memberNames()).toEqual(['node-00001'])
  })

  it('is made anew for each process, also of whoever comes later', () => {
    const { cluster, riders } = riding(2)
    cluster.add().join([cluster.nodes[0]!])
    cluster.nodes[1]!.restart({ incarnation: 'higher', address: 'same', seeds: [cluster.nodes[0]!] })
    expect(riders.map(({ process: { node, life } }) => `${node.index}/${life}`)).toEqual(['0/0', '1/0', '2/0', '1/1'])
    cluster.run(1000)
    expect(riders[0]!.heard).toContain('state of node-00001/1')
    expect(riders[1]!.heard).toEqual([])
  })

  it('may refuse members, and merges, and tell of itself', async () => {
    const { cluster } = riding(2)
    const heard: string[] = []
    const strict: Delegate = {
      alive: ({ name }) => name !== 'node-00001',
      meta: () => text('strict'),
      pingPayload: () => text('hello'),
      onPing: (member, _rtt, payload) => heard.push(`${member.name}: ${read(payload)}`),
    }
    const late = cluster.add({ delegates: () => [strict] })
    const wary = cluster.add({ delegates: () => [{ merge: () => Promise.resolve(false) }] })
    late.join([cluster.nodes[0]!])
    wary.join([cluster.nodes[0]!])
    await cluster.world.advance(3000)
    expect(late.machine.members().map(({ name }) => name)).not.toContain('node-00001')
    expect(read(cluster.nodes[0]!.machine.member(late.name)!.meta)).toBe('strict')
    expect(heard.length).toBeGreaterThan(0)
    expect(heard[0]).toBe('node-00000: ')
  })
})

describe('the system of a process', () => {
  it('is late after a stall, goes by its own clock, and falls silent with it', () => {
    const { cluster, riders } = riding(2, lan)
    const [node] = cluster.nodes
    const { system } = riders[0]!.process
    const rung: string[] = []
    const ring = (what: string) => () => rung.push(`${what} at ${cluster.world.now}`)
    system.arm(100, ring('late'))
    const off = system.arm(200, ring('called off'))
    system.arm(150, () => off())
    node!.stall(1000)
    cluster.run(1500)
    expect(rung).toEqual(['late at 1000'])
    node!.setClockRate(2)
    system.arm(1000, ring('fast'))
    cluster.run(2500)
    expect(rung).toEqual(['late at 1000', 'fast at 2000'])
    expect(system.now()).toBe(1500 + 2 * 1000)
    system.arm(10, ring('never'))
    system.afterIo(ring('never either'))
    node!.crash()
    cluster.run(3000)
    expect(rung).toHaveLength(2)
    expect(system.wallNow()).toBe(Date.UTC(2026, 0, 1) + 3000)
  })

  it('has chance that is the same each time', () => {
    const draw = () => riding(2).riders.map(({ process }) => process.system.random())
    expect(draw()).toEqual(draw())
    expect(new Set(draw()).size).toBe(2)
  })
})
