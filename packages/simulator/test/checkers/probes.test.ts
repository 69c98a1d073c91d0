import type { Effect, Input } from '@hearsay/membership'
import { Part } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import { accuracy } from '../../src/checkers/accuracy.ts'
import { healthRange } from '../../src/checkers/health-range.ts'
import { nackCount } from '../../src/checkers/nack-count.ts'
import { pingHook } from '../../src/checkers/ping-hook.ts'
import { probeFairness } from '../../src/checkers/probe-fairness.ts'
import { probeTargets } from '../../src/checkers/probe-targets.ts'
import { probeVerdict } from '../../src/checkers/probe-verdict.ts'
import { relaySilence } from '../../src/checkers/relay-silence.ts'
import { singleProbe } from '../../src/checkers/single-probe.ts'
import { unknownAnswers } from '../../src/checkers/unknown-answers.ts'
import type { SimNode } from '../../src/index.ts'
import {
  addressOf,
  dead,
  deadline,
  event,
  type FakeMachine,
  History,
  member,
  packet,
  ping,
  send,
  set,
  suspect,
} from './history.ts'

const ack = (seqNo: number): Input => packet({ type: 'ack', seqNo, payload: null })
const nack = (seqNo: number, from: string): Input => ({
  kind: 'packet',
  from: addressOf(from),
  messages: [{ type: 'nack', seqNo }],
})
const ask = (relay: string, node: string, seqNo: number): Effect =>
  send(relay, {
    type: 'indirect-ping',
    seqNo,
    target: null,
    port: 0,
    node,
    nack: true,
    sourceAddress: null,
    sourcePort: 0,
    sourceNode: 'a',
  })
const health = (score: number): Effect => ({ kind: 'health', score })
const score = (value: number) => (machine: FakeMachine) => {
  machine.healthScore = value
}

/** A probe of `node` that begins at `at`. */
const probe = (history: History, node: string, seqNo: number, at: number): History =>
  history.step({ input: deadline, due: 'probe-tick', at, effects: [send(node, ping(node, seqNo))] })

describe('single-probe', () => {
  it('takes one after the other', () => {
    const history = new History(singleProbe)
    probe(history, 'b', 1, 1000).step({ input: ack(1), at: 1001 })
    expect(probe(history, 'c', 2, 2000).end()).toEqual([])
  })

  it('sees two at a time', () => {
    const history = probe(new History(singleProbe), 'b', 1, 1000)
    expect(probe(history, 'c', 2, 2000).end()[0]?.what).toMatch(/probes c while it still waits for b/)
  })

  it('does not take what is pinged for another for a probe', () => {
    const history = probe(new History(singleProbe), 'b', 1, 1000)
    const request = packet({
      type: 'indirect-ping',
      seqNo: 7,
      target: null,
      port: 0,
      node: 'c',
      nack: true,
      sourceAddress: null,
      sourcePort: 0,
      sourceNode: 'd',
    })
    history.step({ input: request, at: 1500, effects: [send('c', ping('c', 2))] })
    expect(history.end()).toEqual([])
  })
})

describe('probe-verdict', () => {
  const accused = { effects: [event('suspect', member('b', { status: 'suspect' }), { source: 'probe' })] }
  const verdict = (history: History, at: number) =>
    history
      .step({ input: deadline, due: 'probe-deadline', at, ...accused, leaves: set('b', { status: 'suspect' }) })
      .end()

  it('takes one after the whole window', () =>
    expect(verdict(probe(new History(probeVerdict), 'b', 1, 1000), 2000)).toEqual([]))

  it('sees one too soon', () =>
    expect(verdict(probe(new History(probeVerdict), 'b', 1, 1000), 1999)[0]?.what).toMatch(/lasts until 2000/))

  it('sees one too soon for the health it began with', () => {
    const history = new History(probeVerdict)
    history.step({ input: packet(suspect('a', 1)), at: 900, effects: [health(1)], leaves: score(1) })
    expect(verdict(probe(history, 'b', 1, 1000), 2000)[0]?.what).toMatch(/lasts until 3000/)
  })

  it('sees one without a probe', () => expect(verdict(new History(probeVerdict), 2000)).toHaveLength(1))

  it('sees one while the answer lies unread', () => {
    const history = probe(new History(probeVerdict), 'b', 1, 1000)
    const [a, b] = history.nodes as unknown as SimNode[]
    history.laws.packet(b!, a!, 'delivered', [new Part({ type: 'ack', seqNo: 1, payload: null })], 1500)
    expect(verdict(history, 2000)[0]?.what).toMatch(/lies unread/)
  })
})

