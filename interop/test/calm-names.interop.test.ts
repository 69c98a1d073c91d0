// Goal: Go members stay calm where we do otherwise than memberlist about names and addresses that change hands, and about
// members that were lost (DIV-9, 14, 36). Method: real members of v0.7.0; claims of a socket where no member would make
// them. It is looked at what the Go members log, whom they see come and go, and that all tables are the same in the end.

import { setTimeout as sleep } from 'node:timers/promises'
import type { HearsayNode } from '@hearsay/node'
import { udpTcpTransport } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { agreed } from '../src/agreement.ts'
import type { GoEvent } from '../src/go-peer.ts'
import { MemberlistPeer } from '../src/memberlist-peer.ts'
import { hearing, ourNode, statusOf } from '../src/our-node.ts'
import { StandIn } from '../src/stand-in.ts'
import { TappedTransport } from '../src/tapped-transport.ts'
import { waitFor } from '../src/wait-for.ts'

const times = { gossipIntervalMs: 50, probeIntervalMs: 400, probeTimeoutMs: 300, pushPullIntervalMs: 1000 }
const tuning = {
  gossip: { intervalMs: 50 },
  probe: { intervalMs: 400, timeoutMs: 300 },
  pushPull: { intervalMs: 1000 },
}
const common = { profile: 'lan', kvTraffic: false, tuning } as const
const seldomProbing = { ...times, probeIntervalMs: 60_000, probeTimeoutMs: 500 }
const tapped = (): TappedTransport => new TappedTransport(udpTcpTransport({ bindAddress: '127.0.0.1', bindPort: 0 }))

/** What a member logs that hears of its own death or departure. */
const REFUTES = /Refuting a (dead|suspect) message/
const alive = { status: 'alive' } as const
/** What happened to members, as a Go member was told. */
const seen = (events: readonly GoEvent[]): string[] =>
  events.flatMap(({ event, name }) => (/join|leave|conflict/.test(event) ? [`${event} ${name}`] : []))
/** How often a Go member was told that somebody is gone. */
const lossesOf = (name: string, ...members: readonly MemberlistPeer[]): number[] =>
  members.map(({ events }) => seen(events).filter((each) => each === `leave ${name}`).length)
/** Lines of a log that are neither small talk nor a refutation, which is how a member answers what we hold true. */
const oddLines = (events: readonly GoEvent[]): string[] =>
  events.flatMap(({ line = '' }) =>
    /\[(WARN|ERR|ERROR)\]|Suspect |Marking |Failed UDP ping/.test(line) && !REFUTES.test(line) ? [line] : [],
  )

