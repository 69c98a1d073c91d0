import { lan, type Tuning } from '@hearsay/membership'
import { describe, expect, it } from 'vitest'
import { Cluster, fixed, type NetworkOptions, type SimNode } from '../src/index.ts'
import { Recorder } from './recorder.ts'

/** Only what a test asks for is sent. */
const quiet: Tuning = {
  ...lan,
  probe: { ...lan.probe, intervalMs: 0 },
  gossip: { ...lan.gossip, intervalMs: 0 },
  pushPull: { intervalMs: 0, nodes: 0 },
  rejoin: { ...lan.rejoin, intervalMs: 0 },
}

function formed(size: number, network: NetworkOptions = {}) {
  const recorder = new Recorder()
  const cluster = new Cluster({ tuning: quiet, network: { delay: fixed(1), ...network }, observers: [recorder] })
  cluster.form(size)
  return { cluster, recorder, network: cluster.network, nodes: cluster.nodes }
}

/** So many user messages, each a packet. */
function send(from: SimNode, to: SimNode, count = 1, payload = Uint8Array.of(1)): void {
  for (let request = 0; request < count; request++)
    from.input({ kind: 'send', request, to: to.name, payload, reliable: false })
}

const payloads = (recorder: Recorder, node: SimNode): number[] =>
  recorder
    .of(node, 'packet')
    .flatMap(({ input }) => input.messages.map((message) => (message.type === 'user' ? message.payload[0]! : -1)))

describe('packets', () => {
  it('arrive after the delay, from the address of their sender', () => {
    const { cluster, recorder, nodes } = formed(2)
    send(nodes[0]!, nodes[1]!)
    cluster.run(0.999)
    expect(recorder.of(nodes[1]!, 'packet')).toEqual([])
    cluster.run(1)
    const [packet] = recorder.of(nodes[1]!, 'packet')
    expect(packet).toMatchObject({ now: 1, input: { from: nodes[0]!.endpoint } })
    expect(recorder.packets.map(({ fate }) => fate)).toEqual(['sent', 'delivered'])
  })

  it('are lost by chance, duplicated and held back, as often as was asked for, and are counted', () => {
    const { cluster, recorder, network, nodes } = formed(2, {
      loss: 0.3,
      duplicate: 0.2,
      reorder: 0.1,
      reorderByMs: 50,
    })
    send(nodes[0]!, nodes[1]!, 4000)
    cluster.run(1000)
    const { counts } = network
    expect(counts.sent).toBe(4000)
    // Binomial: deviations of 29, 21 and 18.
    expect(Math.abs(counts.lost - 1200)).toBeLessThan(150)
    expect(Math.abs(counts.duplicated - 2800 * 0.2)).toBeLessThan(110)
    expect(Math.abs(counts.reordered - 3360 * 0.1)).toBeLessThan(95)
    expect(counts.delivered).toBe(4000 - counts.lost + counts.duplicated)
    expect(counts.delivered).toBe(recorder.of(nodes[1]!, 'packet').length)
    for (const fate of ['sent', 'lost', 'duplicated', 'delivered'] as const)
      expect(recorder.count(fate)).toBe(counts[fate])
  })

  it('overtake those that are held back', () => {
    const { cluster, recorder, nodes } = formed(2, { reorder: 0.3, reorderByMs: 50 })
    for (let number = 0; number < 50; number++) send(nodes[0]!, nodes[1]!, 1, Uint8Array.of(number))
    cluster.run(1000)
    const order = payloads(recorder, nodes[1]!)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index))
    expect(order).not.toEqual([...order].sort((a, b) => a - b))
  })

  it('obey the rule of the pair before the sender, the receiver, and everybody', () => {
    const { cluster, network, nodes } = formed(4)
    const [a, b, c, d] = nodes as [SimNode, SimNode, SimNode, SimNode]
    network.setLoss('all', 'all', 1)
    network.setLoss('all', b, 0)
    network.setLoss(c, 'all', 1)
    network.setLoss(c, d, 0)
    const arrives = (from: SimNode, to: SimNode): boolean => {
      const before = network.counts.delivered
      send(from, to)
      cluster.run(cluster.world.now + 10)
      return network.counts.delivered > before
    }
    expect([arrives(a, c), arrives(a, b), arrives(c, b), arrives(c, d), arrives(d, c)]).toEqual([
      false,
      true,
      false,
      true,
      false,
    ])
    network.setLink(d, 'all', { duplicate: 1 })
    network.setLink(d, 'all', { loss: 0 })
    send(d, a)
    cluster.run(cluster.world.now + 10)
    expect(network.counts.duplicated).toBe(1)
    network.setLink(a, c, { loss: 0, delay: fixed(5) })
    network.setLink(a, c, { duplicate: 1 })
    send(a, c)
    cluster.run(cluster.world.now + 4)
    expect(network.counts.duplicated).toBe(2)
    const before = network.counts.delivered
    cluster.run(cluster.world.now + 1)
    expect(network.counts.delivered).toBe(before + 2)
  })

  it('are cut one way, by partitions both ways, and not after that', () => {
    const { cluster, recorder, network, nodes } = formed(4)
    const [a, b, c, d] = nodes as [SimNode, SimNode, SimNode, SimNode]
    const fate = (from: SimNode, to: SimNode): string => {
      send(from, to)
      cluster.run(cluster.world.now + 2)
      return recorder.packets.at(-1)!.fate
    }
    network.cut(a, [b, c])
    expect([fate(a, b), fate(a, c), fate(b, a), fate(a, d)]).toEqual(['cut', 'cut', 'delivered', 'delivered'])
    network.mend(a, b)
    expect([fate(a, b), fate(a, c)]).toEqual(['delivered', 'cut'])
    network.partition([[a, b], [c]])
    expect([fate(a, b), fate(a, c), fate(c, a), fate(d, a), fate(d, c)]).toEqual([
      'delivered',
      'cut',
      'cut',
      'cut',
      'cut',
    ])
    network.heal()
    expect([fate(a, c), fate(d, a)]).toEqual(['delivered', 'delivered'])
    expect(network.counts.cut).toBe(recorder.count('cut'))
    expect(network.counts.cut).toBeGreaterThan(6)
  })

  it('that are under way are cut, too, and vanish where nobody is', () => {
    const { cluster, recorder, network, nodes } = formed(2)
    const [a, b] = nodes as [SimNode, SimNode]
    send(a, b)
    network.cut(a, b)
    cluster.run(5)
    expect(recorder.packets.at(-1)!.fate).toBe('cut')
    network.heal()
    send(a, b)
    b.crash()
    cluster.run(10)
    expect(recorder.packets.at(-1)).toMatchObject({ fate: 'nobody', to: undefined })
    expect(network.counts.nobody).toBe(1)
  })

  it('wait for a member that stalls, up to a bound', () => {
    const { cluster, recorder, network, nodes } = formed(2, { receiveQueue: 10 })
    const [a, b] = nodes as [SimNode, SimNode]
    b.stall(100)
    send(a, b, 25)
    cluster.run(99)
    expect(network.counts).toMatchObject({ delivered: 10, lost: 15, overflow: 15 })
    expect(recorder.of(b, 'packet').length).toBe(0)
    cluster.run(100)
    expect(recorder.of(b, 'packet').map(({ now }) => now)).toEqual(new Array(10).fill(100))
  })
})
