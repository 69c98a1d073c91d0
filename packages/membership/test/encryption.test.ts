// Goal: keys, protocol versions and networks as members use them: nobody reads along, nobody is lost when they change.
// Method: whole `Memberlist`s over a memory network on virtual time; what is on the wire is listened to.

import type { MemoryNetwork, TransportHandler } from '@hearsay/transport'
import { type Encryption, encodePacket, Keyring, MAX_FRAME_BYTES, Part, sealPacket } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { Memberlist } from '../src/memberlist.ts'
import type { MemberlistOptions } from '../src/options.ts'
import { World } from './virtual-world.ts'

const key = (first: number, bytes = 16): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => first + index)
const [old, fresh] = [key(1), key(50, 32)] as const
const live = (member: Memberlist): string[] =>
  member
    .members()
    .flatMap(({ name, status }) => (status === 'alive' ? [name] : []))
    .sort()
const drops = (member: Memberlist): Readonly<Record<string, number>> => member.metrics().drops
const names = ['a', 'b', 'c', 'd']

/** Members with options of their own, of which all but the first have tried to join the first. */
async function cluster(
  world: World,
  network: MemoryNetwork,
  optionsOf: (name: string) => Partial<MemberlistOptions>,
): Promise<Memberlist[]> {
  const members = names.map((name) => world.member(name, network, optionsOf(name)))
  for (const member of members) await world.finish(member.start())
  for (const member of members.slice(1)) await world.finish(member.join([members[0]!.address]))
  return members
}

/** Switches that can be thrown while members run. */
class Switches implements Omit<Encryption, 'version'> {
  readonly keyring: Keyring
  verifyIncoming = true
  verifyOutgoing = true

  constructor(keys: readonly Uint8Array[]) {
    this.keyring = new Keyring(keys)
  }
}

/** The network, and everything that is sent over it as packets. */
function tapped(world: World): { readonly network: MemoryNetwork; readonly packets: Uint8Array[] } {
  const packets: Uint8Array[] = []
  const network = world.network()
  const tap: MemoryNetwork = {
    ...network,
    transport: (options) => {
      const transport = network.transport(options)
      const send = transport.send.bind(transport)
      transport.send = (to, packet, lane) => {
        packets.push(packet)
        send(to, packet, lane)
      }
      return transport
    },
  }
  return { network: tap, packets }
}

const noEvents = (members: readonly Memberlist[]): void => {
  for (const member of members) {
    const { suspect = 0, fail = 0, leave = 0 } = member.metrics().events
    expect({ suspect, fail, leave }, member.name).toEqual({ suspect: 0, fail: 0, leave: 0 })
    expect(live(member), member.name).toEqual(names)
  }
}

