// Goal: what a friendly run does not show of a memberlist: slow names, early ends, mute peers, misuse. Method: whole
// members on virtual time.

import type { TransportStream } from '@hearsay/transport'
import { defaultVersions, encodePacket, Part } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import { EventStream } from '../src/event-stream.ts'
import { Memberlist } from '../src/memberlist.ts'
import type { MemberlistOptions } from '../src/options.ts'
import { World } from './virtual-world.ts'

const ignore = { onData() {}, onEnd() {}, onClose() {} }
const code = (error: unknown) => (error as { code: unknown }).code

describe('joining', () => {
  it('is held up neither by a slow name nor, once called off, by anything', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network)
    await world.finish(a.start())
    const never = () => new Promise<never>(() => {})
    const system = { ...world.system(), resolver: { addresses: never, services: never } }
    const b = world.member('b', network, { system })
    await world.finish(b.start())
    const stop = new AbortController()
    const joining = b.join(['slow.internal', a.address], { signal: stop.signal })
    await world.pass(500)
    expect(b.members()).toHaveLength(2)
    stop.abort()
    expect(await world.finish(joining)).toMatchObject({
      joinedCount: 1,
      seeds: [
        { seed: 'slow.internal', ok: false },
        { seed: a.address, ok: true },
      ],
    })
  })

  it('that was called off before anybody answered rejects', async () => {
    const world = new World()
    const network = world.network()
    const b = world.member('b', network)
    await world.finish(b.start())
    network.cut(b.address, '10.0.0.77:7946')
    const stop = new AbortController()
    const joining = b.join(['10.0.0.77:7946'], { signal: stop.signal }).catch(code)
    await world.pass(100)
    stop.abort()
    expect(await world.finish(joining)).toBe('ABORTED')
  })
})

describe('sending', () => {
  it('refuses what every peer would drop without a word: nothing, and more than 20 MiB', async () => {
    const world = new World()
    const [a] = await world.cluster(['a', 'b'], world.network())
    expect(await world.finish(a!.send('b', new Uint8Array(0)).catch(code))).toBe('EMPTY')
    expect(await world.finish(a!.send('b', new Uint8Array(20 * 1024 * 1024 + 1)).catch(code))).toBe('TOO_LARGE')
  })

  it('whose promise is dropped ends no process when it fails', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    await world.finish(a.start())
    const lost: unknown[] = []
    const onLost = (error: unknown) => void lost.push(error)
    process.on('unhandledRejection', onLost)
    void a.send('nobody', new Uint8Array(1))
    await world.pass(10)
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', onLost)
    expect(lost).toEqual([])
  })

  it('to a peer that accepts and never reads gives the stream up at its deadline', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network)
    await world.finish(a.start())
    let openCount = 0
    const takeAndNeverRead = (stream: TransportStream): void => {
      openCount++
      stream.receive({ ...ignore, onClose: () => void openCount-- })
    }
    const mute = network.transport('10.0.0.9:7946')
    await mute.listen({
      onPacket() {},
      onDrop() {},
      onStream: takeAndNeverRead,
    })
    const alive = new Part({
      type: 'alive',
      incarnation: 1,
      node: 'mute',
      address: Uint8Array.of(10, 0, 0, 9),
      port: 7946,
      meta: null,
      versions: defaultVersions,
    })
    mute.send(a.address, encodePacket([alive], { compression: 'none', checksum: false }), 'gossip')
    await world.pass(20)
    expect(await world.finish(a.send('mute', new Uint8Array(5)).catch(code))).toBe('SEND_FAILED')
    await world.pass(5)
    expect(openCount).toBe(0)
  })
})

describe('a lifetime', () => {
  it('that ends while it begins leaves nothing running', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    const starting = a.start().catch(code)
    const closing = a.close()
    expect(await world.finish(starting)).toBe('CLOSED')
    await world.finish(closing)
    await world.pass(1000)
    expect(world.pendingCount).toBe(0)
  })

  it('begins once, and takes no delegate afterwards', async () => {
    const world = new World()
    const a = world.member('a', world.network())
    await world.finish(a.start())
    expect(() => a.use({})).toThrow(expect.objectContaining({ code: 'ALREADY_STARTED' }))
    expect(await a.start().catch(code)).toBe('ALREADY_STARTED')
  })
})

