/**
 * Goal: random histories of one machine, to look at invariants after each input. Method: random claims about a few names with
 * few incarnations, exchanges, commands and time; what was before and after each input is handed to a check.
 */
import { defaultVersions, type NodeState, type PacketMessage } from '@hearsay/wire'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Effect } from '../src/effect.ts'
import type { Input } from '../src/input.ts'
import type { Member } from '../src/member.ts'
import type { Policy } from '../src/policy.ts'
import { lan } from '../src/tuning.ts'
import { aliveOf, Bench, endpoint, ip, stateOf } from './harness.ts'

export const peer = endpoint(99)
export const tuning = { ...lan, deadNodeReclaimMs: 3000, gossip: { ...lan.gossip, toTheDeadMs: 5000 } }

export const claim = fc.record({
  kind: fc.constantFrom('alive', 'alive', 'suspect', 'dead', 'left', 'move', 'move'),
  // 1 is ourselves.
  host: fc.integer({ min: 1, max: 4 }),
  incarnation: fc.oneof(
    { weight: 9, arbitrary: fc.nat(6) },
    { weight: 1, arbitrary: fc.constantFrom(2 ** 32 - 1, 2 ** 32 - 2, 2 ** 32 - 70_000) },
  ),
  from: fc.constantFrom('a', 'b', 'c', 'me'),
  meta: fc.nat(1),
})
export type Claim = typeof claim extends fc.Arbitrary<infer Value> ? Value : never

export const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('hear' as const),
      claims: fc.array(claim, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('sync' as const),
      claims: fc.array(claim, { maxLength: 4 }),
      join: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.constantFrom(1, 200, 1000, 5001, 20_000) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('leave' as const, 'rejoin' as const, 'meta' as const) }) },
)
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

export const nameOf = (host: number): string => (host === 1 ? 'me' : `n${host}`)

export function messageOf({ kind, host, incarnation, from, meta }: Claim): PacketMessage {
  const node = nameOf(host)
  if (kind === 'suspect') return { type: 'suspect', incarnation, node, from }
  if (kind === 'dead' || kind === 'left')
    return { type: 'dead', incarnation, node, from: kind === 'left' ? node : from }
  const address = kind === 'move' ? ip(50 + host) : ip(host)
  return aliveOf(host, incarnation, { node, address, meta: Uint8Array.of(meta) })
}

const stateNumbers = { alive: 0, move: 0, suspect: 1, dead: 2, left: 3 } as const
export const nodeOf = ({ kind, host, incarnation, meta }: Claim): NodeState => ({
  name: nameOf(host),
  address: kind === 'move' ? ip(50 + host) : ip(host),
  port: 7946,
  meta: Uint8Array.of(meta),
  incarnation,
  state: stateNumbers[kind],
  versions: defaultVersions,
})

export interface View {
  readonly members: ReadonlyMap<string, Member>
  readonly evidence: ReadonlyMap<string, number>
  readonly controls: number
  readonly score: number
}

export function viewOf({ machine }: Bench): View {
  const members = new Map(machine.members().map((member) => [member.name, member]))
  const { table } = machine
  const evidence = new Map([...members.keys()].map((name) => [name, table.evidence(table.find(name))]))
  return { members, evidence, controls: machine.queueDepths().control.items, score: machine.healthScore }
}

export interface Moment {
  readonly bench: Bench
  readonly input: Input
  readonly before: View
  readonly after: View
  readonly effects: readonly Effect[]
}

/** Inputs that a step stands for, one claim each, so that what one does can be told from what the next does. */
export function* inputsOf(each: Step, request: number): Generator<Input> {
  if (each.does === 'hear')
    for (const one of each.claims) yield { kind: 'packet', from: peer, messages: [messageOf(one)] }
  else if (each.does === 'sync') {
    const message = stateOf(each.claims.map(nodeOf), each.join)
    yield { kind: 'stream-request', exchange: -request, from: peer, message }
  } else if (each.does === 'leave') yield { kind: 'leave', request, timeoutMs: 500 }
  else if (each.does === 'rejoin') yield { kind: 'rejoin', request }
  else if (each.does === 'meta') yield { kind: 'update-meta', request, meta: Uint8Array.of(request), timeoutMs: 500 }
}

/** Rounds of histories after which too few moments are no bad luck. */
const MOST_ROUNDS = 20

/**
 * Runs histories, and hands each moment of each to `check`. At least `least` of them must have had something to look at: as long as
 * they had not, there are more histories.
 */
export function always(check: (moment: Moment) => boolean | undefined, least = 25, policy: Partial<Policy> = {}): void {
  let looked = 0
  const history = fc.property(fc.array(step, { maxLength: 40, size: 'max' }), fc.nat(1000), (steps, seed) => {
    const bench = new Bench({ tuning, seed, policy })
    bench.known(2, 'alive', 1)
    bench.known(3, 'left', 1)
    bench.known(4, 'dead', 1)
    const give = (input: Input): void => {
      const before = viewOf(bench)
      const effects = bench.give(input)
      if (check({ bench, input, before, after: viewOf(bench), effects })) looked++
    }
    let request = 1
    for (const each of steps) {
      if (each.does !== 'wait') {
        for (const input of inputsOf(each, request++)) give(input)
        continue
      }
      const until = bench.now + each.ms
      for (let due = bench.machine.nextDeadline(); due && due.at <= until; due = bench.machine.nextDeadline()) {
        bench.now = Math.max(bench.now, due.at)
        give({ kind: 'deadline' })
      }
      bench.now = until
    }
  })
  for (let round = 0; round === 0 || (looked < least && round < MOST_ROUNDS); round++)
    fc.assert(history, { numRuns: 50 })
  expect(looked, 'moments that had something to look at').toBeGreaterThanOrEqual(least)
}

export const pairs = ({ before, after }: Moment): (readonly [Member, Member])[] =>
  [...before.members.values()].flatMap((was) => {
    const is = after.members.get(was.name)
    return is ? [[was, is] as const] : []
  })
export const moved = ([was, is]: readonly [Member, Member]): boolean => was.address !== is.address
