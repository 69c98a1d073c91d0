// Goal: members as an application uses them find each other, tell each other, and notice who goes. Method: whole
// `Memberlist`s over a memory network, bytes and all, on virtual time; a stranger is a bare transport on that network.

import type { MemoryNetwork, Transport } from '@hearsay/transport'
import { encodePacket, Part, sealPacket } from '@hearsay/wire'
import { afterEach, describe, expect, it } from 'vitest'
import type { Message } from '../src/audience.ts'
import type { MemberEvent } from '../src/member.ts'
import type { Memberlist } from '../src/memberlist.ts'
import { MemberlistConfigError, type MemberlistOptions } from '../src/options.ts'
import { brisk, World } from './virtual-world.ts'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const words = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const nothing = new Uint8Array(0)

const names = (member: Memberlist): string[] =>
  member
    .members()
    .filter(({ status }) => status === 'alive')
    .map(({ name }) => name)
    .sort()

const statusOf = (member: Memberlist, name: string): string | undefined =>
  member.members().find((each) => each.name === name)?.status

/** Everything a member has seen about the others, as `type name`. */
function watch(member: Memberlist): MemberEvent[] {
  const seen: MemberEvent[] = []
  member.on('member', (event) => seen.push(event))
  return seen
}

const told = (events: readonly MemberEvent[], name: string): string[] =>
  events.filter((event) => event.member.name === name).map((event) => event.type)

function inbox(member: Memberlist): Message[] {
  const messages: Message[] = []
  member.on('message', (message) => messages.push(message))
  return messages
}

/** Somebody on the network who speaks no protocol: sends bytes, and answers nothing. */
async function stranger(network: MemoryNetwork): Promise<Transport> {
  const transport = network.transport()
  await transport.listen({ onPacket: () => {}, onStream: () => {}, onDrop: () => {} })
  return transport
}

/** What a promise was rejected with. */
async function rejection(world: World, promise: Promise<unknown>): Promise<{ code?: string; message: string }> {
  try {
    await world.finish(promise)
  } catch (error) {
    return error as { code?: string; message: string }
  }
  throw new Error('it was not rejected')
}

