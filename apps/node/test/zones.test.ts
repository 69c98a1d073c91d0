// Goal: a node with a zone announces it as dskit does, keeps its own metadata behind it, and gossips by it.
import { decodeZoneMeta } from '@hearsay/membership'
import { memoryNetwork } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import type { NodeOptions } from '../src/index.ts'
import { failure, soon, start } from './nodes.ts'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)

describe('a node with a zone', () => {
  it('announces it before its own metadata, now and after an update', async () => {
    const network = memoryNetwork()
    const a = await start({
      name: 'a',
      transport: network,
      meta: text('mine'),
      zoneAwareRouting: { zone: 'eu-1', role: 'bridge' },
    })
    const b = await start({ name: 'b', transport: network, join: [a.address], zoneAwareRouting: { zone: 'eu-2' } })
    const seen = () => b.members().find(({ name }) => name === 'a')!.meta
    expect(decodeZoneMeta(seen())).toEqual({ zone: 'eu-1', role: 2 })
    expect(new TextDecoder().decode(seen().subarray(7))).toBe('mine')
    await a.updateMeta(text('other'))
    await soon(() => expect(new TextDecoder().decode(seen().subarray(7))).toBe('other'))
    expect(decodeZoneMeta(seen())).toEqual({ zone: 'eu-1', role: 2 })
    // Zone eu-2 has no bridge, so that everybody speaks with everybody; it is counted.
    await soon(() => expect(a.metrics().zoneRouting!.skipped).toBeGreaterThan(0))
    expect(a.metrics().zoneRouting).toMatchObject({ zone: 'eu-1', role: 'bridge' })
    expect(b.metrics().zoneRouting).toMatchObject({ zone: 'eu-2', role: 'member' })
    expect((await start({ name: 'c', transport: memoryNetwork() })).metrics().zoneRouting).toBeUndefined()
  })

  it.each<[unknown, string[]]>([
    ['eu', ['zoneAwareRouting']],
    [null, ['zoneAwareRouting']],
    [{}, ['zoneAwareRouting.zone']],
    [
      { zone: 'x'.repeat(17), role: 'boss', rack: 1 },
      ['zoneAwareRouting.rack', 'zoneAwareRouting.role', 'zoneAwareRouting.zone'],
    ],
  ])('is refused with every problem by path: %j', async (zoneAwareRouting, paths) => {
    const error = await failure({ transport: memoryNetwork(), zoneAwareRouting } as NodeOptions)
    expect(error.problems.map(({ path }) => path).sort()).toEqual(paths)
  })
})
