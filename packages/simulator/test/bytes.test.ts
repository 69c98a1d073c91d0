import { lan } from '@hearsay/membership'
import { Keyring } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import { Cluster, type Observer } from '../src/index.ts'
import { eventful } from './scenario.ts'

const keyring = (): Keyring => new Keyring([new Uint8Array(32).fill(7)])

describe('bytes', () => {
  it('make the same run as messages by reference', () => {
    expect(eventful({ seed: 3, bytes: true }).trace.hash()).toBe(eventful({ seed: 3 }).trace.hash())
  })

  it('make the same run with label, encryption and compression', () => {
    const envelope = { label: 'blue', encryption: { keyring: keyring() }, compression: 'lzw' as const }
    const bytes = eventful({ seed: 3, bytes: true, envelope })
    const reference = eventful({ seed: 3, envelope })
    expect(bytes.trace.hash()).toBe(reference.trace.hash())
    expect(bytes.network.counts).toEqual(reference.network.counts)
  })

  it('are as many as were counted', () => {
    const tuning = { ...lan, pushPull: { intervalMs: 0, nodes: 0 } }
    const envelope = { label: 'blue', compression: 'none' as const }
    const partCounts = new Set<number>()
    const observer: Observer = { packet: (_from, _to, _fate, parts) => void partCounts.add(parts.length) }
    const cluster = new Cluster({ seed: 2, bytes: true, tuning, envelope, observers: [observer] })
    cluster.form(8)
    for (let at = 0; at < 40; at++)
      cluster.world.schedule(at * 100, () => cluster.nodes[at % 8]!.updateMeta(Uint8Array.of(1, 2, at)))
    cluster.run(5000)
    for (const count of [1, 2, 3]) expect(partCounts).toContain(count)
    expect(cluster.network.counts.streamsOpened).toBe(0)
    expect(cluster.madeBytes).toBe(cluster.network.counts.bytes)
    expect(cluster.network.counts.bytes).toBeGreaterThan(1000)
  })
})