const collectLog = () => {
  const lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = []
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void lines.push({ level, message, fields })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

// Nothing here may ever end a process that uses us.
const escaped: unknown[] = []
process.on('unhandledRejection', (reason) => escaped.push(reason))
afterEach(() => {
  expect(escaped.splice(0)).toEqual([])
})

describe('joining', () => {
  it('makes two members see each other', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = [world.member('a', network), world.member('b', network)]
    await world.finish(a.start())
    await world.finish(b.start())
    expect(names(a)).toEqual(['a'])
    const result = await world.finish(b.join([a.address]))
    expect(result).toEqual({
      joinedCount: 1,
      reachedCount: 1,
      seeds: [{ seed: a.address, ok: true, addresses: [a.address], confirmed: true }],
    })
    expect(names(a)).toEqual(['a', 'b'])
    expect(names(b)).toEqual(['a', 'b'])
    expect(b.members().find(({ name }) => name === 'a')).toMatchObject({
      address: a.address,
      status: 'alive',
      isSelf: false,
      incarnation: a.self.incarnation,
    })
  })

  it('makes five members that know one seed see each other, and lets nobody be suspected', async () => {
    const world = new World()
    const members = await world.cluster(['a', 'b', 'c', 'd', 'e'], world.network({ delayMs: 2 }))
    const seen = members.map(watch)
    await world.until(() => members.every((member) => names(member).length === 5))
    await world.pass(5000)
    expect(seen.flat().filter(({ type }) => type !== 'join')).toEqual([])
    expect(members.map((member) => member.healthScore)).toEqual([0, 0, 0, 0, 0])
  })

  it('tells of oneself first, then of each other in order, on the iterator as on the listener', async () => {
    const world = new World()
    const network = world.network()
    const [a, b, c] = ['a', 'b', 'c'].map((name) => world.member(name, network)) as [Memberlist, Memberlist, Memberlist]
    const heard = watch(a)
    const stream = a.events()
    for (const member of [a, b, c]) await world.finish(member.start())
    await world.finish(b.join([a.address]))
    await world.finish(c.join([a.address]))
    await world.finish(a.close())
    const streamed: MemberEvent[] = []
    for await (const event of stream) streamed.push(event)
    expect(streamed.map(({ type, member }) => `${type} ${member.name}`)).toEqual(['join a', 'join b', 'join c'])
    expect(heard).toEqual(streamed)
    for (const member of [b, c]) await world.finish(member.close())
  })

  it('says what became of each seed, and what to do', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = [world.member('a', network), world.member('b', network)]
    await world.finish(a.start())
    await world.finish(b.start())
    world.names.set('members.internal', [a.address.split(':')[0]!])
    const seeds = ['dns+members.internal:7946', 'nobody.internal', '10.9.9.9:7946', b.address, 'host:port']
    const result = await world.finish(b.join(seeds))
    expect(result.joinedCount).toBe(1)
    expect(result.seeds.map(({ seed, ok }) => [seed, ok])).toEqual(seeds.map((seed, index) => [seed, index === 0]))
    const reasons = result.seeds.map((seed) => (seed.ok ? '' : seed.reason))
    for (const [index, reason] of reasons.entries()) if (index > 0) expect(reason).toContain(seeds[index])
    expect(reasons[1]).toContain('ENOTFOUND')
    expect(reasons[2]).toContain('refused')
    expect(reasons[3]).toContain('itself')
    expect(reasons[4]).toContain('port')
  })

  it.each(['lzw', 'snappy', 'none'] as const)('works under a label, compressed as %s', async (compression) => {
    const world = new World()
    const network = world.network()
    const [a, b] = ['a', 'b'].map((name) => world.member(name, network, { label: 'blue', compression })) as [
      Memberlist,
      Memberlist,
    ]
    const atB = inbox(b)
    for (const member of [a, b]) await world.finish(member.start())
    expect((await world.finish(b.join([a.address]))).joinedCount).toBe(1)
    await world.finish(a.send('b', text('by stream '.repeat(50))))
    await world.finish(a.send('b', text('by packet '.repeat(50)), { reliable: false }))
    await world.until(() => atB.length === 2)
    expect(atB.map(({ payload }) => words(payload).slice(0, 9)).sort()).toEqual(['by packet', 'by stream'])
    expect([a, b].map((member) => member.metrics().drops)).toEqual([{}, {}])
  })

  it('contacts an address once, however many seeds stand for it', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = [world.member('a', network), world.member('b', network)]
    await world.finish(a.start())
    await world.finish(b.start())
    world.names.set('one.internal', ['10.0.0.1'])
    const { joinedCount } = await world.finish(b.join([a.address, 'one.internal', `x/${a.address}`]))
    expect(joinedCount).toBe(3)
    // One to join, one to see that it was taken in (DIV-33).
    expect(b.metrics().pushPullsInitiated).toBe(2)
  })
})

