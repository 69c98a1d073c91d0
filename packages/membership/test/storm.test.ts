// Goal: a forged storm costs a bounded amount of memory, kills nobody, and every refusal is counted by its reason. Method:
// three members on virtual time over a memory network, and a stranger who sends well-formed lies as fast as one member
// reads. FORGED_NAMES sets how many names are invented (default 100 000, more than the table holds).

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Transport } from '@hearsay/transport'
import { encodePacket, type PacketMessage, Part } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import { ACCUSATION_CEILING, MAX_MEMBERS } from '../src/limits.ts'
import type { MemberEvent } from '../src/member.ts'
import type { Memberlist } from '../src/memberlist.ts'
import { World } from './virtual-world.ts'

const FORGED_NAMES = Number(process.env.FORGED_NAMES ?? 100_000)
/** For what need not fill the table. */
const FEWER = Math.ceil(FORGED_NAMES / 4)
const MESSAGES_PER_PACKET = 200
const PACKETS_PER_STEP = 50

const versions = {
  protocolMin: 1,
  protocolMax: 5,
  protocolCurrent: 2,
  delegateMin: 0,
  delegateMax: 0,
  delegateCurrent: 0,
}
const alive = (index: number, incarnation = 1): PacketMessage => ({
  type: 'alive',
  incarnation,
  node: `forged-${index}`,
  address: Uint8Array.of(172, 16 + (index >> 16), (index >> 8) & 255, index & 255),
  port: 7946,
  meta: null,
  versions,
})
const suspect = (node: string, incarnation: number): PacketMessage => ({
  type: 'suspect',
  incarnation,
  node,
  from: 'x',
})
const dead = (node: string, incarnation: number): PacketMessage => ({ type: 'dead', incarnation, node, from: 'x' })
const ack = (seqNo: number): PacketMessage => ({ type: 'ack', seqNo, payload: null })
const nack = (seqNo: number): PacketMessage => ({ type: 'nack', seqNo })

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void
const heapBytes = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

/** Three members that know each other, everything they say about each other, and a stranger who knows their addresses. */
async function besieged() {
  const world = new World()
  const network = world.network({ delayMs: 1 })
  const members = (await world.cluster(['a', 'b', 'c'], network)) as [Memberlist, Memberlist, Memberlist]
  await world.until(() => members.every((member) => member.members().length === 3))
  const lost: string[] = []
  const watch =
    (observer: Memberlist) =>
    ({ type, member }: MemberEvent): void => {
      if (members.some(({ name }) => name === member.name) && (type === 'fail' || type === 'leave'))
        lost.push(`${observer.name}: ${type} ${member.name} at ${world.now}`)
    }
  for (const member of members) member.on('member', watch(member))
  const stranger = network.transport()
  await stranger.listen({ onPacket: () => {}, onStream: () => {}, onDrop: () => {} })
  return { world, network, members, lost, stranger }
}

/** Sends messages to one member, as fast as it reads. */
async function flood(
  world: World,
  stranger: Transport,
  to: string,
  count: number,
  make: (index: number) => PacketMessage,
) {
  let packets = 0
  for (let index = 0; index < count; index += MESSAGES_PER_PACKET) {
    const parts: Part[] = []
    for (let each = index; each < Math.min(count, index + MESSAGES_PER_PACKET); each++) parts.push(new Part(make(each)))
    stranger.send(to, encodePacket(parts, { compression: 'none', checksum: false }), 'gossip')
    if (++packets % PACKETS_PER_STEP === 0) await world.pass(5)
  }
  await world.pass(5)
}

/** What each of them thinks of each of them. */
const views = (members: readonly Memberlist[]): string[] =>
  members.flatMap((observer) =>
    members.map(({ name }) => `${observer.name} has ${name} ${observer.member(name)?.status}`),
  )
const allAlive = (members: readonly Memberlist[]): string[] =>
  members.flatMap((observer) => members.map(({ name }) => `${observer.name} has ${name} alive`))

/** How often each reason has been counted since `before`. */
function since(before: Readonly<Record<string, number>>, member: Memberlist): Record<string, number> {
  const now = member.metrics().ignored
  return Object.fromEntries(Object.entries(now).map(([reason, count]) => [reason, count - (before[reason] ?? 0)]))
}

