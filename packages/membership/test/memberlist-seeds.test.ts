// Goal: a member that is alone finds its cluster again through the seeds it was given, also when their names have come to
// stand for other addresses; and asks no name server while it is not alone (DIV-35, DIV-36). Method: virtual time, a
// resolver that counts.

import { describe, expect, it } from 'vitest'
import { MAX_REMEMBERED_SEEDS } from '../src/limits.ts'
import type { Memberlist } from '../src/memberlist.ts'
import type { MemberlistOptions } from '../src/options.ts'
import { brisk, World } from './virtual-world.ts'

const tuning = { ...brisk, rejoin: { intervalMs: 1000, forgetAfterMs: 2000 } }
const code = (error: unknown) => (error as { code: unknown }).code
const host = (member: Memberlist): string => member.address.split(':')[0]!
const others = (member: Memberlist): string[] =>
  member.members().flatMap(({ name, isSelf, status }) => (isSelf || status !== 'alive' ? [] : [name]))

function counting(world: World, seed = 3) {
  const system = world.system(seed)
  const asked: string[] = []
  const addresses = (name: string) => {
    asked.push(name)
    return system.resolver.addresses(name)
  }
  return { asked, system: { ...system, resolver: { ...system.resolver, addresses } } }
}

async function alone(options: Partial<MemberlistOptions> = {}) {
  const world = new World()
  const network = world.network()
  const { asked, system } = counting(world)
  const a = world.member('a', network, { tuning, system, ...options })
  await world.finish(a.start())
  return { world, network, a, asked }
}

describe('a member that is alone', () => {
  it('finds members that came up after its join had failed', async () => {
    const { world, network, a } = await alone()
    expect((await world.finish(a.join(['members.internal']))).joinedCount).toBe(0)
    const b = world.member('b', network)
    await world.finish(b.start())
    world.names.set('members.internal', [host(b)])
    await world.until(() => others(a).includes('b') && others(b).includes('a'), 5000)
    expect(a.metrics().rejoins.successes).toBeGreaterThan(0)
  })

  it('finds its cluster again where its name has moved, long after everybody was forgotten', async () => {
    const { world, network, a } = await alone()
    const b = world.member('b', network, { tuning: { ...tuning, rejoin: { intervalMs: 0, forgetAfterMs: 0 } } })
    await world.finish(b.start())
    world.names.set('members.internal', [host(b)])
    await world.finish(a.join(['dns+members.internal:7946']))
    expect(others(a)).toEqual(['b'])
    await world.finish(b.close())
    await world.until(() => a.members().length === 1, 60_000)
    const c = world.member('c', network)
    await world.finish(c.start())
    world.names.set('members.internal', [host(c)])
    await world.until(() => others(a).includes('c'), 5000)
  })

  it('keeps to the last addresses it knew when the names no longer resolve', async () => {
    const { world, network, a } = await alone()
    const b = world.member('b', network)
    await world.finish(b.start())
    world.names.set('members.internal', [host(b)])
    network.cut(a.address, b.address)
    await world.finish(a.join(['members.internal']))
    expect(others(a)).toEqual([])
    world.names.delete('members.internal')
    network.heal(a.address, b.address)
    await world.until(() => others(a).includes('b'), 5000)
    expect(a.metrics().seedLookupFailures).toBeGreaterThan(0)
  })

  it('looks each seed up about once per interval', async () => {
    const { world, a, asked } = await alone()
    await world.finish(a.join(['one.internal', 'two.internal', 'one.internal']))
    asked.length = 0
    await world.pass(10_500)
    for (const name of ['one.internal', 'two.internal']) {
      const count = asked.filter((each) => each === name).length
      expect(count).toBeGreaterThanOrEqual(8)
      expect(count).toBeLessThanOrEqual(13)
    }
    expect(a.metrics()).toMatchObject({ seedLookups: asked.length, seedLookupFailures: asked.length })
  })

  it('does not ask a resolver again that has not answered', async () => {
    const world = new World()
    let asked = 0
    const addresses = (): Promise<never> => {
      asked++
      return new Promise(() => {})
    }
    const system = { ...world.system(), resolver: { addresses, services: addresses } }
    const a = world.member('a', world.network(), { tuning, system })
    await world.finish(a.start())
    const stop = new AbortController()
    const joining = a.join(['slow.internal'], { signal: stop.signal }).catch(code)
    stop.abort()
    await world.finish(joining)
    await world.pass(20_000)
    expect(asked).toBe(2)
  })
})

describe('a member that is not alone, or may not look', () => {
  it('asks no name server', async () => {
    const { world, network, a, asked } = await alone()
    const b = world.member('b', network)
    await world.finish(b.start())
    world.names.set('members.internal', [host(b)])
    await world.finish(a.join(['members.internal']))
    asked.length = 0
    await world.pass(20_000)
    expect(asked).toEqual([])
  })

  it('neither does one with an interval of 0, nor one that was closed', async () => {
    const off = await alone({ tuning: { ...tuning, rejoin: { intervalMs: 0, forgetAfterMs: 0 } } })
    await off.world.finish(off.a.join(['members.internal']))
    off.asked.length = 0
    await off.world.pass(20_000)
    expect(off.asked).toEqual([])
    const closed = await alone()
    await closed.world.finish(closed.a.join(['members.internal']))
    closed.asked.length = 0
    await closed.world.finish(closed.a.close())
    await closed.world.pass(20_000)
    expect(closed.asked).toEqual([])
    expect(closed.world.pendingCount).toBe(0)
  })

  it('remembers a bounded number of seeds, the latest', async () => {
    const { world, a, asked } = await alone()
    const seeds = Array.from({ length: MAX_REMEMBERED_SEEDS + 50 }, (_, index) => `m-${index}.internal`)
    await world.finish(a.join(seeds))
    asked.length = 0
    await world.pass(1300)
    expect(new Set(asked)).toEqual(new Set(seeds.slice(50)))
  })

  it('refuses what are no seeds by code', async () => {
    const { world, a } = await alone()
    for (const seeds of ['a,b', [7], null] as never[])
      expect(await world.finish(a.join(seeds).catch(code))).toBe('INVALID_ARGUMENT')
  })
})