describe('telling', () => {
  it.each([
    { reliable: true, channel: 'stream' },
    { reliable: false, channel: 'packet' },
  ])('carries bytes to one member on a $channel', async ({ reliable, channel }) => {
    const world = new World()
    const [a, b, c] = (await world.cluster(['a', 'b', 'c'], world.network())) as [Memberlist, Memberlist, Memberlist]
    const [atB, atC] = [inbox(b), inbox(c)]
    await world.until(() => names(a).length === 3)
    const payload = text('hello')
    const sent = a.send('b', payload, { reliable })
    payload.fill(0) // what was handed over is ours to change again
    await world.finish(sent)
    await world.until(() => atB.length > 0)
    expect(atB.map((message) => [words(message.payload), message.channel])).toEqual([['hello', channel]])
    expect(atB[0]!.from).toContain(a.address.split(':')[0])
    expect(atC).toEqual([])
  })

  it('lends delegates the bytes and gives listeners their own', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = [world.member('a', network), world.member('b', network)]
    let lent: Uint8Array | undefined
    b.use({
      onMessage: (payload) => {
        lent = payload
      },
    })
    const atB = inbox(b)
    await world.finish(a.start())
    await world.finish(b.start())
    await world.finish(b.join([a.address]))
    await world.finish(a.send('b', text('hello')))
    await world.until(() => atB.length > 0)
    lent!.fill(0)
    expect(words(atB[0]!.payload)).toBe('hello')
  })

  it('gossips broadcasts, and of those with one key only the newest', async () => {
    const world = new World()
    // Receivers do not pass user messages on: four members are as many as one round of gossip (`gossip.nodes`, 3) reaches.
    const members = await world.cluster(['a', 'b', 'c', 'd'], world.network())
    await world.until(() => members.every((member) => names(member).length === 4))
    const others = members.slice(1).map(inbox)
    members[0]!.broadcast('weather', text('rain'))
    members[0]!.broadcast('weather', text('sun'))
    members[0]!.broadcast('lunch', text('soup'))
    const heard = () => others.map((messages) => [...new Set(messages.map(({ payload }) => words(payload)))].sort())
    await world.until(() => heard().every((each) => each.length >= 2))
    await world.pass(1000)
    expect(heard()).toEqual(Array(3).fill(['soup', 'sun']))
    expect(members[0]!.queueDepths().user.items).toBe(0)
  })

  it('spreads new metadata, which others see as an update', async () => {
    const world = new World()
    const [a, b] = (await world.cluster(['a', 'b'], world.network())) as [Memberlist, Memberlist]
    const seen = watch(b)
    await world.finish(a.updateMeta(text('zone-1')))
    await world.until(() => told(seen, 'a').includes('update'))
    expect(told(seen, 'a')).toEqual(['update'])
    expect(words(b.members().find(({ name }) => name === 'a')!.meta)).toBe('zone-1')
    expect(words(a.self.meta)).toBe('zone-1')
  })

  it('measures a round trip', async () => {
    const world = new World()
    const [a] = (await world.cluster(['a', 'b'], world.network({ delayMs: 7 }))) as [Memberlist]
    expect(await world.finish(a.ping('b'))).toBeCloseTo(14, 6)
  })

  it('says by code why something could not be told', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = (await world.cluster(['a', 'b'], network)) as [Memberlist, Memberlist]
    expect((await rejection(world, a.send('nobody', text('x')))).code).toBe('UNKNOWN_MEMBER')
    expect((await rejection(world, a.ping('nobody'))).code).toBe('UNKNOWN_MEMBER')
    expect((await rejection(world, a.send('b', new Uint8Array(1400), { reliable: false }))).code).toBe('TOO_LARGE')
    expect((await rejection(world, a.updateMeta(new Uint8Array(513)))).code).toBe('META_TOO_LONG')
    network.cut(a.address, b.address)
    expect((await rejection(world, a.ping('b'))).code).toBe('NO_ANSWER')
    expect((await rejection(world, a.send('b', text('x')))).code).toBe('SEND_FAILED')
  })

  it('stops waiting when told to', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = (await world.cluster(['a', 'b'], network)) as [Memberlist, Memberlist]
    network.cut(a.address, b.address)
    const stop = new AbortController()
    const waits = [
      a.send('b', text('x'), { signal: stop.signal }),
      a.ping('b', { signal: stop.signal }),
      a.join(['10.0.0.2:7946'], { signal: stop.signal }),
      a.updateMeta(text('x'), { signal: stop.signal }),
    ].map((wait) => rejection(world, wait))
    await world.pass(1)
    stop.abort()
    expect((await Promise.all(waits)).map(({ code }) => code)).toEqual(Array(4).fill('ABORTED'))
    expect((await rejection(world, a.ping('b', { signal: AbortSignal.abort() }))).code).toBe('ABORTED')
  })
})