describe('an encrypted cluster', () => {
  it.each([1, 2, 5])('of protocol version %i is one, and says nothing in the clear', async (protocolVersion) => {
    const world = new World()
    const { network, packets } = tapped(world)
    const encryption = { keyring: new Keyring([old]) }
    const members = await cluster(world, network, () => ({ encryption, protocolVersion, compression: 'none' }))
    await world.pass(2000)
    noEvents(members)
    expect(drops(members[0]!)).toEqual({})
    expect(packets.length).toBeGreaterThan(100)
    const version = protocolVersion === 1 ? 0 : 1
    for (const packet of packets) {
      expect(packet[0]).toBe(version)
      expect(packet.length).toBeLessThanOrEqual(1400)
      expect(Buffer.from(packet).includes('Node')).toBe(false)
      if (version === 0) expect((packet.length - 29) % 16).toBe(0)
    }
  })

  it('keeps packets within the budget, and fills them', async () => {
    const world = new World()
    const { network, packets } = tapped(world)
    const options = { encryption: { keyring: new Keyring([old]) }, label: 'prod', compression: 'none' } as const
    const [a] = await cluster(world, network, () => options)
    packets.length = 0
    for (let index = 0; index < 300; index++) a!.broadcast(`key-${index}`, new Uint8Array(7).fill(index))
    await world.pass(500)
    const sizes = packets.map((packet) => packet.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1400)
    expect(Math.max(...sizes)).toBeGreaterThan(1380)
  })

  it('replaces its key under traffic, and nobody is suspected', async () => {
    const world = new World()
    const network = world.network()
    const rings = new Map(names.map((name) => [name, new Keyring([old])]))
    const members = await cluster(world, network, (name) => ({ encryption: { keyring: rings.get(name)! } }))
    const heard = new Map(members.map((member) => [member.name, new Set<string>()]))
    for (const member of members)
      member.on('message', ({ payload }) => heard.get(member.name)!.add(new TextDecoder().decode(payload)))
    await world.pass(500)
    let sent = 0
    const chatter = async (): Promise<void> => {
      for (const from of members)
        for (const to of members)
          if (from !== to) await world.finish(from.send(to.name, new TextEncoder().encode(`${sent++}`)))
    }
    for (const change of [
      (ring: Keyring) => ring.add(fresh),
      (ring: Keyring) => ring.use(fresh),
      (ring: Keyring) => ring.remove(old),
    ])
      for (const member of members) {
        change(member.keyring)
        await chatter()
        await world.pass(300)
      }
    noEvents(members)
    for (const member of members) {
      expect(drops(member)).toEqual({})
      expect(member.keyring.keys()).toEqual([fresh])
    }
    expect([...heard.values()].reduce((sum, messages) => sum + messages.size, 0)).toBe(sent)
  })

  it('comes into being step by step, without losing anybody', async () => {
    const world = new World()
    const { network, packets } = tapped(world)
    const switches = new Map(names.map((name) => [name, new Switches([])]))
    const members = await cluster(world, network, (name) => ({ encryption: switches.get(name)! }))
    const steps: ((each: Switches) => void)[] = [
      (each) => {
        each.verifyIncoming = false
        each.verifyOutgoing = false
      },
      (each) => each.keyring.add(old),
      (each) => {
        each.verifyOutgoing = true
      },
      (each) => {
        each.verifyIncoming = true
      },
    ]
    for (const step of steps)
      for (const each of switches.values()) {
        step(each)
        await world.pass(500)
      }
    packets.length = 0
    await world.pass(4000)
    noEvents(members)
    for (const member of members) expect(drops(member)).toEqual({})
    expect(packets.every((packet) => packet[0] === 1)).toBe(true)
    for (const member of members) expect(member.metrics().pushPullsFailed).toBe(0)
  })
})

describe('a state', () => {
  it('larger than peers take encrypted is sent all the same, counted, and warned of', async () => {
    const world = new World()
    const network = world.network()
    const warnings: string[] = []
    const log = (): void => {}
    const logger = { debug: log, info: log, warn: (message: string) => void warnings.push(message), error: log }
    const encryption = { keyring: new Keyring([old]) }
    const a = world.member('a', network, { encryption, logger })
    const state = Uint8Array.from({ length: 256 }, (_, index) => index)
    const large = new Uint8Array(MAX_FRAME_BYTES)
    for (let offset = 0; offset < large.length; offset += 256) large.set(state, offset)
    a.use({ localState: () => large })
    const b = world.member('b', network, { encryption, compression: 'none' })
    const c = world.member('c', network, { compression: 'none', encryption, logger })
    c.use({ localState: () => large })
    for (const member of [a, b, c]) await world.finish(member.start())
    expect((await world.finish(a.join([b.address]))).joinedCount).toBe(1)
    expect(warnings).toEqual([])
    const { joinedCount, seeds } = await world.finish(c.join([b.address]))
    expect(joinedCount).toBe(0)
    expect(JSON.stringify(seeds)).toMatch(/at most 20971520/)
    expect(drops(c)['own-state-too-large']).toBe(1)
    expect(warnings).toEqual([expect.stringMatching(/own state is larger/)])
  })
})

