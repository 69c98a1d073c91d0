// Goal: Go members that ask us to ping somebody for them stay calm: our nack is there before they judge themselves, an ack
// after it is still handed on, and when we relay no more, all they miss is a nack (DIV-19, 22). Method: real members of
// v0.7.0, and a socket in the place of a member that answers late, not everybody, or nobody.

import { setTimeout as sleep } from 'node:timers/promises'
import { lan, Memberlist, type Policy, type Tuning } from '@hearsay/membership'
import { udpTcpTransport } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { agreed } from '../src/agreement.ts'
import { MemberlistPeer } from '../src/memberlist-peer.ts'
import { ourNode } from '../src/our-node.ts'
import { StandIn } from '../src/stand-in.ts'
import { waitFor } from '../src/wait-for.ts'

const MAX_RELAYS = 256
/** Nothing but packets, and states only where somebody joins: a stand-in has no streams. */
const packetsOnly = { disableTcpPings: true, pushPullIntervalMs: 600_000, gossipIntervalMs: 50 }
const alive = { status: 'alive' } as const
const common = { profile: 'lan', kvTraffic: false } as const
const withoutStreams = (probe: Partial<Tuning['probe']>) => ({
  gossip: { intervalMs: 50 },
  pushPull: { intervalMs: 0 },
  probe: { streamFallback: false, ...probe },
})

/** So many that some are probed one after the other: a success between two failures would hide what the first one cost. */
const openQuiet = (count: number): Promise<StandIn[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => StandIn.open(`quiet-${index + 1}`)))
const closeAll = (standIns: readonly StandIn[]): Promise<unknown> =>
  Promise.all(standIns.map((each) => each[Symbol.asyncDispose]()))

/** The highest of its health score, which is looked at often until something is true. */
async function worstHealth(go: MemberlistPeer, isOver: (worst: number) => boolean): Promise<number> {
  let worst = 0
  await waitFor('the health was looked at long enough', async () => {
    worst = Math.max(worst, await go.health())
    return isOver(worst)
  })
  return worst
}

describe('a relay of ours that hears nothing (DIV-19)', () => {
  // The intervals of memberlist's own preset, in which its relays are always too late.
  const go = { ...packetsOnly, probeIntervalMs: 1000, probeTimeoutMs: 500 }
  const tuning: Tuning = { ...lan, pushPull: { ...lan.pushPull, intervalMs: 0 } }

  it.each<[string, Partial<Policy>, number]>([
    ['says so in time: Go has no reason to doubt itself', {}, 0],
    ['says so too late with the switch off, as memberlist does: Go does doubt itself', { earlyNacks: false }, 1],
  ])('%s', async (_, policy, score) => {
    await using asker = await MemberlistPeer.start({ name: 'go-1', ...go })
    const targets = await openQuiet(3)
    const ours = new Memberlist({
      name: 'ts-1',
      transport: udpTcpTransport({ bindAddress: '127.0.0.1', bindPort: 0 }),
      tuning: { ...tuning, probe: { ...tuning.probe, streamFallback: false } },
      policy,
    })
    try {
      await ours.start()
      await asker.join(ours.address)
      for (const target of targets) target.announce(asker.address, 1)
      const worst = await worstHealth(asker, () => asker.logged(/Suspect quiet-. has failed/).length >= 4)
      expect(ours.metrics().messagesIn['indirect-ping']).toBeGreaterThanOrEqual(4)
      expect(worst).toBe(score)
      expect(asker.complaints()).toEqual([])
      expect(asker.logged(/(Suspect|Marking|Failed UDP ping:) (?!quiet)|Refuting/)).toEqual([])
      expect(await asker.names()).toEqual(expect.arrayContaining(['go-1', 'ts-1']))
    } finally {
      await ours.close()
      await closeAll(targets)
    }
  })

  it('hands an ack on that comes after its nack, and Go takes it', async () => {
    // Ours says that it heard nothing after 640 ms; the answer is there after 720; it is looked out for until 800.
    const probe = { intervalMs: 60_000, timeoutMs: 800 }
    await using asker = await MemberlistPeer.start({
      name: 'go-1',
      ...packetsOnly,
      probeIntervalMs: 1500,
      probeTimeoutMs: 200,
    })
    await using target = await StandIn.open('quiet')
    target.answersAfterMs = ({ sourceNode }) => (sourceNode === 'ts-1' ? 720 : undefined)
    await using node = await ourNode('ts-1', { ...common, tuning: withoutStreams(probe), join: [asker.address] })
    target.announce(asker.address, 1)
    const worst = await worstHealth(asker, () => asker.logged(/Failed UDP ping: quiet/).length >= 2)
    await sleep(1500)
    const { messagesOut } = node.metrics().membership
    expect(messagesOut.nack).toBeGreaterThanOrEqual(2)
    expect(worst).toBe(0)
    expect(asker.logged(/Suspect |Refuting|Marking/)).toEqual([])
    expect(asker.complaints()).toEqual([])
    await agreed([asker], [node], { 'go-1': alive, 'ts-1': alive, quiet: alive })
  })
})