describe('going', () => {
  it('is seen as a departure when it was announced', async () => {
    const world = new World()
    const [a, b, c] = (await world.cluster(['a', 'b', 'c'], world.network())) as [Memberlist, Memberlist, Memberlist]
    await world.until(() => [a, b, c].every((member) => names(member).length === 3))
    const seen = [a, b].map(watch)
    await world.finish(c.leave())
    await world.until(() => [a, b].every((member) => statusOf(member, 'c') === 'left'))
    await world.finish(c.close())
    await world.pass(2000)
    for (const events of seen) expect(told(events, 'c')).toEqual(['leave'])
    expect([a, b].map(names)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  it('is seen as a failure when it was not, after a suspicion, with the evidence', async () => {
    const world = new World()
    const [a, b, c] = (await world.cluster(['a', 'b', 'c'], world.network())) as [Memberlist, Memberlist, Memberlist]
    await world.until(() => [a, b, c].every((member) => names(member).length === 3))
    const seen = [a, b].map(watch)
    await world.finish(c.close())
    await world.until(() => [a, b].every((member) => statusOf(member, 'c') === 'dead'))
    for (const events of seen) expect(told(events, 'c')).toEqual(['suspect', 'fail'])
    const failures = seen.flat().filter(({ type }) => type === 'fail')
    for (const { evidence } of failures) expect(['a', 'b']).toContain(evidence.accuser)
    expect(names(a)).toEqual(['a', 'b'])
  })

  it('succeeds at once when there is nobody to tell', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    await world.finish(a.start())
    const at = world.now
    await world.finish(a.leave())
    expect(world.now).toBe(at)
  })
})

describe('closing', () => {
  it('leaves no timer, ends every iterator and every wait, and is idempotent', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = (await world.cluster(['a', 'b'], network)) as [Memberlist, Memberlist]
    const stream = a.events()
    const next = stream.next()
    network.cut(a.address, b.address)
    const waiting = rejection(world, a.ping('b'))
    await world.pass(1)
    const closing = a.close()
    expect(a.close()).toBe(closing)
    await world.finish(closing)
    expect((await waiting).code).toBe('CLOSED')
    expect(await next).toEqual({ value: undefined, done: true })
    expect(await stream.next()).toEqual({ value: undefined, done: true })
    await world.finish(b[Symbol.asyncDispose]())
    await world.pass(60_000)
    expect(world.pendingCount).toBe(0)
  })

  it('says by code that it is over, and before, that it has not begun', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    expect((await rejection(world, a.join([]))).code).toBe('NOT_STARTED')
    await world.finish(a.start())
    await world.finish(a.close())
    expect((await rejection(world, a.send('b', nothing))).code).toBe('CLOSED')
    expect((await rejection(world, a.start())).code).toBe('CLOSED')
  })

  it('passes on what keeps the transport from listening', async () => {
    const world = new World()
    const network = world.network()
    const taken = world.member('a', network, { transport: network.transport('10.0.0.7:7946') })
    const late = world.member('b', network, { transport: network.transport('10.0.0.7:7946') })
    await world.finish(taken.start())
    expect((await rejection(world, late.start())).code).toBe('ADDRESS_IN_USE')
    await world.finish(late.close())
    await world.finish(taken.close())
  })
})

describe('delegates', () => {
  it('exchange their states when members join, in both directions', async () => {
    const world = new World()
    const network = world.network()
    const merged: string[] = []
    const speaking = (name: string) =>
      world.member(name, network).use({
        localState: (join) => text(`${name} says ${join ? 'hello' : 'more'}`),
        mergeRemoteState: (state, join) => void merged.push(`${name} heard "${words(state)}" ${join}`),
      })
    const [a, b] = [speaking('a'), speaking('b')]
    await world.finish(a.start())
    await world.finish(b.start())
    await world.finish(b.join([a.address]))
    await world.until(() => merged.length === 4)
    // Twice: the second exchange is to see whether the first was taken (DIV-33).
    const heard = ['a heard "b says hello" true', 'b heard "a says hello" true']
    expect(merged).toEqual([...heard, ...heard])
  })

  it('are attached before anything else, and count members', async () => {
    const world = new World()
    const network = world.network()
    let count: () => number = () => -1
    const calls: string[] = []
    const a = world.member('a', network).use({
      attach: (host) => {
        calls.push('attach')
        count = () => host.memberCount()
      },
      localState: () => {
        calls.push('state')
        return nothing
      },
    })
    const b = world.member('b', network)
    await world.finish(a.start())
    await world.finish(b.start())
    expect(count()).toBe(1)
    await world.finish(b.join([a.address]))
    expect(count()).toBe(2)
    expect(calls[0]).toBe('attach')
  })

  it('may throw in every hook: it is counted, logged, and does no harm', async () => {
    const world = new World()
    const network = world.network()
    const logger = collectLog()
    const fail = (): never => {
      throw new Error('not today')
    }
    const a = world.member('a', network, { logger })
    a.use({ attach: fail, onMessage: fail, localState: fail, mergeRemoteState: fail })
    a.on('member', fail)
    a.on('message', fail)
    const merged: string[] = []
    a.use({ mergeRemoteState: (state) => void merged.push(words(state)) })
    const b = world.member('b', network).use({ localState: () => text('news') })
    const [seen, atA] = [watch(a), inbox(a)]
    await world.finish(a.start())
    await world.finish(b.start())
    expect((await world.finish(b.join([a.address]))).joinedCount).toBe(1)
    await world.finish(b.send('a', text('hello')))
    await world.until(() => atA.length > 0 && merged.length > 0)
    expect(told(seen, 'b')).toEqual(['join'])
    expect(a.metrics().delegateErrors).toBeGreaterThanOrEqual(6)
    expect(
      logger.lines.some(({ level, fields }) => level === 'error' && String(fields.error).includes('not today')),
    ).toBe(true)
  })
})

