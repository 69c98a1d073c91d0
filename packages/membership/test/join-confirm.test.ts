// Goal: a join that is reported as confirmed was: the other side listed us (DIV-33). Method: exchanges answered by hand; and
// two machines, one of which vetoes.
import type { NodeState } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import { aliveOf, Bench, type BenchOptions, Cluster, endpoint, quiet, settled, stateOf, streams } from './harness.ts'

const seed = endpoint(9)
const node = (host: number, name = `n${host}`, state = 0): NodeState => {
  const { address, port, versions } = aliveOf(host, 1)
  return { name, address, port, meta: null, versions, incarnation: 1, state }
}
const them = node(9)
const us = node(1, 'me')

/** Answers each exchange of a join with the next of `answers`; what they were, and how it was settled. */
function joined(answers: readonly (readonly NodeState[] | 'fails' | 'refuses')[], options: BenchOptions = {}) {
  const bench = new Bench(options)
  const asked: boolean[] = []
  let said = bench.give({ kind: 'join', request: 1, addresses: [seed] })
  for (const answer of answers) {
    const [stream] = streams(said)
    if (!stream) break
    if (stream.message.type === 'push-pull') asked.push(stream.message.join)
    const { exchange } = stream
    if (answer === 'fails') said = bench.give({ kind: 'stream-failed', exchange, contacted: false, reason: 'no way' })
    else if (answer === 'refuses')
      said = bench.give({ kind: 'stream-reply', exchange, message: { type: 'error', error: 'go away' } })
    else said = bench.give({ kind: 'stream-reply', exchange, message: stateOf([...answer]) })
  }
  expect(streams(said)).toEqual([])
  return { asked, outcome: settled(said) }
}
const ok = (confirmed: boolean) => [{ type: 'join', seeds: [{ address: seed, ok: true, confirmed }] }]

describe('a join', () => {
  it('asks once more, as a join that its application may refuse again, whether the other side took us', () => {
    expect(joined([[them], [them, us]])).toEqual({ asked: [true, true], outcome: ok(true) })
  })

  it('is done, and not confirmed, when the other side still does not list us, or not as alive', () => {
    expect(joined([[them], [them]])).toEqual({ asked: [true, true], outcome: ok(false) })
    expect(joined([[them], [them, node(1, 'me', 2)]]).outcome).toEqual(ok(false))
  })

  it('is done, and not confirmed, when the second exchange comes to nothing', () => {
    expect(joined([[them], 'fails']).outcome).toEqual(ok(false))
    expect(joined([[them], 'refuses']).outcome).toEqual(ok(false))
  })

  it('is confirmed at once where the other side knew us already', () => {
    expect(joined([[them, us]])).toEqual({ asked: [true], outcome: ok(true) })
  })

  it('asks once only with the switch off', () => {
    expect(joined([[them]], { policy: { confirmedJoin: false } })).toEqual({ asked: [true], outcome: ok(false) })
  })

  it('that fails is not asked again', () => {
    const { asked, outcome } = joined(['fails'])
    expect(asked).toEqual([true])
    expect(outcome).toMatchObject([{ seeds: [{ ok: false, reason: 'no way' }] }])
    expect(joined(['refuses']).outcome).toMatchObject([{ seeds: [{ ok: false }] }])
  })

  it('contacts eight at once, the next when one is through, each address once, and not ourselves (DIV-34)', () => {
    const bench = new Bench()
    const addresses = Array.from({ length: 12 }, (_, at) => endpoint(at + 1))
    const begun = streams(bench.give({ kind: 'join', request: 1, addresses: [...addresses, endpoint(5)] }))
    expect(begun.map(({ to }) => to)).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map(endpoint))
    const waiting = begun.map(({ exchange }) => exchange)
    const all = begun.map(({ to }) => to)
    let outcome = settled([])
    for (let exchange = waiting.shift(); exchange !== undefined; exchange = waiting.shift()) {
      expect(outcome).toEqual([])
      const said = bench.give({ kind: 'stream-failed', exchange, contacted: false, reason: 'x' })
      for (const next of streams(said)) {
        waiting.push(next.exchange)
        all.push(next.to)
      }
      outcome = settled(said)
    }
    expect(all).toEqual(addresses.slice(1))
    expect(outcome).toMatchObject([{ seeds: addresses.map((address) => ({ address, ok: false })) }])
  })

  it('of nobody, or of ourselves only, is settled at once', () => {
    const bench = new Bench()
    expect(settled(bench.give({ kind: 'join', request: 1, addresses: [] }))).toEqual([{ type: 'join', seeds: [] }])
    expect(settled(bench.give({ kind: 'join', request: 2, addresses: [endpoint(1)] }))).toMatchObject([
      { seeds: [{ address: endpoint(1), ok: false }] },
    ])
  })

  it('is not confirmed by a member that vetoes us, though it sent its state (W-18)', () => {
    const cluster = new Cluster(2, { tuning: quiet, hooks: { alive: ({ name }) => name !== 'm1' } })
    cluster.join()
    cluster.runTo(1000)
    expect(cluster.view(1)).toEqual({ m0: 'alive', m1: 'alive' })
    expect(cluster.view(0)).toEqual({ m0: 'alive' })
    expect(cluster.settled).toMatchObject([{ outcome: { seeds: [{ ok: true, confirmed: false }] } }])
  })
})