describe('a name whose owner left, and that comes back elsewhere (DIV-9)', () => {
  it.each(['Go', 'us'])('moves, after the old address was asked: joining by way of %s', async (way) => {
    const tap = tapped()
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times })
    await using leaver = await MemberlistPeer.start({ name: 'go-2', ...times })
    await using node = await ourNode('ts-1', { ...common, transport: tap, join: [go.address] })
    await leaver.join(go.address)
    await agreed([go, leaver], [node], { 'go-1': alive, 'go-2': alive, 'ts-1': alive })
    const heard = hearing(node)
    await leaver.leave()
    await waitFor('it has left', () => statusOf(node, 'go-2') === 'left' && go.heard('leave', 'go-2'))
    await leaver.kill()
    // What is still said of its departure would hit whoever has its name, as it does among Go members only.
    await sleep(500)
    const eventsBefore = go.events.length
    const saidBefore = tap.messagesTo(leaver.address).length
    await using back = await MemberlistPeer.start({ name: 'go-2', ...times, bindAddress: '127.0.0.2' })
    await back.join(way === 'Go' ? go.address : node.address)
    await agreed([go, back], [node], { 'go-1': alive, 'go-2': { ...alive, address: back.address }, 'ts-1': alive })

    const asked = tap.messagesTo(leaver.address).slice(saidBefore)
    expect(asked).toContainEqual(expect.objectContaining({ type: 'ping', node: 'go-2' }))
    expect(asked).toContainEqual(expect.objectContaining({ type: 'dead', node: 'go-2', from: 'go-2' }))
    expect([...go.complaints(), ...go.doubts()]).toEqual([])
    // It hears of its own departure, from whomever it joins: so it would in a cluster of Go members only.
    expect(oddLines(back.events)).toEqual([])
    // A push/pull that falls between its arrival and its refutation can say so once more.
    const moves = seen(go.events.slice(eventsBefore))
    expect([['join go-2'], ['join go-2', 'leave go-2', 'join go-2']]).toContainEqual(moves)
    expect(seen(back.events).filter((each) => !each.startsWith('join '))).toEqual([])
    expect(heard.events.map(({ type, member: { name } }) => `${type} ${name}`)).toEqual(['leave go-2', 'join go-2'])
  })

  it('stays here while the old one still answers, which Go does not mind, and moves when it is gone', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times })
    await using leaver = await MemberlistPeer.start({ name: 'go-2', ...times })
    await using node = await ourNode('ts-1', { ...common, join: [go.address] })
    await leaver.join(go.address)
    await agreed([go, leaver], [node], { 'go-1': alive, 'go-2': alive, 'ts-1': alive })
    const heard = hearing(node)
    await leaver.leave()
    await waitFor('it has left', () => statusOf(node, 'go-2') === 'left' && go.heard('leave', 'go-2'))
    // Its process goes on, and answers pings.
    await using back = await MemberlistPeer.start({ name: 'go-2', ...times, bindAddress: '127.0.0.2' })
    await back.join(go.address)
    await waitFor('we find a conflict', () => heard.events.some(({ type }) => type === 'conflict'))
    await agreed([go, back], [], { 'go-1': alive, 'go-2': { ...alive, address: back.address }, 'ts-1': alive })
    const lossesAtFirst = lossesOf('go-2', go)
    await sleep(2500)
    expect(statusOf(node, 'go-2')).toBe('left')
    expect((await go.members()).find(({ name }) => name === 'go-2')?.address).toBe(back.address)
    await leaver.kill()
    await agreed([go, back], [node], { 'go-1': alive, 'go-2': { ...alive, address: back.address }, 'ts-1': alive })

    expect(lossesOf('go-2', go)).toEqual(lossesAtFirst)
    expect(lossesOf('ts-1', go, back)).toEqual([0, 0])
    expect(lossesOf('go-1', back)).toEqual([0])
    expect([...go.complaints(), ...go.doubts()]).toEqual([])
    expect(oddLines(back.events)).toEqual([])
    expect(leaver.doubts()).toEqual([])
    expect(heard.events.filter(({ type }) => /suspect|fail/.test(type))).toEqual([])
  })

  it('stays for good when somebody else made up that it left: the owner hears of it, and refutes', async () => {
    const tap = tapped()
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times })
    await using owner = await MemberlistPeer.start({ name: 'go-2', ...times })
    await using node = await ourNode('ts-1', { ...common, transport: tap, join: [go.address] })
    await using thief = await StandIn.open('go-2')
    await owner.join(go.address)
    await agreed([go, owner], [node], { 'go-1': alive, 'go-2': alive, 'ts-1': alive })
    const heard = hearing(node)
    thief.say(node.address, { type: 'dead', incarnation: 1, node: 'go-2', from: 'go-2' })
    thief.announce(node.address, 2)
    await waitFor('we find a conflict', () => heard.events.find(({ claimedBy }) => claimedBy === thief.address))
    await agreed([go, owner], [node], { 'go-1': alive, 'go-2': { ...alive, address: owner.address }, 'ts-1': alive })

    expect(owner.complaints()).toEqual(expect.arrayContaining([expect.stringMatching(/Refuting a dead message/)]))
    expect(oddLines(owner.events)).toEqual([])
    expect([...go.complaints(), ...go.doubts()]).toEqual([])
    expect(thief.heard).toEqual([])
    expect(heard.events.filter(({ type }) => /suspect|fail/.test(type))).toEqual([])
  })
})