describe('strangers', () => {
  it.each([
    ['empty', nothing],
    ['unknown-type', Uint8Array.of(200, 1, 2, 3)],
    // wire spec P2, P14, P18, P24, P36
    ['label-malformed', Uint8Array.of(0xf4, 5, 0x61)],
    ['checksum-mismatch', Uint8Array.of(0x0c, 1, 2, 3, 4, 0x00, 0xc0)],
    ['truncated', Uint8Array.of(7, 2, 0)],
    ['compression', Uint8Array.of(9, 0x82, 0xa4, 0x41, 0x6c, 0x67, 0x6f, 99, 0xa3, 0x42, 0x75, 0x66, 0xa1, 0)],
    ['malformed', Uint8Array.of(0, 0xff)],
  ])('whose packets are garbage are counted (%s), and nothing else happens', async (reason, bytes) => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network, { tuning: { ...brisk, probe: { ...brisk.probe, intervalMs: 0 } } })
    const other = await stranger(network)
    await world.finish(a.start())
    const seen = watch(a)
    const before = a.metrics()
    other.send(a.address, bytes, 'gossip')
    await world.pass(100)
    expect(a.metrics().drops).toEqual({ [reason]: 1 })
    expect(a.metrics().packetsIn).toBe(before.packetsIn + 1)
    expect(a.metrics().packetsOut).toBe(before.packetsOut)
    expect(seen).toEqual([])
    expect(names(a)).toEqual(['a'])
  })

  it('who say things that do not count are counted by guard', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network)
    const other = await stranger(network)
    await world.finish(a.start())
    const claims = [
      new Part({ type: 'suspect', incarnation: 1, node: 'ghost', from: 'x' }),
      new Part({ type: 'dead', incarnation: 1, node: 'ghost', from: 'x' }),
      new Part({ type: 'ack', seqNo: 77, payload: null }),
    ]
    other.send(a.address, encodePacket(claims, { compression: 'none', checksum: false }), 'gossip')
    await world.pass(10)
    expect(a.metrics().ignored).toEqual({ S1: 1, D1: 1, 'ack-unknown': 1 })
    expect(a.metrics().messagesIn).toEqual({ suspect: 1, dead: 1, ack: 1 })
  })

  it('of another label are kept out on packets and streams, and named in one warning a minute', async () => {
    const world = new World()
    const network = world.network()
    const logger = collectLog()
    const a = world.member('a', network, { label: 'blue', logger })
    const b = world.member('b', network, { label: 'green' })
    const other = await stranger(network)
    for (const member of [a, b]) await world.finish(member.start())
    const result = await world.finish(b.join([a.address]))
    expect(result.joinedCount).toBe(0)
    expect(a.metrics().drops['label-mismatch']).toBe(1)
    const ping = encodePacket([new Part({ type: 'ack', seqNo: 1, payload: null })], {
      compression: 'none',
      checksum: false,
    })
    const warnings = () => logger.lines.filter(({ level }) => level === 'warn')
    const earlier = warnings().length
    for (let i = 0; i < 10; i++) other.send(a.address, sealPacket(ping, { label: 'green' }), 'gossip')
    await world.pass(10)
    expect(a.metrics().drops['label-mismatch']).toBe(11)
    expect(a.metrics().messagesIn).toEqual({})
    expect(warnings()).toHaveLength(earlier + 1)
    expect(String(warnings().at(-1)!.fields.detail)).toMatch(/green.*blue/)
    await world.pass(61_000)
    other.send(a.address, sealPacket(ping, { label: 'green' }), 'gossip')
    await world.pass(10)
    expect(warnings()).toHaveLength(earlier + 2)
    expect(names(a)).toEqual(['a'])
  })

  it('who dial and say nothing are hung up on', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network)
    const other = await stranger(network)
    await world.finish(a.start())
    const stream = await world.finish(other.dial(a.address, { timeoutMs: 100 }))
    let closed = false
    const onClose = (): void => {
      closed = true
    }
    stream.receive({ onData: () => {}, onEnd: () => {}, onClose })
    await world.pass(brisk.streamTimeoutMs - 10)
    expect(closed).toBe(false)
    await world.until(() => closed, 100)
  })

  it('may dial as often as they like: 127 states are served at once, no more', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network)
    const other = await stranger(network)
    await world.finish(a.start())
    // An empty push/pull: header with no nodes and no state (wire spec S28). The peer keeps its end open.
    const request = Uint8Array.of(
      6,
      ...[0x83, 0xa5, ...text('Nodes'), 0, 0xac, ...text('UserStateLen'), 0, 0xa4, ...text('Join'), 0xc2],
    )
    const dials = Array.from({ length: 130 }, () => other.dial(a.address, { timeoutMs: 100 }))
    const answered = new Set<number>()
    for (const [index, stream] of (await world.finish(Promise.all(dials))).entries()) {
      stream.receive({ onData: () => void answered.add(index), onEnd: () => {}, onClose: () => {} })
      stream.write(request)
    }
    await world.pass(100)
    expect(answered.size).toBe(127)
    expect(a.metrics().pushPullsServed).toBe(127)
    expect(a.metrics().drops['too-many-push-pulls']).toBe(3)
  })

  it('also those that are not complete: a first byte counts (wire spec S31)', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network)
    const other = await stranger(network)
    await world.finish(a.start())
    const dials = Array.from({ length: 128 }, () => other.dial(a.address, { timeoutMs: 100 }))
    let ended = 0
    for (const stream of await world.finish(Promise.all(dials))) {
      stream.receive({ onData: () => {}, onEnd: () => void ended++, onClose: () => {} })
      stream.write(Uint8Array.of(6))
    }
    await world.pass(100)
    expect(ended).toBe(1)
    expect(a.metrics().drops['too-many-push-pulls']).toBe(1)
  })
})