describe('probe-targets', () => {
  it('takes a probe of the living through three others', () => {
    const history = probe(new History(probeTargets), 'b', 1, 1000)
    const effects = ['c', 'd', 'e'].map((relay) => ask(relay, 'b', 1))
    expect(history.step({ input: deadline, due: 'probe-direct', at: 1500, effects }).end()).toEqual([])
  })

  it('sees a probe of the dead, and of oneself', () => {
    const history = new History(probeTargets)
    history.step({ input: packet(dead('b', 1)), at: 5, leaves: set('b', { status: 'dead' }) })
    expect(probe(history, 'b', 1, 1000).end()).toHaveLength(1)
    expect(probe(new History(probeTargets), 'a', 1, 1000).end()).toHaveLength(1)
  })

  it('sees relays that are the target, asked twice, suspected, oneself, or too many', () => {
    for (const relays of [['b'], ['c', 'c'], ['f'], ['a'], ['c', 'd', 'e', 'g']]) {
      const history = new History(probeTargets, { names: 'abcdefg' })
      history.step({ input: packet(suspect('f', 1)), at: 5, leaves: set('f', { status: 'suspect' }) })
      probe(history, 'b', 1, 1000)
      const effects = relays.map((relay) => ask(relay, 'b', 1))
      const violations = history.step({ input: deadline, due: 'probe-direct', at: 1500, effects }).end()
      expect(violations, relays.join()).toHaveLength(1)
    }
  })
})

describe('probe-fairness', () => {
  const order = (names: string) => {
    const history = new History(probeFairness, { names: 'abcd' })
    let at = 0
    for (const name of names) {
      at += 1000
      probe(history, name, at, at).step({ input: ack(at), at: at + 1 })
    }
    return history.end()
  }

  it('takes any order in which everybody has a turn', () => expect(order('bcddcbbcdbcdbcdbcdbcd')).toEqual([]))
  it('sees one who never has', () => expect(order('bcbcbcbcbcbcbcbcbc')[0]?.what).toMatch(/^d was not probed/))
})

describe('health-range', () => {
  const steps = (...scores: number[]) => {
    const history = new History(healthRange)
    for (const [index, value] of scores.entries())
      history.step({ input: packet(suspect('a', index)), at: index, effects: [health(value)], leaves: score(value) })
    return history.end()
  }

  it('takes steps up by one to three, and down by one', () => expect(steps(1, 4, 7, 6, 5, 4)).toEqual([]))
  it('sees four up, two down, or none', () => {
    expect(steps(4)).not.toEqual([])
    expect(steps(3, 1)).not.toEqual([])
  })
  it('sees a score out of bounds, or another than was told', () => {
    expect(steps(3, 6, 8)).not.toEqual([])
    const history = new History(healthRange)
    expect(
      history.step({ input: packet(suspect('a', 1)), at: 1, effects: [health(1)], leaves: score(2) }).end(),
    ).toHaveLength(1)
  })
})

