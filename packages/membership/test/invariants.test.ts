// Goal: what membership spec 12.7 says of the table and of suspicions holds after every input. Method: the histories of
// `history.ts`. The detector: `invariants-detector.test.ts`; the queue: `invariants-queue.test.ts`; commands:
// `invariants-commands.test.ts`.
import { defaultVersions, type PacketMessage } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import type { Input } from '../src/input.ts'
import { aliveOf, Bench, events, reasons, settled, stateOf } from './harness.ts'
import {
  always,
  claim,
  inputsOf,
  messageOf,
  moved,
  nodeOf,
  pairs,
  peer,
  type Step,
  step,
  tuning,
  viewOf,
} from './history.ts'

/** Whether one state has several claims about a name. */
const saysMoreThanOnce = (input: Input, name: string): boolean =>
  input.kind === 'stream-request' &&
  input.message.type === 'push-pull' &&
  [...input.message.nodes].filter((node) => node.name === name).length > 1

describe('the table', () => {
  it('invariant 1: the own incarnation never decreases, and is never above 2^32 − 2', () => {
    always(({ before, after }) => {
      const [was, is] = [before.members.get('me')!.incarnation, after.members.get('me')!.incarnation]
      expect(is).toBeGreaterThanOrEqual(was)
      expect(is).toBeLessThanOrEqual(2 ** 32 - 2)
      return is > was
    })
  })

  it('invariant 2: evidence never decreases while a record exists, except at a takeover', () => {
    always((moment) => {
      const stayed = pairs(moment).filter((pair) => !moved(pair))
      for (const [{ name }] of stayed)
        expect(moment.after.evidence.get(name)).toBeGreaterThanOrEqual(moment.before.evidence.get(name)!)
      return stayed.some(([{ name }]) => moment.after.evidence.get(name)! > moment.before.evidence.get(name)!)
    })
  })

  it('invariant 3: no incarnation is above its evidence, with and without the memory of it', () => {
    for (const evidenceMemory of [true, false])
      always(
        ({ after }) => {
          for (const [name, { incarnation }] of after.members)
            expect(incarnation).toBeLessThanOrEqual(after.evidence.get(name)!)
          return after.members.size > 1
        },
        25,
        { evidenceMemory },
      )
  })

  it('invariant 4: a claim older than the record changes nothing about it', () => {
    always((moment) => {
      if (moment.input.kind !== 'packet') return false
      const message = moment.input.messages[0]!
      if (!('node' in message && 'incarnation' in message)) return false
      const was = moment.before.members.get(message.node)
      if (!was || message.incarnation >= was.incarnation) return false
      // A newcomer may take over the name of one who left, or of one who is long dead.
      if (message.type === 'alive' && was.address !== `10.0.0.${message.address![3]}:7946`) return false
      expect(moment.after.members.get(message.node)).toEqual(was)
      expect(events(moment.effects)).toEqual([])
      return true
    })
  })

  it('invariant 5: nobody becomes alive again at the same address, unless by an incarnation above the evidence', () => {
    always((moment) => {
      const revived = pairs(moment).filter(
        (pair) => !moved(pair) && pair[0].status !== 'alive' && pair[1].status === 'alive',
      )
      for (const [was, is] of revived) expect(is.incarnation).toBeGreaterThan(moment.before.evidence.get(was.name)!)
      return revived.length > 0
    }, 10)
  })

  it('invariant 6: the own record is alive, or left after a departure; never anything else', () => {
    let left = false
    always(({ input, before, after, effects }) => {
      left = before.members.get('me')!.status === 'left'
      if (input.kind === 'leave') left = true
      if (input.kind === 'rejoin' && settled(effects).some(({ type }) => type === 'rejoin')) left = false
      expect(after.members.get('me')!.status).toBe(left ? 'left' : 'alive')
      return left
    })
  })

  it('invariant 7: after a departure no claim makes us alive, and none of us is queued', () => {
    always(({ bench, input, before }) => {
      if (before.members.get('me')!.status !== 'left' || input.kind !== 'packet') return false
      expect(bench.machine.self.status).toBe('left')
      const mine = bench.piggyback().filter((message) => 'node' in message && message.node === 'me')
      expect(mine.every((message) => message.type === 'dead')).toBe(true)
      return true
    }, 10)
  })

  it('invariant 8: an address changes only when the one who had it is gone', () => {
    always((moment) => {
      const all = pairs(moment).filter(moved)
      for (const [was, is] of all) {
        expect(['dead', 'left']).toContain(was.status)
        // One state may hold the claim that moves it and another about the same name behind it.
        if (!saysMoreThanOnce(moment.input, is.name)) expect(is.status).toBe('alive')
      }
      return all.length > 0
    }, 10)
  })

  it('invariant 9: a conflict leaves the record as it is', () => {
    always((moment) => {
      const conflicts = events(moment.effects).filter(({ type }) => type === 'conflict')
      if (conflicts.length === 0 || moment.input.kind !== 'packet') return false
      for (const { member } of conflicts)
        expect(moment.after.members.get(member.name)).toEqual(moment.before.members.get(member.name))
      return true
    })
  })

  it('invariant 10: nobody else ever has incarnation 0', () => {
    always(({ after, effects }) => {
      for (const { isSelf, incarnation } of after.members.values())
        if (!isSelf && incarnation === 0) expect.fail('a record with incarnation 0')
      return reasons(effects).includes('A6')
    }, 10)
  })

  it('invariant 11: the numbers of records and of the living are those of the table', () => {
    always(({ bench, after, before }) => {
      const { machine } = bench
      const all = [...after.members.values()]
      expect(machine.recordCount).toBe(all.length)
      expect(machine.memberCount()).toBe(all.filter(({ status }) => status === 'alive' || status === 'suspect').length)
      return after.members.size !== before.members.size
    })
  })

  it('invariant 12: the same state merged again at once only confirms, and no event is told', () => {
    fc.assert(
      fc.property(
        fc.array(claim, { maxLength: 6, size: 'max' }),
        fc.array(claim, { maxLength: 6, size: 'max' }),
        (first, state) => {
          // A take-over has its question first, and the second merge finds it pending; here it is at once.
          const bench = new Bench({ tuning, isAuthenticated: () => true })
          for (const one of first) bench.hear(peer, messageOf(one))
          // Each name once, as a state has it; ourselves we refute each time.
          const nodes = [
            ...new Map(state.filter(({ host }) => host > 1).map((one) => [one.host, nodeOf(one)])).values(),
          ]
          const merge = () => bench.give({ kind: 'stream-request', exchange: -1, from: peer, message: stateOf(nodes) })
          merge()
          const before = viewOf(bench)
          const again = events(merge()).filter(({ type }) => type !== 'conflict')
          expect(again).toEqual([])
          expect(viewOf(bench)).toEqual(before)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('invariant 15: what is malformed or too large changes nothing, and throws nothing', () => {
    const good = aliveOf(2, 7)
    const bad: readonly PacketMessage[] = [
      { ...good, versions: null },
      { ...good, versions: { ...defaultVersions, protocolMin: 0 } },
      { ...good, versions: { ...defaultVersions, protocolMin: 6 } },
      { ...good, address: null },
      { ...good, address: new Uint8Array(0) },
      { ...good, address: new Uint8Array(5) },
      { ...good, address: new Uint8Array(17) },
      { ...good, meta: new Uint8Array(513) },
      { ...good, node: '' },
      { ...good, node: 'x'.repeat(256) },
      { ...good, incarnation: 2 ** 32 - 1 },
      { type: 'suspect', incarnation: 7, node: 'n2', from: 'x'.repeat(256) },
      { type: 'dead', incarnation: 2 ** 32 - 1, node: 'n2', from: 'x' },
      { type: 'suspect', incarnation: 7, node: '', from: 'x' },
      { type: 'ack', seqNo: 0, payload: new Uint8Array(60_000) },
      { type: 'nack', seqNo: 2 ** 32 - 1 },
      {
        type: 'indirect-ping',
        seqNo: 1,
        target: null,
        port: 1,
        node: 'n2',
        nack: true,
        sourceAddress: null,
        sourcePort: 0,
        sourceNode: '',
      },
      {
        type: 'indirect-ping',
        seqNo: 1,
        target: new Uint8Array(3),
        port: 1,
        node: 'n2',
        nack: true,
        sourceAddress: null,
        sourcePort: 0,
        sourceNode: '',
      },
      { type: 'ping', seqNo: 1, node: 'me', sourceAddress: new Uint8Array(7), sourcePort: 1, sourceNode: '' },
      { type: 'ping', seqNo: 1, node: 'somebody else', sourceAddress: null, sourcePort: 0, sourceNode: '' },
    ]
    fc.assert(
      fc.property(
        fc.array(fc.nat(bad.length - 1), { minLength: 1 }),
        fc.constantFrom('alive', 'suspect', 'dead', 'left'),
        (which, status) => {
          const bench = new Bench()
          bench.known(2, status, 3)
          const before = viewOf(bench)
          for (const index of which) {
            const effects = bench.hear(peer, bad[index]!)
            expect(
              effects.map(({ kind }) => kind),
              JSON.stringify(bad[index]),
            ).toEqual(['ignored'])
          }
          const nodes = which.flatMap((index) => {
            const message = bad[index]!
            if (message.type !== 'alive')
              return [{ ...nodeOf({ kind: 'alive', host: 2, incarnation: 9, from: 'a', meta: 0 }), state: 4 + index }]
            const { node: name, address, port, meta, versions, incarnation } = message
            return [{ name, address, port, meta, versions, incarnation, state: 0 }]
          })
          const effects = bench.give({ kind: 'stream-request', exchange: -1, from: peer, message: stateOf(nodes) })
          expect(events(effects)).toEqual([])
          expect(viewOf(bench)).toEqual(before)
        },
      ),
    )
  })

  it('invariant 16: whoever is suspected, and nobody else, has a deadline for it', () => {
    always(({ bench, after, input }) => {
      const suspects = [...after.members.values()].filter(({ status }) => status === 'suspect')
      const next = bench.machine.nextDeadline()
      if (suspects.length === 0) expect(next?.reason).not.toBe('suspicion')
      return input.kind === 'packet' && suspects.length > 0
    })
    // And it fires: without another word every suspect is dead after the longest time there can be.
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 12 }), (claims) => {
        const bench = new Bench({
          tuning: {
            ...tuning,
            gossip: { ...tuning.gossip, toTheDeadMs: 1e9 },
            rejoin: { intervalMs: 0, forgetAfterMs: 0 },
          },
        })
        for (const one of claims) bench.hear(peer, messageOf(one))
        const suspects = bench.machine.members().filter(({ status }) => status === 'suspect')
        bench.runTo(24_000)
        for (const { name } of suspects) expect(bench.status(name)).toBe('dead')
      }),
    )
  })

  it('invariant 26: the health score stays from 0 to 7, and a refutation costs exactly 1', () => {
    always(({ bench, before, after, input }) => {
      expect(after.score).toBeGreaterThanOrEqual(0)
      expect(after.score).toBeLessThanOrEqual(7)
      const refuted = after.members.get('me')!.incarnation > before.members.get('me')!.incarnation
      if (input.kind !== 'packet' || !refuted) return false
      expect(after.score).toBe(Math.min(7, before.score + 1))
      return bench.machine.counts().refutations > 0
    }, 10)
  })

  it('invariant 36: what is accepted is queued once under its name, and so is a refutation under ours', () => {
    always(({ bench, input, before, after }) => {
      if (input.kind !== 'packet') return false
      const message = input.messages[0]!
      if (!('node' in message && 'incarnation' in message)) return false
      const [was, is] = [before.members.get(message.node), after.members.get(message.node)]
      if (!is || JSON.stringify(was) === JSON.stringify(is)) return false
      const about = bench.piggyback().filter((each) => 'node' in each && each.node === message.node)
      expect(about).toHaveLength(1)
      expect(about[0]).toMatchObject({ incarnation: is.incarnation })
      expect(about[0]!.type).toBe(
        is.isSelf || is.status === 'alive' ? 'alive' : is.status === 'suspect' ? 'suspect' : 'dead',
      )
      return true
    })
  })

  it('invariant 42: after stop nothing is said, and nothing is due, whatever had been going on', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 20, size: 'max' }),
        fc.array(step, { maxLength: 10, size: 'max' }),
        (earlier, later) => {
          const bench = new Bench({ tuning, hooks: { asksBeforeMerge: true } })
          let request = 1
          const play = (each: Step): Effect[] => {
            if (each.does === 'wait') {
              bench.runTo(bench.now + each.ms)
              return []
            }
            return [...inputsOf(each, request++)].flatMap((input) => [...bench.give(input)])
          }
          for (const each of earlier) play(each)
          expect(bench.give({ kind: 'stop' })).toEqual([])
          bench.take()
          for (const each of later) expect(play(each)).toEqual([])
          expect(bench.give({ kind: 'deadline' })).toEqual([])
          expect(bench.give({ kind: 'start' })).toEqual([])
          expect(bench.machine.nextDeadline()).toBeUndefined()
          expect(bench.machine.queueDepths().control.items).toBe(0)
          expect(bench.take()).toEqual([])
        },
      ),
      { numRuns: 100 },
    )
  })
})
