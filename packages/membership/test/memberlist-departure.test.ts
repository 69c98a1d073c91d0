// Goal: leaving, coming back and changing metadata say how far the news got, whatever state the cluster is in. Method:
// whole members on virtual time; peers that are there, gone, or cut off.

import { describe, expect, it } from 'vitest'
import type { Memberlist } from '../src/memberlist.ts'
import { brisk, World } from './virtual-world.ts'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const code = (error: unknown) => (error as { code: unknown }).code
const statusOf = (member: Memberlist, name: string) => member.member(name)?.status

async function trio() {
  const world = new World()
  const network = world.network({ delayMs: 1 })
  const [a, b, c] = (await world.cluster(['a', 'b', 'c'], network)) as [Memberlist, Memberlist, Memberlist]
  await world.until(() => [a, b, c].every((member) => member.members().length === 3))
  return { world, network, a, b, c }
}

/** Two members, and a third that never thinks it has told enough. */
async function withTheDying() {
  const world = new World()
  const network = world.network({ delayMs: 1 })
  const tireless = { ...brisk, gossip: { ...brisk.gossip, retransmitMultiplier: 1000 } }
  const [a, b, c] = [
    world.member('a', network),
    world.member('b', network),
    world.member('c', network, { tuning: tireless }),
  ]
  for (const member of [a, b, c]) await world.finish(member.start())
  for (const member of [b, c]) await world.finish(member.join([a.address]))
  await world.until(() => c.members().length === 3)
  return { world, c, closing: () => Promise.all([a.close(), b.close()]) }
}

describe('leaving', () => {
  it('says that it was spread, and everybody has it as left', async () => {
    const { world, a, b, c } = await trio()
    expect(await world.finish(c.leave())).toBe('transmitted')
    await world.until(() => [a, b].every((member) => statusOf(member, 'c') === 'left'))
    expect(c.self.status).toBe('left')
  })

  it('with nobody there says so at once', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    await world.finish(a.start())
    const at = world.now
    expect(await world.finish(a.leave())).toBe('no-peers')
    expect(world.now).toBe(at)
  })

  it('whose peers all die in the middle of it says so, and waits no longer', async () => {
    const { world, closing, c } = await withTheDying()
    const leaving = c.leave({ timeoutMs: Number.POSITIVE_INFINITY })
    await world.finish(closing())
    expect(await world.finish(leaving)).toBe('no-peers')
  })

  it('that cannot be spread in time says so; it holds all the same, and asked again it says the same at once', async () => {
    const { world, network, a, b, c } = await trio()
    for (const other of [a, b]) network.cut(c.address, other.address)
    const at = world.now
    expect(await world.finish(c.leave({ timeoutMs: 15 }))).toBe('timeout')
    expect(world.now - at).toBe(15)
    expect(c.self.status).toBe('left')
    const again = world.now
    expect(await world.finish(c.leave())).toBe('timeout')
    expect(world.now).toBe(again)
  })

  it('asked for twice is one good-bye: the second waits for the first, in its own time and by its own signal', async () => {
    const { world, c } = await trio()
    const stop = new AbortController()
    const events: string[] = []
    c.on('member', ({ type, member }) => member.isSelf && events.push(type))
    const waits = [
      c.leave(),
      c.leave(),
      c.leave({ timeoutMs: 0 }),
      c.leave({ signal: stop.signal }).catch(code),
      c.leave({ signal: AbortSignal.abort() }).catch(code),
    ]
    await world.pass(1)
    stop.abort()
    expect(await world.finish(Promise.all(waits))).toEqual([
      'transmitted',
      'transmitted',
      'timeout',
      'ABORTED',
      'ABORTED',
    ])
    expect(events).toEqual(['leave'])
  })

  it('that was called off by its first caller goes on for the others', async () => {
    const { world, a, b, c } = await trio()
    const stop = new AbortController()
    const first = c.leave({ signal: stop.signal }).catch(code)
    const second = c.leave()
    stop.abort()
    expect(await world.finish(first)).toBe('ABORTED')
    expect(await world.finish(second)).toBe('transmitted')
    await world.until(() => [a, b].every((member) => statusOf(member, 'c') === 'left'))
  })

  it('is over for a closed member, and not begun for one that was not started', async () => {
    const { world, c } = await trio()
    const fresh = world.member('fresh', world.network())
    expect(await world.finish(fresh.leave().catch(code))).toBe('NOT_STARTED')
    await world.finish(c.leave())
    await world.finish(c.close())
    expect(await world.finish(c.leave().catch(code))).toBe('CLOSED')
    expect(await world.finish(c.rejoin().catch(code))).toBe('CLOSED')
  })

  it('ends with CLOSED when the member closes in the middle of it', async () => {
    const { world, c } = await trio()
    const leaving = c.leave().catch(code)
    await world.finish(c.close())
    expect(await world.finish(leaving)).toBe('CLOSED')
  })

  it('refuses what is no time', async () => {
    const { world, c } = await trio()
    for (const timeoutMs of [-1, Number.NaN, '5', null] as number[]) {
      expect(await world.finish(c.leave({ timeoutMs }).catch(code))).toBe('INVALID_ARGUMENT')
      expect(await world.finish(c.updateMeta(text('x'), { timeoutMs }).catch(code))).toBe('INVALID_ARGUMENT')
    }
    expect(c.self.status).toBe('alive')
  })
})

