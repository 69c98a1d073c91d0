import type { Effect } from '@hearsay/membership'
import { Part } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import { controlItems } from '../../src/checkers/control-items.ts'
import { eventGrammar } from '../../src/checkers/event-grammar.ts'
import { eventOrder } from '../../src/checkers/event-order.ts'
import { gossipTargets } from '../../src/checkers/gossip-targets.ts'
import { memoryBounds } from '../../src/checkers/memory-bounds.ts'
import { newsQueued } from '../../src/checkers/news-queued.ts'
import { packetBudget } from '../../src/checkers/packet-budget.ts'
import { counted, queueEndings } from '../../src/checkers/queue-endings.ts'
import { quietAfterStop } from '../../src/checkers/quiet-after-stop.ts'
import { requestSettlement } from '../../src/checkers/request-settlement.ts'
import { transmissions } from '../../src/checkers/transmissions.ts'
import { determinism } from '../../src/index.ts'
import {
  alive,
  dead,
  deadline,
  event,
  type FakeMachine,
  History,
  member,
  packet,
  send,
  sendParts,
  set,
  suspect,
} from './history.ts'

const waiting = (items: number) => (machine: FakeMachine) => {
  machine.depths = { ...machine.depths, control: { items, bytes: items * 50 } }
}
const both =
  (...changes: ((machine: FakeMachine) => void)[]) =>
  (machine: FakeMachine): void => {
    for (const change of changes) change(machine)
  }
const user = (sizeBytes: number): Part => new Part({ type: 'user', payload: new Uint8Array(sizeBytes) })

describe('control-items', () => {
  it('takes one for each name, and sees one more', () => {
    const input = packet(alive('b', 1))
    expect(new History(controlItems).step({ input, at: 5, leaves: waiting(5) }).end()).toEqual([])
    expect(new History(controlItems).step({ input, at: 5, leaves: waiting(6) }).end()).toHaveLength(1)
  })
})

describe('queue-endings', () => {
  const queued = () => counted({ key: 'k', names: [], version: 1, class: 'user', payload: new Uint8Array(1) })
  const ended = (ends: number, stop = false) => {
    const history = new History(queueEndings)
    const item = queued()
    history.step({ input: { kind: 'broadcast', item }, at: 5 })
    for (let end = 0; end < ends; end++) item.onFinished?.('transmitted')
    if (stop) history.step({ input: { kind: 'stop' }, at: 6 })
    return history.end()
  }

  it('takes one ending', () => {
    expect(ended(1)).toEqual([])
    expect(ended(1, true)).toEqual([])
  })
  it('sees two, and none', () => {
    expect(ended(2)).toHaveLength(1)
    expect(ended(0)).toHaveLength(1)
    expect(ended(0, true)).toHaveLength(1)
  })
})

describe('transmissions', () => {
  // Five records: the limit is 4 (membership spec 4.3).
  const sent = (times: number) => {
    const history = new History(transmissions)
    const part = new Part(alive('b', 2))
    for (let time = 0; time < times; time++)
      history.step({ input: deadline, at: time, effects: [sendParts('c', part)] })
    return history.end()
  }

  it('takes as many as the limit says, and sees one more', () => {
    expect(sent(4)).toEqual([])
    expect(sent(5)).toHaveLength(1)
  })
})