describe('a place that two claim (DIV-14)', () => {
  it('a Go member is pinged out of turn, answers, and nobody is accused', async () => {
    const tap = tapped()
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times })
    await using owner = await MemberlistPeer.start({ name: 'go-2', ...times })
    // So seldom that each ping of ours is one out of turn.
    const probe = { intervalMs: 60_000, timeoutMs: 500 }
    await using node = await ourNode('ts-1', {
      ...common,
      tuning: { ...tuning, probe },
      transport: tap,
      join: [go.address],
    })
    await using thief = await StandIn.open('go-2')
    await owner.join(go.address)
    await agreed([go, owner], [node], { 'go-1': alive, 'go-2': alive, 'ts-1': alive })
    const heard = hearing(node)
    const pings = (): number => tap.messagesTo(owner.address).filter(({ type }) => type === 'ping').length
    expect(pings()).toBe(0)
    for (let incarnation = 2; incarnation < 60; incarnation++) {
      thief.announce(node.address, incarnation)
      await sleep(10)
    }
    await waitFor('it was pinged', () => pings() > 0)
    // And answered: a second one is only sent when the first is over, which without an answer takes the interval.
    await waitFor('again', () => pings() > 1)
    expect(pings()).toBeLessThanOrEqual(16)
    expect(heard.events.filter(({ type }) => type !== 'conflict')).toEqual([])
    for (const each of [go, owner]) {
      expect([...each.complaints(), ...each.doubts()]).toEqual([])
      expect(each.events.filter(({ event }) => /leave|conflict/.test(event))).toEqual([])
      expect(await each.health()).toBe(0)
    }
    expect(thief.heard).toEqual([])
    await agreed([go, owner], [node], { 'go-1': alive, 'go-2': { ...alive, address: owner.address }, 'ts-1': alive })
  })

  it('where a Go member died and another name took its address, Go believes what we find', async () => {
    // Only we probe: what becomes of the dead one is our doing, and is told to the others.
    await using go = await MemberlistPeer.start({ name: 'go-1', ...seldomProbing })
    await using former = await MemberlistPeer.start({ name: 'go-2', ...seldomProbing })
    await former.join(go.address)
    await former.kill()
    const bindPort = Number(former.address.split(':')[1])
    await using heir = await MemberlistPeer.start({ name: 'go-3', ...seldomProbing, bindPort })
    expect(heir.address).toBe(former.address)
    const probe = { intervalMs: 800, timeoutMs: 250 }
    await using node = await ourNode('ts-1', { ...common, tuning: { ...tuning, probe }, join: [go.address] })
    const heard = hearing(node)
    expect(statusOf(node, 'go-2')).toBe('alive')
    await heir.join(node.address)
    await agreed([go, heir], [node], { 'go-1': alive, 'go-2': { status: 'dead' }, 'go-3': alive, 'ts-1': alive })

    const found = heard.events.find(({ type, member }) => type === 'fail' && member.name === 'go-2')
    // Nobody confirms, so that in its turn it would have taken six times the shortest timeout: 4 intervals.
    expect(found?.evidence.suspectedForMs).toBeLessThan(2 * 4 * probe.intervalMs)
    expect([...go.complaints(), ...go.doubts()]).toEqual([])
    expect(lossesOf('go-2', go, heir)).toEqual([1, 1])
    expect([...lossesOf('go-3', go, heir), ...lossesOf('ts-1', go, heir)]).toEqual([0, 0, 0, 0])
    // Whoever pings the former name finds the new one, which says so: that is memberlist's own way.
    const asked = /Got ping for unexpected node .?go-2/
    expect([...heir.complaints(), ...heir.doubts()].filter((line) => !asked.test(line))).toEqual([])
    expect(heard.events.filter(({ type, member }) => /suspect|fail/.test(type) && member.name !== 'go-2')).toEqual([])
  })
})