describe('a forged storm', { timeout: 600_000 }, () => {
  it('of invented members fills the table and no more: memory stays, the healthy live, each refusal is counted', async () => {
    const { world, members, lost, stranger } = await besieged()
    const [a] = members
    const empty = heapBytes()
    await flood(world, stranger, a.address, FORGED_NAMES, (index) => alive(index))
    const full = heapBytes()
    const admitted = Math.min(FORGED_NAMES, MAX_MEMBERS - 3)
    expect(a.metrics().members).toBe(3 + admitted)
    expect(a.metrics().ignored['too-many-members'] ?? 0).toBe(FORGED_NAMES - admitted)
    // A record, its index, and the announcement that is passed on.
    expect((full - empty) / admitted).toBeLessThan(2048)
    await flood(world, stranger, a.address, FORGED_NAMES, (index) => alive(FORGED_NAMES + index))
    expect(heapBytes() / full).toBeLessThan(1.1)
    expect(a.metrics().members).toBe(MAX_MEMBERS)
    expect(a.metrics().ignored['too-many-members']).toBe(2 * FORGED_NAMES + 3 - MAX_MEMBERS)
    expect(a.metrics().drops).toEqual({})
    await world.pass(2000)
    expect(lost).toEqual([])
    expect(views(members)).toEqual(allAlive(members))
  })

  it('of accusations and answers that nothing stands behind leaves no trace but its counts', async () => {
    const { world, members, lost, stranger } = await besieged()
    const [a] = members
    const storm = async (): Promise<void> => {
      const count = FEWER
      await flood(world, stranger, a.address, count, (index) => suspect(`forged-${index}`, index))
      await flood(world, stranger, a.address, count, (index) => dead(`forged-${index}`, index))
      await flood(world, stranger, a.address, count, (index) => ack(index * 40_503))
      await flood(world, stranger, a.address, count, (index) => nack(index * 40_503))
    }
    await storm()
    const [before, heapBefore] = [a.metrics().ignored, heapBytes()]
    await storm()
    // Less than any trace of them would take; what is in flight comes and goes.
    expect((heapBytes() - heapBefore) / (4 * FEWER)).toBeLessThan(32)
    // One in 2^32 could be a number that was just given out.
    expect(since(before, a)).toMatchObject({
      S1: FEWER,
      D1: FEWER,
      'ack-unknown': expect.toSatisfy((count: number) => count >= FEWER - 2),
      'nack-unknown': expect.toSatisfy((count: number) => count >= FEWER - 2),
    })
    expect(a.members()).toHaveLength(3)
    expect(lost).toEqual([])
    expect(views(members)).toEqual(allAlive(members))
  })

  it('of the highest incarnations drives nobody to the end of them: ignored, counted, and contradicted below', async () => {
    const { world, members, lost, stranger } = await besieged()
    const highest = 2 ** 32 - 1
    const before = members.map((member) => member.metrics().ignored)
    for (const { address } of members)
      for (const { name } of members)
        for (const make of [suspect, dead]) await flood(world, stranger, address, 1000, () => make(name, highest))
    for (const { address, name } of members)
      await flood(world, stranger, address, 1000, () => ({ ...alive(1, highest), node: name }) as PacketMessage)
    for (const [index, member] of members.entries())
      expect(since(before[index]!, member)['incarnation-ceiling']).toBe(3 * 2 * 1000 + 1000)
    expect(members.map((member) => member.metrics().refutations)).toEqual([0, 0, 0])
    // The highest accusation that is honoured can be outbid, again and again.
    for (let round = 1; round <= 3; round++) {
      for (const { address } of members)
        await flood(world, stranger, address, 3, (index) => suspect(members[index]!.name, ACCUSATION_CEILING - 1))
      await world.pass(3000)
      for (const { self } of members) {
        expect(self.incarnation).toBeGreaterThanOrEqual(ACCUSATION_CEILING)
        expect(self.incarnation).toBeLessThan(ACCUSATION_CEILING + 100)
      }
    }
    expect(lost).toEqual([])
    expect(views(members)).toEqual(allAlive(members))
    expect(await world.finish(members[0].updateMeta(Uint8Array.of(1)))).toBe('transmitted')
  })

  it('against all invented members ends with all of them forgotten', async () => {
    const { world, members, lost, stranger } = await besieged()
    const [a] = members
    const empty = heapBytes()
    await flood(world, stranger, a.address, FEWER, (index) => alive(index))
    const full = heapBytes()
    await flood(world, stranger, a.address, FEWER, (index) => suspect(`forged-${index}`, 1))
    // As many suspicions as members, and no more.
    expect((heapBytes() - empty) / (full - empty)).toBeLessThan(2)
    for (let seconds = 0; a.members().length > 3 && seconds < 60; seconds++) await world.pass(1000)
    expect(a.members()).toHaveLength(3)
    // Room for a next time, tombstones and the addresses of the dead are kept, each within its bound.
    expect(heapBytes()).toBeLessThan(full)
    expect(lost).toEqual([])
    expect(views(members)).toEqual(allAlive(members))
  })

  // What a member says of itself waits behind all the rest in the queue, until it leads each packet.
  it('against everybody, behind a full table, kills none of the healthy', async () => {
    const { world, members, lost, stranger } = await besieged()
    const [a] = members
    await flood(world, stranger, a.address, FORGED_NAMES, (index) => alive(index))
    await flood(world, stranger, a.address, FORGED_NAMES, (index) => suspect(`forged-${index}`, 1))
    for (const { address } of members)
      await flood(world, stranger, address, 3, (index) => {
        const { name, self } = members[index]!
        return suspect(name, self.incarnation + 1)
      })
    await world.pass(5000)
    expect(lost).toEqual([])
    expect(views(members)).toEqual(allAlive(members))
  })
})