describe('options', () => {
  it('of the wrong kind are problems by path, not crashes', () => {
    const transport = new World().network().transport()
    const wrong = (options: object) => {
      try {
        new Memberlist(options as MemberlistOptions)
      } catch (error) {
        return (error as { problems?: readonly { path: string }[] }).problems?.map(({ path }) => path)
      }
      return []
    }
    expect(wrong({ transport })).toContain('name')
    expect(wrong({ name: 'a' })).toContain('transport')
    expect(wrong({ name: 'a', transport, compression: 'gzip', labelMode: 'x' })).toEqual(['labelMode', 'compression'])
  })
})

describe('watching', () => {
  it('asks the transport what else is arriving before it judges', async () => {
    const world = new World()
    const network = world.network()
    const transport = network.transport()
    let askedCount = 0
    const counted = Object.assign(transport, {
      activity: () => {
        askedCount++
        return 0
      },
    })
    const a = world.member('a', network, { transport: counted })
    const b = world.member('b', network)
    await world.finish(a.start())
    await world.finish(b.start())
    await world.finish(b.join([a.address]))
    await world.finish(b.close())
    await world.pass(1000)
    expect(askedCount).toBeGreaterThan(0)
  })

  it('warns of a foreign label once a minute for a host, whatever port it dials from', async () => {
    const world = new World()
    const network = world.network()
    const warnings: string[] = []
    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) }
    const a = world.member('a', network, { label: 'blue', logger })
    await world.finish(a.start())
    for (let dial = 0; dial < 20; dial++) {
      const stranger = network.transport(`10.1.0.1:${40_000 + dial}`)
      await stranger.listen({ onPacket() {}, onStream() {}, onDrop() {} })
      const stream = await world.finish(stranger.dial(a.address, { timeoutMs: 100 }))
      stream.receive(ignore)
      stream.write(Uint8Array.of(0xf4, 1, 0x61, 0))
      stream.end()
      await world.pass(5)
    }
    expect(warnings).toHaveLength(1)
  })
})

describe('many who dribble at once', () => {
  it('take a bounded amount of memory together: who goes beyond is hung up on', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network)
    const stranger = network.transport()
    for (const each of [a, { start: () => stranger.listen({ onPacket() {}, onStream() {}, onDrop() {} }) }])
      await world.finish(Promise.resolve(each.start()))
    // A push/pull that announces a million entries and brings half of them, each of one byte: nil.
    const header = Buffer.from('0683a44a6f696ec2a54e6f646573d2000f4240ac5573657253746174654c656e00', 'hex')
    const half = Buffer.concat([header, Buffer.alloc(500_000, 0xc0)])
    const closed: number[] = []
    for (let index = 0; index < 3; index++) {
      const stream = await world.finish(stranger.dial(a.address, { timeoutMs: 100 }))
      stream.receive({ ...ignore, onClose: () => void closed.push(index) })
      stream.write(half)
      await world.pass(5)
    }
    expect(closed).toEqual([2])
    expect(a.metrics().drops['too-many-unfinished-bytes']).toBe(1)
    // What the others held is free again once they have gone.
    await world.pass(2000)
    expect(closed).toEqual([2, 0, 1])
    const stream = await world.finish(stranger.dial(a.address, { timeoutMs: 100 }))
    stream.receive(ignore)
    stream.write(half)
    await world.pass(5)
    expect(a.metrics().drops['too-many-unfinished-bytes']).toBe(1)
  })
})

describe('an event iterator', () => {
  it('serves readers that wait at once, in order', async () => {
    const stream = new EventStream<number>({ ended: () => {} })
    const first = stream.next()
    const second = stream.next()
    stream.push(1)
    stream.push(2)
    expect(await Promise.all([first, second])).toEqual([
      { value: 1, done: false },
      { value: 2, done: false },
    ])
  })
})
