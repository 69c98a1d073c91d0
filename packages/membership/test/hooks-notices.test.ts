// Goal: what listeners and hooks are told comes in one order, after what it tells of, early enough for whoever waits, and
// within a bound. Method: the queue alone, then members on virtual time, then one exchange that brings more events than
// any queue holds.

import { encodeStreamMessage } from '@hearsay/wire'
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_WAITING_NOTICE_BYTES, MAX_WAITING_NOTICES } from '../src/limits.ts'
import type { Memberlist } from '../src/memberlist.ts'
import { Notices } from '../src/notices.ts'
import { World } from './virtual-world.ts'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const turnOfMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const escaped: unknown[] = []
process.on('unhandledRejection', (reason) => escaped.push(reason))
afterEach(() => {
  expect(escaped.splice(0)).toEqual([])
})

function opened() {
  const waiting: (() => void)[] = []
  let hurried = 0
  const notices = new Notices({ afterIo: (callback) => void waiting.push(callback) }, () => void hurried++)
  notices.open()
  const io = (): void => {
    for (const callback of waiting.splice(0)) callback()
  }
  return { notices, io, hurried: () => hurried, pendingIo: () => waiting.length }
}

describe('the queue', () => {
  it('holds everything until it is opened and the sockets had their turn, then delivers outside of the call', async () => {
    const { notices, io } = opened()
    const told: number[] = []
    notices.push(() => void told.push(1))
    await turnOfMicrotasks()
    expect(told).toEqual([])
    io()
    expect(told).toEqual([1])
    notices.push(() => void told.push(2))
    expect(told).toEqual([1])
    await Promise.resolve()
    expect(told).toEqual([1, 2])
  })

  it('keeps the order, also of what is added while it delivers', async () => {
    const { notices, io } = opened()
    io()
    const told: string[] = []
    notices.push(() => {
      told.push('a')
      notices.push(() => void told.push('c'))
    })
    notices.push(() => void told.push('b'))
    await turnOfMicrotasks()
    expect(told).toEqual(['a', 'b', 'c'])
  })

  it('lets the sockets have their turn every 256 notices', async () => {
    const { notices, io, pendingIo } = opened()
    io()
    let told = 0
    for (let count = 0; count < 600; count++) notices.push(() => void told++)
    await turnOfMicrotasks()
    expect(told).toBe(256)
    expect(pendingIo()).toBe(1)
    io()
    expect(told).toBe(512)
    io()
    expect([told, pendingIo()]).toEqual([600, 0])
  })

  it('loses nothing at its bounds, of items and of bytes: the oldest is delivered early, and counted', () => {
    const { notices, hurried } = opened()
    const told: number[] = []
    for (let count = 0; count < MAX_WAITING_NOTICES + 5; count++) notices.push(() => void told.push(count))
    expect(told).toEqual([0, 1, 2, 3, 4])
    expect(hurried()).toBe(5)
    notices.flush()
    expect(told.length).toBe(MAX_WAITING_NOTICES + 5)
    told.length = 0
    const size = MAX_WAITING_NOTICE_BYTES / 4
    for (let count = 0; count < 6; count++) notices.push(() => void told.push(count), size)
    expect(told).toEqual([0, 1])
    expect(hurried()).toBe(7)
  })
})

describe('listeners', () => {
  it('hear nothing before the start is over, and of a join before whoever waits for it', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = [world.member('a', network), world.member('b', network)]
    const order: string[] = []
    b.on('member', ({ type, member }) => void order.push(`${type} ${member.name}`))
    await world.finish(a.start())
    await world.finish(b.start().then(() => void order.push('started')))
    await world.finish(b.join([a.address]).then(() => void order.push('joined')))
    expect(order).toEqual(['started', 'join b', 'join a', 'joined'])
  })

  it('that come later do not hear of earlier things, and those that went hear nothing more', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    const heard: string[] = []
    const gone = (): void => void heard.push('gone')
    a.on('member', gone)
    a.on('member', () => void heard.push('first'))
    const starting = a.start()
    await turnOfMicrotasks()
    a.on('member', () => void heard.push('late'))
    a.off('member', gone)
    await world.finish(starting)
    await world.pass(10)
    expect(heard).toEqual(['first'])
  })

  it('are told what is still to be told when it closes', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    const heard: string[] = []
    a.on('member', ({ type }) => void heard.push(type))
    await world.finish(a.start())
    expect(heard).toEqual([])
    await world.finish(a.close())
    expect(heard).toEqual(['join'])
  })

  it('that are async functions and fail end no process: each failure is counted', async () => {
    const world = new World()
    const network = world.network()
    const [a, b] = [world.member('a', network), world.member('b', network)]
    const fail = async (): Promise<never> => {
      throw new Error('later')
    }
    b.on('member', fail)
    b.on('message', fail)
    b.use({ onMessage: fail })
    for (const member of [a, b]) await world.finish(member.start())
    await world.finish(b.join([a.address]))
    await world.finish(a.send('b', text('hello')))
    await world.pass(100)
    await turnOfMicrotasks()
    expect(b.metrics().delegateErrors).toBe(4)
  })
})

describe('an exchange of states with more members than any queue holds', () => {
  const memberCount = 10_000

  it('is told in full, in order, to listeners and to readers that read', async () => {
    const world = new World()
    const network = world.network()
    const a: Memberlist = world.member('a', network)
    await world.finish(a.start())
    const heard: string[] = []
    a.on('member', ({ member }) => {
      heard.push(member.name)
      // At least as new as what it tells of.
      if (!a.member(member.name)) heard.push('not there')
    })
    const read: string[] = []
    const stream = a.events()
    const reading = (async () => {
      for await (const { member } of stream) read.push(member.name)
    })()
    const nodes = Array.from({ length: memberCount }, (_, index) => ({
      name: `m-${index}`,
      address: Uint8Array.of(10, 1, index >> 8, index & 255),
      port: 7946,
      meta: null,
      incarnation: 1,
      state: 0,
      versions: {
        protocolMin: 1,
        protocolMax: 5,
        protocolCurrent: 2,
        delegateMin: 0,
        delegateMax: 0,
        delegateCurrent: 0,
      },
    }))
    const stranger = network.transport()
    await stranger.listen({ onPacket: () => {}, onStream: () => {}, onDrop: () => {} })
    const dialled = await world.finish(stranger.dial(a.address, { timeoutMs: 1000 }))
    dialled.receive({ onData: () => {}, onEnd: () => {}, onClose: () => {} })
    const message = { type: 'push-pull', join: false, nodes, userState: new Uint8Array(0) } as const
    dialled.write(encodeStreamMessage(message, { compression: 'none', when: 'if-smaller', label: '' }))
    await world.pass(1)
    const expected = nodes.map(({ name }) => name)
    expect(heard.filter((name) => name.startsWith('m-'))).toEqual(expected)
    expect(heard).not.toContain('not there')
    await world.finish(a.close())
    await reading
    expect(read.filter((name) => name.startsWith('m-'))).toEqual(expected)
    expect(a.metrics()).toMatchObject({ eventsLost: 0, noticesHurried: memberCount - MAX_WAITING_NOTICES })
  })
})
