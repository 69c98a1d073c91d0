/**
 * Goal: a state does the same whether it comes as records or as the bytes that a stream brings. Method: two machines with
 * one history; one is given the records, the other what is read of them; known and unknown names in any order, of every
 * state, with versions that fit or do not, in both roles.
 */
import { defaultVersions, encodeStreamMessage, type NodeState, type PushPull, StreamReader } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import type { MemberStatus } from '../src/member.ts'
import { faithful } from '../src/policy.ts'
import { Bench, type BenchOptions, endpoint, ip, reasons, stateOf, streams, versionsOf } from './harness.ts'

/** As a stream brings it. */
function received(message: PushPull): PushPull {
  const reader = new StreamReader({ role: 'initiator', label: '', labelMode: 'strict' })
  reader.push(encodeStreamMessage(message, { compression: 'none' }))
  const result = reader.next()
  if (result.kind !== 'message' || result.message.type !== 'push-pull') throw new Error('it cannot be read')
  return result.message
}

/** Entries as arrays: those of a state that is sent are bytes. */
const plain = (effects: readonly Effect[]): unknown => JSON.stringify(effects, (_, value) => shown(value))
const shown = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && Symbol.iterator in value ? [...(value as Iterable<unknown>)] : value

const hosts = fc.integer({ min: 2, max: 12 })
const entry: fc.Arbitrary<NodeState> = fc
  .record({
    host: hosts,
    name: fc.option(fc.constantFrom('me', '', 'é', 'é', 'stranger'), { nil: undefined, freq: 2 }),
    at: fc.option(hosts, { nil: undefined }),
    incarnation: fc.nat(4),
    state: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(3) }, fc.nat(200)),
    meta: fc.option(fc.constant(Uint8Array.of(7)), { nil: null }),
    versions: fc.oneof(
      { weight: 12, arbitrary: fc.constant(defaultVersions) },
      fc.constantFrom(
        versionsOf({ protocolCurrent: 3 }),
        versionsOf({ protocolMin: 9, protocolMax: 9, protocolCurrent: 9 }),
      ),
    ),
  })
  .map(({ host, name, at, ...rest }) => {
    const place = name === 'me' ? 1 : (at ?? host)
    return { name: name ?? `n${host}`, address: ip(place), port: 7946, ...rest }
  })
/** Now and then in the order in which they are known. */
const states = fc
  .tuple(fc.array(entry, { maxLength: 25 }), fc.boolean())
  .map(([nodes, isSorted]) =>
    isSorted ? nodes.sort((a, b) => Number(a.name.slice(1)) - Number(b.name.slice(1))) : nodes,
  )
const history = fc.array(
  fc.tuple(hosts, fc.constantFrom<MemberStatus>('alive', 'alive', 'suspect', 'dead', 'left'), fc.nat(4)),
  { maxLength: 12 },
)
const options: fc.Arbitrary<BenchOptions> = fc.constantFrom(
  {},
  { hooks: { asksBeforeMerge: true } },
  { policy: faithful },
)

describe('a state that comes as bytes', () => {
  it('does what its records do', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(history, states, options, fc.boolean(), fc.boolean(), (known, nodes, given, isJoin, isRequest) => {
        const message = stateOf(nodes, isJoin, Uint8Array.of(1))
        const [plainly, byBytes] = [message, received(message)].map((state) => {
          const bench = new Bench(given)
          for (const [host, status, incarnation] of known) bench.known(host, status, incarnation)
          const asked = isRequest ? [] : bench.give({ kind: 'join', request: 1, addresses: [endpoint(99)] })
          const effects = isRequest
            ? bench.give({ kind: 'stream-request', exchange: -1, from: endpoint(99), message: state })
            : bench.give({ kind: 'stream-reply', exchange: streams(asked)[0]!.exchange, message: state })
          for (const effect of effects)
            if (effect.kind === 'merge-ask') bench.give({ kind: 'merge-answer', ask: effect.ask, accept: true })
          for (const reason of reasons(effects)) seen.add(reason)
          bench.runTo(120_000)
          return [plain(effects), plain(bench.take()), bench.machine.members()]
        })
        expect(byBytes).toEqual(plainly)
      }),
      { numRuns: 600 },
    )
    for (const reason of ['A10', 'S1', 'D1', 'versions-disagree', 'state-unknown']) expect(seen).toContain(reason)
  })
})

describe('a state that is sent', () => {
  it('is what is known before anything of the other one is merged, and stays that', () => {
    const bench = new Bench({ meta: Uint8Array.of(1) })
    bench.known(3, 'alive', 2)
    bench.known(4, 'dead', 5)
    const node = {
      name: 'n5',
      address: ip(5),
      port: 7946,
      meta: null,
      incarnation: 1,
      state: 0,
      versions: defaultVersions,
    }
    const [reply] = bench
      .give({ kind: 'stream-request', exchange: -1, from: endpoint(99), message: stateOf([node]) })
      .flatMap((effect) => (effect.kind === 'close-stream' && effect.reply?.type === 'push-pull' ? [effect.reply] : []))
    bench.known(3, 'suspect', 2)
    expect(bench.machine.member('n5')).toBeDefined()
    expect(reply?.nodes.length).toBe(3)
    const others = { port: 7946, meta: null, versions: defaultVersions }
    expect([...(reply?.nodes ?? [])]).toEqual([
      { ...others, name: 'me', address: ip(1), meta: Uint8Array.of(1), incarnation: 1, state: 0 },
      { ...others, name: 'n3', address: ip(3), incarnation: 2, state: 0 },
      { ...others, name: 'n4', address: ip(4), incarnation: 5, state: 2 },
    ])
  })
})