describe('gossip-targets', () => {
  const round = (targets: string, dead = '') => {
    const history = new History(gossipTargets, { names: 'abcd' })
    for (const name of dead)
      history.step({ input: packet(deadClaim(name)), at: 5, leaves: set(name, { status: 'dead', statusSinceMs: 5 }) })
    const effects = [...targets].map((to) => send(to, alive('b', 2)))
    return history.step({ input: deadline, at: 10, effects, leaves: waiting(1) }).end()
  }
  const deadClaim = (name: string) => dead(name, 1, 'a')

  it('takes three, the lately dead among them', () => {
    expect(round('bcd')).toEqual([])
    expect(round('bcd', 'd')).toEqual([])
  })
  it('sees too few, one twice, and oneself', () => {
    expect(round('bc')).toHaveLength(1)
    expect(round('bc', 'd')).toHaveLength(1)
    expect(round('bcc')).toHaveLength(1)
    expect(round('abc')).toHaveLength(1)
  })
  it('sees one told who is dead for long', () => {
    const history = new History(gossipTargets, { names: 'abcd' })
    const leaves = set('d', { status: 'dead', statusSinceMs: -40_000 })
    history.step({ input: packet(deadClaim('d')), at: 5, leaves })
    const effects = ['b', 'c', 'd'].map((to) => send(to, alive('b', 2)))
    expect(history.step({ input: deadline, at: 10, effects }).end()).toHaveLength(1)
  })
})

describe('packet-budget', () => {
  const sent = (...parts: Part[]) =>
    new History(packetBudget).step({ input: deadline, at: 5, effects: [sendParts('b', ...parts)] }).end()

  it('takes what fits exactly, and one user message that does not', () => {
    expect(sent(user(700), user(692))).toEqual([])
    expect(sent(user(3000))).toEqual([])
  })
  it('sees a byte too many, a part twice, too many parts, none', () => {
    expect(sent(user(700), user(693))).toHaveLength(1)
    const part = user(10)
    expect(sent(part, part)).toHaveLength(1)
    expect(sent(...Array.from({ length: 256 }, () => user(0)))).toHaveLength(1)
    expect(sent()).not.toEqual([])
  })
})

describe('news-queued', () => {
  it('takes news that waits, and sees news that does not', () => {
    const step = { input: packet(alive('b', 2), dead('c', 1, 'd')), at: 5 }
    const changes = both(set('b', { incarnation: 2 }), set('c', { status: 'dead' }))
    expect(new History(newsQueued).step({ ...step, leaves: both(changes, waiting(2)) }).end()).toEqual([])
    expect(new History(newsQueued).step({ ...step, leaves: both(changes, waiting(1)) }).end()).toHaveLength(1)
    const refuted = set('a', { incarnation: 2 })
    expect(new History(newsQueued).step({ input: packet(suspect('a', 1)), at: 5, leaves: refuted }).end()).toHaveLength(
      1,
    )
  })
})

describe('event-grammar', () => {
  const told = (...types: Parameters<typeof event>[0][]) => {
    const history = new History(eventGrammar)
    for (const [at, type] of types.entries())
      history.step({ input: packet(alive('b', at + 2)), at, effects: [event(type, member('b'))] })
    return history.end()
  }

  it('takes lives in their order', () => {
    expect(told('update', 'suspect', 'update', 'alive', 'leave', 'join', 'suspect', 'fail', 'reap', 'join')).toEqual([])
  })
  for (const types of [
    ['join'],
    ['fail', 'leave'],
    ['leave', 'update'],
    ['alive'],
    ['reap'],
    ['suspect', 'suspect'],
    ['fail', 'reap', 'fail'],
  ] as const)
    it(`sees ${types.join(', ')}`, () => expect(told(...types)).not.toEqual([]))
})

describe('event-order', () => {
  const input = packet(dead('b', 1))
  const gone = set('b', { status: 'dead' })

  it('takes an event that shows what is', () => {
    const effects = [event('fail', member('b', { status: 'dead' }))]
    expect(new History(eventOrder).step({ input, at: 5, effects, leaves: gone }).end()).toEqual([])
  })
  it('sees one that shows something else, or another order', () => {
    for (const effects of [
      [event('fail', member('b'))],
      [event('fail', member('b', { status: 'dead' })), event('join', member('b'))],
      [event('reap', member('b', { status: 'dead' }))],
    ])
      expect(new History(eventOrder).step({ input, at: 5, effects, leaves: gone }).end()).not.toEqual([])
  })
  it('sees a change of status that nobody was told of', () =>
    expect(new History(eventOrder).step({ input, at: 5, leaves: gone }).end()[0]?.what).toMatch(/untold/))
})