describe('one of ours that relays no more (DIV-22)', () => {
  it('is missed by a nack, and nothing else', async () => {
    // A relay of ours lasts so long that those that are there at first are there to the end.
    const probe = { intervalMs: 21_000, timeoutMs: 20_000 }
    const go = { ...packetsOnly, probeIntervalMs: 400, probeTimeoutMs: 150 }
    await using asker = await MemberlistPeer.start({ name: 'go-1', ...go })
    await using helper = await MemberlistPeer.start({ name: 'go-2', ...go })
    const targets = await openQuiet(4)
    await using stranger = await StandIn.open('stranger')
    await using nobody = await StandIn.open('nobody')
    await using node = await ourNode('ts-1', { ...common, tuning: withoutStreams(probe), join: [asker.address] })
    const everybody = { 'go-1': alive, 'go-2': alive, 'ts-1': alive, 'quiet-1': alive }
    const announce = (target: StandIn): void => {
      for (const { address } of [asker, helper, node]) target.announce(address, 1)
    }
    const refused = (): number => node.metrics().membership.ignored['too-many-relays'] ?? 0
    const failed = (): number => asker.logged(/Failed UDP ping: quiet/).length
    try {
      await helper.join(asker.address)
      targets[0]!.answersAfterMs = ({ sourceNode }) => (sourceNode === 'go-1' ? undefined : 0)
      announce(targets[0]!)
      await agreed([asker, helper], [node], everybody)
      stranger.askForPings(node.address, nobody, MAX_RELAYS + 50)
      await waitFor('we relay as much as we do', () => refused() >= 50)
      expect(node.metrics().membership.relays).toBe(MAX_RELAYS)

      // The other one whom it asks reaches the target: what we do not say is not missed.
      const asked = failed()
      const worst = await worstHealth(asker, () => failed() >= asked + 2)
      await waitFor('we refused these, too', () => refused() >= 52)
      expect(worst).toBe(0)
      expect([...asker.logged(/Suspect |Marking |Refuting/), ...helper.doubts()]).toEqual([])

      // Nobody reaches it, nor its like: each nack that we do not send costs the one who asked a point of health, for now.
      targets[0]!.answersAfterMs = () => undefined
      for (const target of targets.slice(1)) announce(target)
      await worstHealth(asker, (worst) => worst > 0)
      expect(node.metrics().membership.relays).toBe(MAX_RELAYS)
      for (const target of targets)
        for (const { address } of [asker, helper, node])
          target.say(address, { type: 'dead', incarnation: 1, node: target.name, from: target.name })
      await waitFor('it has recovered', async () => (await asker.health()) === 0)
      await agreed([asker, helper], [node], { ...everybody, 'quiet-1': { status: 'left' } })
      for (const each of [asker, helper]) {
        expect(each.complaints()).toEqual([])
        expect(each.logged(/(Suspect|Marking|Failed UDP ping:) (?!quiet)|Refuting/)).toEqual([])
        expect(each.events.filter(({ event, name }) => event === 'leave' && !name?.startsWith('quiet'))).toEqual([])
      }
    } finally {
      await closeAll(targets)
    }
  })
})
