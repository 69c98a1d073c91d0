// Goal: members that lost one another find one another again, and nobody is pestered (DIV-36); and whoever left can come back
// (DIV-40). Method: one machine, its exchanges answered by hand; and two machines with a cut between them.
import { describe, expect, it } from 'vitest'
import { MAX_REJOIN_SEEDS } from '../src/rejoin.ts'
import { lan, type Tuning } from '../src/tuning.ts'
import {
  aliveOf,
  Bench,
  type BenchOptions,
  Cluster,
  endpoint,
  ip,
  quiet,
  seeded,
  settled,
  stateOf,
  streams,
  types,
} from './harness.ts'

const peer = endpoint(99)
const intervalMs = 1000
const tuned = (changes: Partial<Tuning['rejoin']> = {}, toTheDeadMs = 10_000_000): Tuning => ({
  ...quiet,
  // Nobody is reaped meanwhile: time stands still but for the rounds looked at.
  gossip: { ...quiet.gossip, toTheDeadMs },
  rejoin: { intervalMs, forgetAfterMs: 60_000, ...changes },
})

/** Live members n2 … as many as `live`; and dead ones from n50 on. */
function bench(live: number, dead: number, options: BenchOptions = {}): Bench {
  const made = new Bench({ tuning: tuned(), ...options })
  for (let host = 2; host < 2 + live; host++) made.known(host, 'alive', 1)
  for (let host = 50; host < 50 + dead; host++) made.known(host, 'dead', 1)
  return made
}

/** Where exchanges go in the next rounds, with their times. */
function contacts(made: Bench, rounds: number): { at: number; to: string; join: boolean }[] {
  const all: { at: number; to: string; join: boolean }[] = []
  for (let round = 0; round < rounds; round++) {
    const due = made.machine.nextDeadline()
    if (due?.reason !== 'rejoin') break
    made.runTo(due.at)
    for (const { to, message } of streams(made.take()))
      if (message.type === 'push-pull') all.push({ at: made.now, to, join: message.join })
  }
  return all
}