describe('nack-count', () => {
  const settled = (after: number, ...nacks: string[]) => {
    const history = probe(new History(nackCount), 'b', 1, 1000)
    history.step({
      input: deadline,
      due: 'probe-direct',
      at: 1500,
      effects: ['c', 'd', 'e'].map((relay) => ask(relay, 'b', 1)),
    })
    for (const from of nacks) history.step({ input: nack(1, from), at: 1900 })
    const effects = [event('suspect', member('b', { status: 'suspect' }), { source: 'probe' })]
    history.step({ input: deadline, due: 'probe-deadline', at: 2000, effects, leaves: set('b', { status: 'suspect' }) })
    return history.step({ input: deadline, due: 'nack-settle', at: 2100, leaves: score(after) }).end()
  }

  it('takes one for each that is missing', () => {
    expect(settled(3)).toEqual([])
    expect(settled(1, 'c', 'd')).toEqual([])
    expect(settled(2, 'c', 'c')).toEqual([])
  })
  it('sees any other', () => {
    expect(settled(0)).toHaveLength(1)
    expect(settled(3, 'c')).toHaveLength(1)
    expect(settled(1, 'c', 'c')).toHaveLength(1)
  })
})

describe('relay-silence', () => {
  const request = packet({
    type: 'indirect-ping',
    seqNo: 7,
    target: null,
    port: 0,
    node: 'c',
    nack: true,
    sourceAddress: null,
    sourcePort: 0,
    sourceNode: 'd',
  })

  it('takes a ping, and sees anything else', () => {
    const history = new History(relaySilence)
    expect(history.step({ input: request, at: 5, effects: [send('c', ping('c', 2))] }).end()).toEqual([])
    const broken = new History(relaySilence)
    expect(broken.step({ input: request, at: 5, effects: [health(1)], leaves: score(1) }).end()).toHaveLength(1)
    const raised = new History(relaySilence)
    expect(raised.step({ input: request, at: 5, leaves: set('a', { incarnation: 2 }) }).end()).toHaveLength(1)
  })
})

describe('unknown-answers', () => {
  it('takes silence, and sees an effect', () => {
    for (const seqNo of [99, 1]) {
      const history = probe(new History(unknownAnswers), 'b', 1, 1000).step({ input: ack(1), at: 1001 })
      expect(history.step({ input: ack(seqNo), at: 1002 }).end()).toEqual([])
      const broken = probe(new History(unknownAnswers), 'b', 1, 1000).step({ input: ack(1), at: 1001 })
      expect(broken.step({ input: ack(seqNo), at: 1002, effects: [send('b', ping('b', 2))] }).end()).toHaveLength(1)
    }
  })
})

describe('ping-hook', () => {
  const told = (rttMs: number, isProbed = true, isIndirect = false) => {
    const history = new History(pingHook)
    if (isProbed) probe(history, 'b', 1, 1000)
    if (isIndirect) history.step({ input: deadline, due: 'probe-direct', at: 1500, effects: [ask('c', 'b', 1)] })
    const effect = { kind: 'ping-complete', member: member('b'), rttMs, payload: new Uint8Array(0) } as const
    return history.step({ input: ack(1), at: 1501, effects: [effect] }).end()
  }

  it('takes a round trip of a probe', () => expect(told(400)).toEqual([]))
  it('sees a negative one, one that took too long, one of nothing, one that relays helped', () => {
    expect(told(-1)).toHaveLength(1)
    expect(told(501)).toHaveLength(1)
    expect(told(400, false)).toHaveLength(1)
    expect(told(400, true, true)).toHaveLength(1)
  })
})

describe('accuracy', () => {
  it('takes answers, and sees a suspicion or ill health where nothing is wrong', () => {
    const history = probe(new History(accuracy), 'b', 1, 1000)
    expect(history.step({ input: ack(1), at: 1001 }).end()).toEqual([])
    const broken = probe(new History(accuracy), 'b', 1, 1000)
    broken.step({
      input: deadline,
      due: 'probe-deadline',
      at: 2000,
      effects: [event('suspect', member('b'))],
      leaves: set('b', { status: 'suspect' }),
    })
    broken.step({ input: packet(suspect('a', 1)), at: 2001, effects: [health(1)], leaves: score(1) })
    expect(broken.end()).toHaveLength(2)
  })
})