describe('options', () => {
  const problemsOf = (options: Partial<MemberlistOptions>): string[] => {
    const world = new World()
    try {
      world.member('a', world.network(), options)
    } catch (error) {
      if (!(error instanceof MemberlistConfigError)) throw error
      expect(error.code).toBe('CONFIG_INVALID')
      for (const { path } of error.problems) expect(error.message).toContain(path)
      return error.problems.map(({ path }) => path)
    }
    return []
  }

  it('that are wrong are all named at once, each by its path', () => {
    expect(
      problemsOf({
        name: 'a/b',
        label: 'ü'.repeat(128),
        meta: new Uint8Array(513),
        delegateProtocol: { min: 3, max: 5, current: 2 },
        initialIncarnation: 0,
        tuning: {
          ...brisk,
          probe: { ...brisk.probe, timeoutMs: 100, awarenessMaxMultiplier: 0 },
          suspicion: { multiplier: 0, maxTimeoutMultiplier: 6 },
          gossip: { ...brisk.gossip, userShare: 2 },
          streamTimeoutMs: 0,
        },
      }).sort(),
    ).toEqual(
      [
        'name',
        'label',
        'meta',
        'delegateProtocol',
        'initialIncarnation',
        'tuning.probe.timeoutMs',
        'tuning.probe.awarenessMaxMultiplier',
        'tuning.suspicion.multiplier',
        'tuning.gossip.userShare',
        'tuning.streamTimeoutMs',
      ].sort(),
    )
  })

  it('count names and labels in bytes, and allow 255 of them', () => {
    expect(problemsOf({ name: 'n'.repeat(255), label: 'l'.repeat(255), meta: new Uint8Array(512) })).toEqual([])
    expect(problemsOf({ name: 'ü'.repeat(128) })).toEqual(['name'])
    expect(problemsOf({ name: '' })).toEqual(['name'])
  })

  it('decide the incarnation one starts with: seconds since 2020, so that a restart outranks its former self', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = [world.member('a', network), world.member('b', network, { initialIncarnation: 42 })]
    for (const member of [a, b]) await world.finish(member.start())
    // 2020 to 2025 have two leap days more than six years of 365 days.
    expect(a.self.incarnation).toBe((6 * 365 + 2) * 86_400)
    expect(b.self.incarnation).toBe(42)
  })
})

describe('event iterators', () => {
  it('keep the newest 4096 events of a reader that does not read', async () => {
    const { EventStream, MAX_WAITING_EVENTS } = await import('../src/event-stream.ts')
    const stream = new EventStream<number>({ ended: () => {} })
    for (let i = 0; i < MAX_WAITING_EVENTS + 10; i++) stream.push(i)
    expect(stream.lostCount).toBe(10)
    expect(await stream.next()).toEqual({ value: 10, done: false })
  })

  it('end with their signal, and with the loop that is left', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    const stop = new AbortController()
    const signalled = a.events({ signal: stop.signal })
    const broken = a.events()
    await world.finish(a.start())
    for await (const event of broken) {
      expect(event.member.name).toBe('a')
      break
    }
    expect((await broken.next()).done).toBe(true)
    stop.abort()
    expect((await signalled.next()).value).toMatchObject({ type: 'join' })
    expect((await signalled.next()).done).toBe(true)
    await world.finish(a.close())
    expect((await a.events().next()).done).toBe(true)
  })
})