describe('a stranger', () => {
  interface Case {
    readonly name: string
    readonly ours: Partial<MemberlistOptions>
    readonly theirs: Partial<MemberlistOptions>
    readonly reason: string
    readonly says: RegExp
  }
  const encrypted = (...keys: Uint8Array[]): Partial<MemberlistOptions> => ({
    encryption: { keyring: new Keyring(keys) },
  })
  const cases: Case[] = [
    {
      name: 'with another key',
      ours: encrypted(old),
      theirs: encrypted(fresh),
      reason: 'decrypt-failed',
      says: /another encryption key/,
    },
    {
      name: 'who does not encrypt',
      ours: encrypted(old),
      theirs: {},
      reason: 'not-encrypted',
      says: /does not encrypt/,
    },
    {
      name: 'who encrypts where nobody does',
      ours: {},
      theirs: encrypted(old),
      reason: 'encrypted',
      says: /has no key/,
    },
  ]

  it.each(cases)('$name is kept out, counted by reason and peer, and named once a minute', async (each) => {
    const { ours, theirs, reason, says } = each
    const world = new World()
    const network = world.network()
    const warnings: { message: string; fields: unknown }[] = []
    const log = (): void => {}
    const warn = (message: string, fields: unknown): void => void warnings.push({ message, fields })
    const a = world.member('a', network, { ...ours, logger: { debug: log, info: log, warn, error: log } })
    const b = world.member('b', network, theirs)
    for (const member of [a, b]) await world.finish(member.start())
    const { joinedCount } = await world.finish(b.join([a.address]))
    expect(joinedCount).toBe(0)
    expect(live(a)).toEqual(['a'])
    const host = b.address.split(':')[0]!
    expect(drops(a)[reason]).toBe(1)
    expect(a.metrics().dropsByPeer).toEqual({ [host]: { [reason]: 1 } })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]!.message).toMatch(says)
    await world.finish(b.join([a.address]))
    expect(warnings).toHaveLength(1)
    await world.pass(61_000)
    await world.finish(b.join([a.address]))
    expect(warnings).toHaveLength(2)
    for (const secret of [old, fresh])
      for (const notation of ['hex', 'base64'] as const)
        expect(JSON.stringify(warnings)).not.toContain(Buffer.from(secret).toString(notation).slice(0, 10))
  })

  it('who sends packets from ever other addresses makes no table grow without end', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network, encrypted(old))
    await world.finish(a.start())
    const handler: TransportHandler = { onPacket() {}, onStream() {}, onDrop() {} }
    for (let index = 0; index < 400; index++) {
      const transport = network.transport({ address: `10.9.${index >> 8}.${index & 255}:7946` })
      await transport.listen(handler)
      transport.send(a.address, Uint8Array.of(8, 1), 'gossip')
    }
    await world.pass(100)
    expect(drops(a)['not-encrypted']).toBe(400)
    expect(Object.keys(a.metrics().dropsByPeer)).toHaveLength(256)
  })
})

describe('networks', () => {
  const alive = (node: string, address: Uint8Array): Uint8Array =>
    encodePacket(
      [
        new Part({
          type: 'alive',
          incarnation: 1,
          node,
          address,
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
        }),
      ],
      { compression: 'none', checksum: false },
    )

  it('keep out who is elsewhere, and who speaks from elsewhere (wire spec P48)', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network, { allowedCidrs: ['10.0.0.0/16', '2001:db8::/32'] })
    await world.finish(a.start())
    const handler: TransportHandler = { onPacket() {}, onStream() {}, onDrop() {} }
    const [near, far] = ['10.0.7.7:7946', '10.1.7.7:7946'].map((address) => network.transport({ address }))
    for (const transport of [near!, far!]) await transport.listen(handler)
    const say = (transport: typeof near, packet: Uint8Array): void =>
      transport!.send(a.address, sealPacket(packet, { label: '' }), 'gossip')
    say(near, alive('good', Uint8Array.of(10, 0, 1, 1)))
    say(near, alive('elsewhere', Uint8Array.of(10, 1, 1, 1)))
    say(far, alive('from-elsewhere', Uint8Array.of(10, 0, 1, 2)))
    say(near, alive('mapped', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 1, 3)))
    await world.pass(10)
    expect(live(a)).toEqual(['a', 'good', 'mapped'])
    expect(a.metrics().ignored).toMatchObject({ 'address-not-allowed': 1, 'source-not-allowed': 1 })
  })

  it('are checked at the start, all of them', () => {
    const world = new World()
    const make = () =>
      world.member('a', world.network(), {
        allowedCidrs: ['10.0.0.0/8', '10.0.0.1', 'x'],
        label: 'l'.repeat(256),
        protocolVersion: 6,
      })
    expect(make).toThrow(/label: .*256.*protocolVersion: .*allowedCidrs\[1\]: .*\/32.*allowedCidrs\[2\]: /)
  })
})

describe('protocol version 1', () => {
  it('takes every port for its own (wire spec 4.4)', async () => {
    const world = new World()
    const network = world.network()
    const a = world.member('a', network, { protocolVersion: 1 })
    const b = world.member('b', network, { transport: network.transport({ address: '10.0.0.9:9999' }) })
    for (const member of [a, b]) await world.finish(member.start())
    await world.finish(b.join([a.address]))
    expect(a.members().find(({ name }) => name === 'b')?.address).toBe('10.0.0.9:7946')
  })
})