describe('a member that has left', () => {
  it('still answers, and refuses by code what it can no longer do', async () => {
    const { world, a, c } = await trio()
    await world.finish(c.leave())
    expect(await world.finish(a.ping('c'))).toBeGreaterThan(0)
    expect(await world.finish(c.updateMeta(text('x')).catch(code))).toBe('LEFT')
    const { seeds } = await world.finish(c.join([a.address]).catch(() => ({ seeds: 'LEFT' })))
    expect(seeds).toBe('LEFT')
  })

  it('comes back with rejoin, above what it left with, for everybody', async () => {
    const { world, a, b, c } = await trio()
    await world.finish(c.updateMeta(text('kept')))
    const heard: string[] = []
    a.on('member', ({ type, member }) => member.name === 'c' && heard.push(type))
    const own: string[] = []
    c.on('member', ({ type, member }) => member.isSelf && own.push(type))
    const before = c.self.incarnation
    await world.finish(c.leave())
    await world.until(() => [a, b].every((member) => statusOf(member, 'c') === 'left'))
    await world.finish(c.rejoin())
    expect(c.self).toMatchObject({ status: 'alive', meta: text('kept') })
    expect(c.self.incarnation).toBeGreaterThan(before)
    await world.until(() => [a, b].every((member) => statusOf(member, 'c') === 'alive'))
    expect(a.member('c')!.incarnation).toBe(c.self.incarnation)
    expect(heard).toEqual(['leave', 'join'])
    expect(own).toEqual(['leave', 'join'])
    await world.pass(3000)
    expect([a, b].map((member) => statusOf(member, 'c'))).toEqual(['alive', 'alive'])
  })

  it('can leave again, with another good-bye', async () => {
    const { world, a, b, c } = await trio()
    for (let round = 0; round < 3; round++) {
      expect(await world.finish(c.leave())).toBe('transmitted')
      await world.until(() => [a, b].every((member) => statusOf(member, 'c') === 'left'))
      await world.finish(c.rejoin())
      await world.until(() => [a, b].every((member) => statusOf(member, 'c') === 'alive'))
    }
  })

  it('is the only one that can come back', async () => {
    const { world, a } = await trio()
    expect(await world.finish(a.rejoin().catch(code))).toBe('NOT_LEFT')
    expect(a.self.status).toBe('alive')
  })
})

describe('new metadata', () => {
  it('says how far it got: spread, replaced by a newer one, nobody there, or not in time', async () => {
    const { world, network, a, b, c } = await trio()
    const older = c.updateMeta(text('older'))
    const newer = c.updateMeta(text('newer'))
    expect(await world.finish(older)).toBe('superseded')
    expect(await world.finish(newer)).toBe('transmitted')
    await world.until(() => [a, b].every((member) => new TextDecoder().decode(member.member('c')!.meta) === 'newer'))
    for (const other of [a, b]) network.cut(c.address, other.address)
    expect(await world.finish(c.updateMeta(text('unheard'), { timeoutMs: 1 }))).toBe('timeout')
    expect(c.self.meta).toEqual(text('unheard'))
    await world.until(() => c.members().every(({ isSelf, status }) => isSelf || status === 'dead'))
    expect(await world.finish(c.updateMeta(text('alone')))).toBe('no-peers')
  })

  it('whose peers all die in the middle of it says so, and waits no longer', async () => {
    const { world, closing, c } = await withTheDying()
    const changing = c.updateMeta(text('x'), { timeoutMs: Number.POSITIVE_INFINITY })
    await world.finish(closing())
    expect(await world.finish(changing)).toBe('no-peers')
  })

  it('that is none, or too long, is refused by code and changes nothing', async () => {
    const { world, c } = await trio()
    const before = c.self
    expect(await world.finish(c.updateMeta('zone' as never).catch(code))).toBe('INVALID_ARGUMENT')
    expect(await world.finish(c.updateMeta(new Uint8Array(513)).catch(code))).toBe('META_TOO_LONG')
    expect(c.self).toMatchObject({ meta: before.meta, incarnation: before.incarnation })
  })
})
