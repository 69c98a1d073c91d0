// Goal: what an application may decide, fill in and be told, it does, and nothing it does there hurts. Method: whole
// members on virtual time, with delegates that veto, answer, throw, dawdle, and call back.

import { encodePacket, Part } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { Delegate, DelegateHost } from '../src/delegate.ts'
import type { Member } from '../src/member.ts'
import type { Memberlist } from '../src/memberlist.ts'
import type { MemberlistOptions } from '../src/options.ts'
import type { Tuning } from '../src/tuning.ts'
import { brisk, World } from './virtual-world.ts'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const words = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const names = (member: Memberlist): string[] =>
  member
    .members()
    .map(({ name }) => name)
    .sort()
const code = (error: unknown) => (error as { code: unknown }).code

/** Without what brings members together beside exchanges of states. */
const quiet: Tuning = { ...brisk, probe: { ...brisk.probe, intervalMs: 0 }, gossip: { ...brisk.gossip, intervalMs: 0 } }

/** Two started members, the second with a delegate. */
async function pair(
  delegate: Delegate,
  options: Partial<MemberlistOptions> = {},
  ofBoth: Partial<MemberlistOptions> = {},
) {
  const world = new World()
  const network = world.network({ delayMs: 1 })
  const a = world.member('a', network, ofBoth)
  const b = world.member('b', network, { ...ofBoth, ...options }).use(delegate)
  await world.finish(a.start())
  await world.finish(b.start())
  return { world, network, a, b }
}

/** A member as the wire has it. */
const alive = (node: string, incarnation: number, last: number) =>
  new Part({
    type: 'alive',
    incarnation,
    node,
    address: Uint8Array.of(10, 9, 9, last),
    port: 7946,
    meta: null,
    versions: {
      protocolMin: 1,
      protocolMax: 5,
      protocolCurrent: 2,
      delegateMin: 0,
      delegateMax: 0,
      delegateCurrent: 0,
    },
  })

describe('the alive hook', () => {
  it('keeps out whom it vetoes, is asked about everybody else, and never about its own member', async () => {
    const asked: Member[] = []
    const { world, network, a, b } = await pair({
      alive: (member) => {
        asked.push(member)
        return member.name !== 'evil'
      },
    })
    const evil = world.member('evil', network, { meta: text('m') })
    await world.finish(evil.start())
    await world.finish(b.join([a.address]))
    await world.finish(evil.join([b.address, a.address]))
    await world.until(() => names(a).length === 3)
    await world.pass(500)
    expect(names(b)).toEqual(['a', 'b'])
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(['a', 'evil']))
    expect(asked.find(({ name }) => name === 'evil')).toMatchObject({
      address: evil.address,
      incarnation: evil.self.incarnation,
      meta: text('m'),
      isSelf: false,
    })
    expect(b.metrics().ignored.A4).toBeGreaterThan(0)
  })

  it.each<[string, () => boolean]>([
    [
      'throws',
      () => {
        throw new Error('no idea')
      },
    ],
    ['promises to answer later', (() => Promise.resolve(true)) as never],
  ])('that %s has vetoed, and is counted', async (_name, hook) => {
    const { world, a, b } = await pair({ alive: hook })
    await world.finish(b.join([a.address]))
    expect(names(b)).toEqual(['b'])
    expect(b.metrics().delegateErrors).toBeGreaterThan(0)
  })

  it('of one delegate is enough for a veto', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network)
    const b = world.member('b', network)
    b.use({ alive: () => true }).use({ alive: () => false })
    for (const member of [a, b]) await world.finish(member.start())
    await world.finish(b.join([a.address]))
    expect(names(b)).toEqual(['b'])
  })
})