describe('those who were found dead', () => {
  it('are joined again, one each round, where they were', () => {
    const made = bench(0, 3)
    const all = contacts(made, 60)
    expect(all).toHaveLength(60)
    expect(new Set(all.map(({ to }) => to))).toEqual(new Set([endpoint(50), endpoint(51), endpoint(52)]))
    expect(all.every(({ join }) => join)).toBe(true)
  })

  it('are looked for at intervals that vary by a fifth, and differ from member to member', () => {
    const times = contacts(bench(0, 1), 50).map(({ at }) => at)
    const gaps = times.slice(1).map((at, before) => at - times[before]!)
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(0.8 * intervalMs)
      expect(gap).toBeLessThanOrEqual(1.2 * intervalMs)
    }
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(0.3 * intervalMs)
    const first = (seed: number): number => contacts(bench(0, 1, { seed }), 1)[0]!.at
    expect(new Set([1, 2, 3].map(first)).size).toBe(3)
  })

  it('are looked for the less often, the more members live', () => {
    // Dead ÷ alive: the ten of us and one dead, in 400 rounds; bounds of six standard deviations.
    const made = bench(9, 1, { tuning: tuned({ forgetAfterMs: 10 * 400 * intervalMs }) })
    const count = contacts(made, 400).length
    expect(count).toBeGreaterThan(40 - 36)
    expect(count).toBeLessThan(40 + 36)
    // As many dead as living, or more: each round. Four, twice as many of whom may be remembered.
    expect(contacts(bench(3, 40), 30)).toHaveLength(30)
  })

  it('are forgotten after the time that is set, and then nothing is due any more', () => {
    const made = bench(0, 1, { tuning: tuned({ forgetAfterMs: 5000 }) })
    const all = contacts(made, 100)
    expect(all.length).toBeGreaterThanOrEqual(4)
    expect(all.at(-1)!.at).toBeLessThanOrEqual(5000)
    expect(made.machine.nextDeadline()?.reason).not.toBe('rejoin')
  })

  it('stay contacts when their records are reaped, and are none any more when they are back', () => {
    const made = bench(0, 1, { tuning: tuned({}, 2000) })
    made.runTo(10_000)
    expect(made.machine.member('n50')).toBeUndefined()
    expect(streams(made.take()).length).toBeGreaterThan(5)
    made.hear(peer, aliveOf(50, 2))
    made.runTo(30_000)
    expect(streams(made.take())).toEqual([])
  })

  it('are not looked for when they left, nor where we are now, nor with the interval at 0', () => {
    const left = new Bench({ tuning: tuned() })
    left.known(2, 'left', 1)
    const former = new Bench({ tuning: tuned() })
    former.hear(peer, aliveOf(1, 1, { node: 'former' }), { type: 'dead', incarnation: 1, node: 'former', from: 'x' })
    const off = bench(0, 2, { tuning: tuned({ intervalMs: 0 }) })
    for (const made of [left, former, off]) {
      made.runTo(50_000)
      expect(streams(made.take())).toEqual([])
    }
  })

  it('are so many as two for each member that ever was; the first that died go first', () => {
    const made = new Bench({ tuning: tuned({ forgetAfterMs: 10_000_000 }) })
    // Never more than two at once: ourselves and one other.
    for (let host = 50; host < 60; host++) {
      made.hear(peer, aliveOf(host, 1))
      made.hear(peer, { type: 'dead', incarnation: 1, node: `n${host}`, from: 'x' })
    }
    made.take()
    const to = new Set(contacts(made, 100).map((each) => each.to))
    expect([...to].sort()).toEqual([56, 57, 58, 59].map(endpoint))
  })

  it('are asked under their name: an answer that does not know it is not merged', () => {
    for (const [name, state, merged] of [
      ['n50', 0, true],
      ['other', 0, false],
      // The address may be of a cluster that once knew it.
      ['n50', 1, false],
      ['n50', 2, false],
      // It says so itself: it has left, and still answers.
      ['n50', 3, true],
    ] as const) {
      const made = bench(0, 1)
      made.runTo(made.machine.nextDeadline()!.at)
      const [stream] = streams(made.take())
      const { address, port, versions } = aliveOf(50, 2)
      const known = { name, address, port, versions, meta: null, incarnation: 2, state }
      const stranger = { ...known, name: 'stranger', address: ip(51), state: 0 }
      const message = stateOf([known, stranger], true, Uint8Array.of(1))
      const effects = made.give({ kind: 'stream-reply', exchange: stream!.exchange, message })
      expect(made.status('stranger') === 'alive', `${name} ${state}`).toBe(merged)
      expect(effects.some(({ kind }) => kind === 'remote-state')).toBe(merged)
      expect(made.machine.counts().rejoins).toEqual({ attempts: 1, successes: Number(merged) })
      // Who left is not looked for again; who is there need not be.
      expect(made.machine.nextDeadline()?.reason === 'rejoin' && contacts(made, 1).length > 0).toBe(!merged)
    }
  })
})

describe('seeds', () => {
  it('are turned to when nobody else is there, one each round, and never ourselves', () => {
    const made = new Bench({ tuning: tuned() })
    made.give({ kind: 'set-seeds', addresses: [endpoint(1), endpoint(7), endpoint(8)] })
    const all = contacts(made, 40)
    expect(all).toHaveLength(40)
    expect(new Set(all.map(({ to }) => to))).toEqual(new Set([endpoint(7), endpoint(8)]))
  })

  it('are left alone while somebody is there, suspected or not; and we, when we have left', () => {
    for (const status of ['alive', 'suspect'] as const) {
      const made = new Bench({ tuning: tuned() })
      made.hear(peer, aliveOf(2, 1))
      made.give({ kind: 'set-seeds', addresses: [endpoint(7)] })
      if (status === 'suspect') {
        // Probing is off, so that a suspicion would end at once: look before it does.
        made.hear(peer, { type: 'suspect', incarnation: 1, node: 'n2', from: 'x' })
        expect(made.status('n2')).toBe('suspect')
        expect(made.machine.nextDeadline()?.reason).not.toBe('rejoin')
        continue
      }
      expect(made.machine.nextDeadline()?.reason).not.toBe('rejoin')
      made.runTo(20_000)
      expect(streams(made.take())).toEqual([])
    }
    // Nor when somebody else is missed.
    const missing = bench(1, 1)
    missing.give({ kind: 'set-seeds', addresses: [endpoint(7)] })
    expect(new Set(contacts(missing, 50).map(({ to }) => to))).toEqual(new Set([endpoint(50)]))
    const gone = new Bench({ tuning: tuned() })
    gone.give({ kind: 'set-seeds', addresses: [endpoint(7)] })
    gone.give({ kind: 'leave', request: 1, timeoutMs: 10 })
    gone.runTo(20_000)
    expect(streams(gone.take())).toEqual([])
    gone.give({ kind: 'rejoin', request: 2 })
    gone.runTo(30_000)
    expect(streams(gone.take()).length).toBeGreaterThan(5)
  })

  it('that only name ourselves are nobody', () => {
    const made = new Bench({ tuning: tuned() })
    made.give({ kind: 'set-seeds', addresses: [endpoint(1)] })
    made.runTo(20_000)
    expect(streams(made.take())).toEqual([])
  })

  it('are as many as there is room for', () => {
    const made = new Bench({ tuning: tuned(), random: seeded(5) })
    const addresses = Array.from({ length: MAX_REJOIN_SEEDS + 50 }, (_, at) => `10.1.${at >> 8}.${at & 255}:1`)
    made.give({ kind: 'set-seeds', addresses })
    const to = new Set(contacts(made, 3000).map((each) => each.to))
    for (const address of addresses.slice(MAX_REJOIN_SEEDS)) expect(to.has(address)).toBe(false)
    expect(to.size).toBeGreaterThan(MAX_REJOIN_SEEDS / 2)
  })
})

