import { lan } from '@hearsay/membership'
import { Keyring } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import { Cluster } from '../src/index.ts'
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
    const cluster = new Cluster({ seed: 2, bytes: true, tuning, envelope })
    cluster.form(8)
    const first = cluster.nodes[0]!
    cluster.world.schedule(100, () => first.updateMeta(Uint8Array.of(1, 2, 3)))
    cluster.run(5000)
    expect(cluster.network.counts.streamsOpened).toBe(0)
    expect(cluster.madeBytes).toBe(cluster.network.counts.bytes)
    expect(cluster.network.counts.bytes).toBeGreaterThan(1000)
  })
})