describe('members that were lost (DIV-36)', () => {
  const rejoin = { intervalMs: 500 }
  const everybody = { 'go-1': alive, 'go-2': alive, 'ts-1': alive }

  /** Both Go members and ours, which all know one another; what `since` gives is what a Go member told from then on. */
  async function healing(
    go: readonly MemberlistPeer[],
    node: HearsayNode,
    tap: TappedTransport,
    isLost: () => boolean,
  ) {
    await agreed(go, [node], everybody)
    tap.cutOff(true)
    await waitFor('we have lost them', isLost)
    await waitFor('they find us dead', () => go.every((each) => each.heard('leave', 'ts-1')))
    // Probes that are under way come to their end, and what was said meanwhile is said for the last time.
    await sleep(1000)
    const before = go.map(({ events }) => events.length)
    tap.cutOff(false)
    await agreed(go, [node], everybody)
    expect(node.metrics().membership.rejoins.successes).toBeGreaterThan(0)
    return go.map(({ events }, index) => events.slice(before[index]))
  }

  it('after a partition in which each side found the other dead, Go takes our exchange, and all agree', async () => {
    const tap = tapped()
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times })
    await using other = await MemberlistPeer.start({ name: 'go-2', ...times })
    await using node = await ourNode('ts-1', { ...common, tuning: { ...tuning, rejoin }, transport: tap })
    await go.join(node.address)
    await other.join(node.address)
    const held = (name: string): boolean => statusOf(node, name) === 'dead'
    const [first, second] = await healing([go, other], node, tap, () => held('go-1') && held('go-2'))
    expect([...oddLines(first!), ...oddLines(second!)]).toEqual([])
    // Whom we held dead is told so (DIV-11), and nobody else: its neighbour has never doubted it.
    for (const [events, neighbour] of [
      [first!, 'go-2'],
      [second!, 'go-1'],
    ] as const) {
      expect(seen(events).filter((each) => each.endsWith('ts-1'))).toEqual(['join ts-1'])
      expect(seen(events).filter((each) => each.endsWith(neighbour))).toEqual([])
    }
  })

  it('one of ours that is alone and has forgotten everybody finds them again by a seed', async () => {
    const tap = tapped()
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times })
    await using other = await MemberlistPeer.start({ name: 'go-2', ...times })
    await other.join(go.address)
    await using node = await ourNode('ts-1', {
      ...common,
      tuning: {
        ...tuning,
        gossip: { ...tuning.gossip, toTheDeadMs: 500 },
        rejoin: { ...rejoin, forgetAfterMs: rejoin.intervalMs },
      },
      // No rounds over the seeds beside those of membership.
      rejoinIntervalMs: 0,
      transport: tap,
      join: [go.address],
    })
    for (const events of await healing([go, other], node, tap, () => node.members().length === 1)) {
      expect(oddLines(events)).toEqual([])
      expect(seen(events)).toEqual(['join ts-1'])
    }
  })

  it('a Go member that died and is back at its address without knowing anybody is found', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times })
    await using other = await MemberlistPeer.start({ name: 'go-2', ...times })
    await using node = await ourNode('ts-1', { ...common, tuning: { ...tuning, rejoin } })
    await go.join(node.address)
    await other.join(node.address)
    await agreed([go, other], [node], everybody)
    await other.kill()
    await waitFor('it is found dead', () => statusOf(node, 'go-2') === 'dead' && go.heard('leave', 'go-2'))
    await sleep(1000)
    const before = go.events.length
    const bindPort = Number(other.address.split(':')[1])
    await using back = await MemberlistPeer.start({ name: 'go-2', ...times, bindPort })
    await agreed([go, back], [node], everybody)
    expect([...oddLines(go.events.slice(before)), ...oddLines(back.events)]).toEqual([])
    expect(seen(go.events.slice(before))).toEqual(['join go-2'])
    expect(seen(back.events).filter((each) => !each.startsWith('join '))).toEqual([])
  })
})