describe('request-settlement', () => {
  const leave = { kind: 'leave', request: 7, timeoutMs: 5000 } as const
  const settle: Effect = { kind: 'settle', request: 7, outcome: { type: 'leave', result: 'transmitted' } }
  const timer = (at: number) => (machine: FakeMachine) => {
    machine.deadline = { at, reason: 'api' }
  }

  it('takes one that waits with a timer, and settles once', () => {
    const history = new History(requestSettlement)
    history.step({ input: leave, at: 5, leaves: timer(5005) })
    expect(history.step({ input: deadline, at: 300, effects: [settle] }).end()).toEqual([])
  })
  it('sees one without a timer', () =>
    expect(new History(requestSettlement).step({ input: leave, at: 5, leaves: timer(5006) }).end()[0]?.what).toMatch(
      /by 5005/,
    ))
  it('sees one settle twice, or never', () => {
    const history = new History(requestSettlement)
    history.step({ input: leave, at: 5, effects: [settle, settle] })
    expect(history.end()).toHaveLength(1)
    const never = new History(requestSettlement).step({ input: leave, at: 5, leaves: timer(5005) })
    expect(never.end()[0]?.what).toMatch(/never settled/)
  })
  it('sees one wait when nobody is left', () => {
    const history = new History(requestSettlement, { names: 'ab' })
    history.step({ input: leave, at: 5, leaves: both(timer(5005), set('b', { status: 'dead' })) })
    expect(history.end()[0]?.what).toMatch(/nobody else is there/)
  })
})

describe('quiet-after-stop', () => {
  it('takes silence, and sees a word or a timer', () => {
    const stopped = () => new History(quietAfterStop).step({ input: { kind: 'stop' }, at: 5 })
    expect(
      stopped()
        .step({ input: packet(alive('b', 2)), at: 6 })
        .end(),
    ).toEqual([])
    expect(
      stopped()
        .step({ input: packet(alive('b', 2)), at: 6, effects: [send('b', alive('b', 2))] })
        .end(),
    ).toHaveLength(1)
    const timed = (machine: FakeMachine): void => {
      machine.deadline = { at: 9, reason: 'gossip' }
    }
    expect(new History(quietAfterStop).step({ input: { kind: 'stop' }, at: 5, leaves: timed }).end()).toHaveLength(1)
  })
  it('sees a process that goes on after its crash', () => {
    const history = new History(quietAfterStop)
    history.lifecycle(history.a, 'crash', 5)
    history.a.state = 'crashed'
    expect(
      history.step({ input: packet(alive('b', 2)), at: 6, leaves: set('b', { incarnation: 2 }) }).end(),
    ).toHaveLength(1)
  })
})

describe('memory-bounds', () => {
  const learnt = (name: string) =>
    new History(memoryBounds).step({ input: packet(alive(name, 1)), at: 5, leaves: set(name, {}) }).end()

  it('sees a name that nobody has', () => expect(learnt('x')[0]?.what).toMatch(/never was/))
  it('takes names of members, and sees a queue beyond its bound', () => {
    const run = (items: number) => {
      const history = new History(memoryBounds)
      history.a.machine.depths = { ...history.a.machine.depths, user: { items, bytes: items } }
      for (let at = 0; at < 64; at++)
        history.step({ input: packet(alive('b', at + 2)), at, leaves: set('b', { incarnation: at + 2 }) })
      return history.end()
    }
    expect(run(16_384)).toEqual([])
    expect(run(16_385)).toHaveLength(1)
  })
})

describe('determinism', () => {
  it('takes equal runs, and sees unequal ones', () => {
    expect(determinism(() => ({ hash: 'a', count: 1 }))).toBeUndefined()
    let runs = 0
    expect(determinism(() => ({ hash: 'a', count: ++runs }))?.checker).toBe('determinism')
  })
})