describe('the merge hook', () => {
  const later =
    (answer: boolean, world: () => World): NonNullable<Delegate['merge']> =>
    () =>
      new Promise((resolve) => void world().schedule(300, () => resolve(answer)))

  it('sees the other members and where they come from, before they are merged, in both roles', async () => {
    const asked: [names: string[], join: boolean, from: string, known: string[]][] = []
    const note = (who: () => Memberlist): Delegate => ({
      merge: (members, { join, from }) => {
        asked.push([members.map(({ name, address }) => `${name} ${address}`), join, from, names(who())])
        return true
      },
    })
    const world = new World()
    const network = world.network()
    const a: Memberlist = world.member('a', network).use(note(() => a))
    const b: Memberlist = world.member('b', network).use(note(() => b))
    await world.finish(a.start())
    await world.finish(b.start())
    const { seeds } = await world.finish(b.join([a.address]))
    expect(seeds[0]).toMatchObject({ ok: true })
    expect(asked).toContainEqual([[`a ${a.address}`], true, a.address, ['b']])
    expect(asked).toContainEqual([[`b ${b.address}`], true, expect.stringMatching(/^10\.0\.0\.2:/), ['a']])
    expect([names(a), names(b)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  it('may take its time, and the join waits for it', async () => {
    let world: World | undefined
    const made = await pair({ merge: later(true, () => world as World) }, {}, { tuning: quiet })
    world = made.world
    const joining = made.b.join([made.a.address])
    await world.pass(200)
    expect(names(made.b)).toEqual(['b'])
    expect((await world.finish(joining)).joinedCount).toBe(1)
    expect(names(made.b)).toEqual(['a', 'b'])
  })

  it.each<[string, (world: () => World) => NonNullable<Delegate['merge']>]>([
    ['says no', () => () => false],
    ['says no after a while', (world) => later(false, world)],
    [
      'throws',
      () => () => {
        throw new Error('no idea')
      },
    ],
    ['rejects', () => () => Promise.reject(new Error('no idea'))],
    ['never answers', () => () => new Promise<boolean>(() => {})],
  ])('that %s lets nobody in, and the join says why', async (_name, hook) => {
    let world: World | undefined
    const made = await pair({ merge: hook(() => world as World) }, {}, { tuning: quiet })
    world = made.world
    const startedAt = world.now
    const { joinedCount, seeds } = await world.finish(made.b.join([made.a.address]))
    expect(joinedCount).toBe(0)
    expect(seeds[0]).toMatchObject({ ok: false, reason: expect.stringContaining('refused by this application') })
    expect(world.now - startedAt).toBeLessThanOrEqual(brisk.streamTimeoutMs + 100)
    expect(names(made.b)).toEqual(['b'])
    expect(made.b.metrics()).toMatchObject({
      mergeVetoes: 1,
      mergeTimeouts: _name === 'never answers' ? 1 : 0,
      delegateErrors: _name === 'throws' || _name === 'rejects' ? 1 : 0,
    })
    for (const member of [made.a, made.b]) await world.finish(member.close())
    await world.pass(60_000)
    expect(world.pendingCount).toBe(0)
  })

  it('of the one who is joined keeps the joiner out on its side alone', async () => {
    const { world, a, b } = await pair({ merge: () => false }, {}, { tuning: quiet })
    const { seeds } = await world.finish(a.join([b.address]))
    expect(names(b)).toEqual(['b'])
    expect(names(a)).toEqual(['a', 'b'])
    // What the exchange alone would not tell: b did not take us (DIV-33).
    expect(seeds[0]).toMatchObject({ ok: true, confirmed: false })
    expect(b.metrics().mergeVetoes).toBeGreaterThan(0)
  })
})

describe('the conflict hook', () => {
  it('is told who claims a name, and who has it', async () => {
    const conflicts: [string, string, string][] = []
    const { world, network, a, b } = await pair({
      conflict: (existing, claimedBy) => void conflicts.push([existing.name, existing.address, claimedBy]),
    })
    await world.finish(b.join([a.address]))
    const stranger = network.transport()
    await stranger.listen({ onPacket: () => {}, onStream: () => {}, onDrop: () => {} })
    const packet = encodePacket([alive('a', a.self.incarnation + 5, 9)], { compression: 'none', checksum: false })
    stranger.send(b.address, packet, 'gossip')
    await world.pass(20)
    expect(conflicts).toEqual([['a', a.address, '10.9.9.9:7946']])
    expect(b.metrics().events.conflict).toBe(1)
  })
})

describe('the ping hooks', () => {
  it('carry bytes on answers, and tell of each round trip', async () => {
    const told: [name: string, rttMs: number, payload: string][] = []
    const world = new World()
    const network = world.network({ delayMs: 4 })
    const a = world.member('a', network).use({ pingPayload: () => text('coordinate') })
    const b = world.member('b', network).use({
      onPing: (member, rttMs, payload) => void told.push([member.name, rttMs, words(payload)]),
    })
    for (const member of [a, b]) await world.finish(member.start())
    await world.finish(b.join([a.address]))
    await world.until(() => told.length >= 2)
    for (const each of told) expect(each).toEqual(['a', expect.closeTo(8, 6), 'coordinate'])
    const count = told.length
    // An application's own ping is not the detector's (membership spec 2.7).
    await world.finish(b.ping('a'))
    expect(told.length).toBe(count)
  })

  it.each<[string, () => Uint8Array]>([
    ['is too long', () => new Uint8Array(513)],
    [
      'throws',
      () => {
        throw new Error('no idea')
      },
    ],
  ])('whose payload %s answer without any, so that nobody is suspected', async (_name, pingPayload) => {
    const payloads: number[] = []
    const world = new World()
    const network = world.network()
    const a = world.member('a', network).use({ pingPayload })
    const b = world
      .member('b', network)
      .use({ onPing: (_member, _rttMs, payload) => void payloads.push(payload.length) })
    for (const member of [a, b]) await world.finish(member.start())
    await world.finish(b.join([a.address]))
    await world.until(() => payloads.length >= 3)
    expect(new Set(payloads)).toEqual(new Set([0]))
    expect(a.metrics().delegateErrors).toBeGreaterThanOrEqual(3)
    expect(b.metrics().events.suspect).toBeUndefined()
  })
})

describe('metadata of a delegate', () => {
  it('is asked for at the start, and by an update without bytes', async () => {
    let zone = 'zone-1'
    const { world, a, b } = await pair({ meta: () => text(zone) }, { meta: text('not this') })
    await world.finish(b.join([a.address]))
    const seen = () => words(a.members().find(({ name }) => name === 'b')!.meta)
    expect(seen()).toBe('zone-1')
    zone = 'zone-2'
    expect(await world.finish(b.updateMeta())).toBe('transmitted')
    await world.until(() => seen() === 'zone-2')
    await world.finish(b.updateMeta(text('zone-3')))
    await world.until(() => seen() === 'zone-3')
  })

  it('that is empty or fails leaves that of the options', async () => {
    for (const meta of [
      () => new Uint8Array(0),
      () => {
        throw new Error('no idea')
      },
    ]) {
      const { b } = await pair({ meta }, { meta: text('fixed') })
      expect(words(b.self.meta)).toBe('fixed')
    }
  })

  it('that is too long is an error with a code, at the start and later', async () => {
    let size = 513
    const world = new World()
    const b = world.member('b', world.network()).use({ meta: () => new Uint8Array(size) })
    expect(await world.finish(b.start().catch(code))).toBe('META_TOO_LONG')
    await world.finish(b.close())
    size = 512
    const c = world.member('c', world.network()).use({ meta: () => new Uint8Array(size) })
    await world.finish(c.start())
    expect(c.self.meta).toHaveLength(512)
    size = 513
    expect(await world.finish(c.updateMeta().catch(code))).toBe('META_TOO_LONG')
  })
})

describe('what a delegate is offered', () => {
  it('is a push/pull beside the schedule, with as many members as it asks for', async () => {
    let host: DelegateHost | undefined
    const tuning = { ...brisk, pushPull: { ...brisk.pushPull, intervalMs: 0 } }
    const attach = (given: DelegateHost): void => {
      host = given
    }
    const { world, a, b } = await pair({ attach }, { tuning })
    await world.finish(b.join([a.address]))
    const before = b.metrics().pushPullsInitiated
    await world.pass(5000)
    expect(b.metrics().pushPullsInitiated).toBe(before)
    host!.requestPushPull(2)
    await world.pass(100)
    expect(b.metrics().pushPullsInitiated).toBe(before + 1)
  })

  it('is room for one state: the first that is not empty goes out, all delegates get what comes in', async () => {
    const heard: string[] = []
    const listen = (who: string): Delegate => ({
      mergeRemoteState: (state) => void heard.push(`${who}: ${words(state)}`),
    })
    const world = new World()
    const network = world.network()
    const d = world
      .member('d', network)
      .use({ localState: () => new Uint8Array(0) })
      .use({ localState: () => text('second') })
      .use({ localState: () => text('third') })
    const e = world.member('e', network).use(listen('one')).use(listen('two'))
    for (const member of [d, e]) await world.finish(member.start())
    await world.finish(d.join([e.address]))
    await world.until(() => heard.length >= 2)
    expect(new Set(heard)).toEqual(new Set(['one: second', 'two: second']))
  })
})

describe('any hook', () => {
  it('may call anything, and sees a state that is at least as new as what it is told', async () => {
    const wrong: string[] = []
    const results: Promise<unknown>[] = []
    const callsOf = new Map<string, number>()
    const world = new World()
    const network = world.network()
    const busy: Memberlist = world.member('busy', network)
    /** A hook that calls everything, the first three times. */
    const calling =
      <T>(hook: string, answer: T) =>
      (): T => {
        const calls = (callsOf.get(hook) ?? 0) + 1
        callsOf.set(hook, calls)
        if (calls > 3) return answer
        busy.members()
        busy.metrics()
        busy.queueDepths()
        busy.broadcast(hook, text('x'))
        results.push(
          busy.send('a', text('x')),
          busy.ping('a'),
          busy.join([]),
          busy.updateMeta(text(`${hook} ${calls}`)),
        )
        for (const result of results) result.catch(() => {})
        return answer
      }
    busy.use({
      alive: calling('alive', true),
      merge: calling('merge', true),
      pingPayload: calling('pingPayload', text('p')),
      onPing: calling('onPing', undefined),
      onMessage: calling('onMessage', undefined),
      mergeRemoteState: calling('mergeRemoteState', undefined),
      localState: calling('localState', text('s')),
    })
    const onMember = calling('member', undefined)
    busy.on('member', ({ type, member }) => {
      const now = busy.members().find(({ name }) => name === member.name)
      if (!now || now.incarnation < member.incarnation) wrong.push(`${type} ${member.name}`)
      if (!member.isSelf) onMember()
    })
    const a = world.member('a', network).use({ localState: () => text('t') })
    for (const member of [a, busy]) await world.finish(member.start())
    await world.finish(busy.join([a.address]))
    await world.finish(a.send('busy', text('hello')))
    await world.finish(a.updateMeta(text('new')))
    await world.until(() => callsOf.size === 8 && (callsOf.get('onPing') ?? 0) >= 3)
    const ended = await world.finish(Promise.allSettled(results))
    expect(wrong).toEqual([])
    expect(ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))).toContain('transmitted')
    expect(busy.metrics()).toMatchObject({ faults: 0, delegateErrors: 0 })
    expect([names(a), names(busy)]).toEqual([
      ['a', 'busy'],
      ['a', 'busy'],
    ])
  })
})