describe('two halves that held each other dead', () => {
  it('are one cluster again after the cut is over, with rejoining; and never without it', () => {
    for (const [rejoin, together] of [
      [{ intervalMs: 5000, forgetAfterMs: 10_000_000 }, 4],
      [{ intervalMs: 0, forgetAfterMs: 0 }, 2],
    ] as const) {
      const cluster = new Cluster(4, { tuning: { ...lan, rejoin } })
      cluster.join()
      cluster.runTo(10_000)
      cluster.cut = (from, to) => from < 2 !== to < 2
      // Long enough for everybody on the other side to be found dead, told no more, and forgotten.
      cluster.runTo(150_000)
      for (const machine of cluster.machines) expect(machine.memberCount()).toBe(2)
      cluster.cut = () => false
      cluster.runTo(250_000)
      expect(cluster.machines.map((machine) => machine.memberCount())).toEqual(Array(4).fill(together))
    }
  })
})

describe('a member that left and comes back (DIV-40)', () => {
  it('is one incarnation above its departure, tells of itself, and is believed', () => {
    const cluster = new Cluster(3, { tuning: lan })
    cluster.join()
    cluster.runTo(5_000)
    cluster.give(1, { kind: 'leave', request: 2, timeoutMs: 5000 })
    cluster.runTo(10_000)
    expect(cluster.view(0).m1).toBe('left')
    const { incarnation } = cluster.machines[1]!.self
    cluster.give(1, { kind: 'rejoin', request: 3 })
    expect(cluster.machines[1]!.self).toMatchObject({ status: 'alive', incarnation: incarnation + 1 })
    cluster.runTo(15_000)
    expect(cluster.view(0).m1).toBe('alive')
    expect(cluster.view(2).m1).toBe('alive')
    expect(cluster.settled.filter(({ request }) => request === 3)).toMatchObject([{ outcome: { result: 'done' } }])
  })

  it('had to leave before', () => {
    const made = new Bench({ tuning: tuned() })
    const effects = made.give({ kind: 'rejoin', request: 3 })
    expect(settled(effects)).toEqual([{ type: 'rejoin', result: 'not-left' }])
    expect(types(effects)).toEqual([])
    expect(made.machine.self.incarnation).toBe(1)
  })

  it('refutes again, joins again, and can leave again', () => {
    const made = new Bench({ tuning: tuned() })
    made.give({ kind: 'leave', request: 1, timeoutMs: 10 })
    expect(settled(made.give({ kind: 'join', request: 2, addresses: [peer] }))).toMatchObject([{ code: 'LEFT' }])
    expect(types(made.give({ kind: 'rejoin', request: 3 }))).toEqual(['join me'])
    made.hear(peer, { type: 'suspect', incarnation: 2, node: 'me', from: 'x' })
    expect(made.machine.self).toMatchObject({ status: 'alive', incarnation: 3 })
    made.take()
    made.give({ kind: 'join', request: 4, addresses: [peer] })
    expect(streams(made.take())).toHaveLength(1)
    expect(types(made.give({ kind: 'leave', request: 5, timeoutMs: 10 }))).toEqual(['leave me'])
  })
})
