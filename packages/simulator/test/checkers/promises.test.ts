import { describe, expect, it } from 'vitest'
import { convergence } from '../../src/checkers/convergence.ts'
import { crashDetection } from '../../src/checkers/crash-detection.ts'
import { deafMember } from '../../src/checkers/deaf-member.ts'
import { gracefulLeave } from '../../src/checkers/graceful-leave.ts'
import { indirectRescue } from '../../src/checkers/indirect-rescue.ts'
import { noFalseDeath } from '../../src/checkers/no-false-death.ts'
import { quiescence } from '../../src/checkers/quiescence.ts'
import { refutation } from '../../src/checkers/refutation.ts'
import { movedRestart, restartRecovery } from '../../src/checkers/restart-recovery.ts'
import { type CheckerFactory, type FaultPlan, Forecast } from '../../src/index.ts'
import { addressOf, alive, deadline, event, History, member, packet, ping, send, set, suspect } from './history.ts'

const END = 1e7
const gone = 1e6
const loss: FaultPlan = [{ kind: 'loss', from: 'all', to: 'all', share: 0.3, atMs: 0, forMs: END }]
const history = (factory: CheckerFactory, plan: FaultPlan = [], names = 'abc'): History =>
  new History(factory, { forecast: new Forecast(plan, END), names })

/** All others hold `b` for this. */
const holding = (each: History, status: 'alive' | 'suspect' | 'dead' | 'left', changes = {}): void => {
  for (const node of each.nodes) if (node.name !== 'b') set('b', { status, ...changes })(node.machine)
}

/** No law is tested in vain, except where its condition is the point. */
const verdict = (each: History): readonly unknown[] => {
  each.laws.end(END)
  return each.laws.violations
}
const tests = (each: History): number => each.laws.checkers[0]!.evaluations

describe('crash-detection', () => {
  const crashed = (status: 'dead' | 'suspect', plan: FaultPlan = []) => {
    const each = history(crashDetection, plan)
    const b = each.nodes[1]!
    each.lifecycle(b, 'crash', 1000)
    b.state = 'crashed'
    b.running = undefined
    holding(each, status)
    return each.step({ input: packet(alive('c', 1)), at: gone })
  }

  it('takes the dead for dead, and sees one who is only suspected', () => {
    expect(crashed('dead').end(END)).toEqual([])
    expect(crashed('suspect').end(END)).toHaveLength(2)
  })
  it('promises nothing where a third of the packets is lost', () => {
    const each = crashed('suspect', loss)
    expect(verdict(each)).toEqual([])
    expect(tests(each)).toBe(0)
  })
})

describe('refutation', () => {
  // Three members: five probes and the gossip of eight rounds.
  const BEGIN = 20_000
  const ended = (type: 'alive' | 'fail', at: number, plan: FaultPlan = []) => {
    const each = history(refutation, plan)
    each.step({
      input: packet(suspect('b', 1)),
      at: BEGIN,
      effects: [event('suspect', member('b'))],
      leaves: set('b', { status: 'suspect' }),
    })
    const status = type === 'alive' ? 'alive' : 'dead'
    return each.step({
      input: deadline,
      due: 'suspicion',
      at,
      effects: [event(type, member('b'))],
      leaves: set('b', { status }),
    })
  }

  it('takes one who is heard in time', () => expect(ended('alive', 26_600).end()).toEqual([]))
  it('sees the living die, or be heard too late', () => {
    expect(ended('fail', 24_000).end()).toHaveLength(1)
    expect(ended('alive', 26_601).end()).toHaveLength(1)
  })
  it('promises nothing where packets are lost', () => expect(tests(ended('fail', 24_000, loss))).toBe(0))
})

describe('no-false-death and convergence', () => {
  it('take agreement', () => {
    expect(history(noFalseDeath).end(END)).toEqual([])
    expect(history(convergence).end(END)).toEqual([])
  })
  it('see one held dead, or suspected, for ever', () => {
    for (const status of ['dead', 'suspect'] as const) {
      const each = history(noFalseDeath)
      holding(each, status)
      expect(each.end(END)).toHaveLength(2)
    }
  })
  it('see another incarnation, address or metadata, and a ghost', () => {
    for (const changes of [{ incarnation: 2 }, { address: addressOf('z') }, { meta: Uint8Array.of(1) }]) {
      const each = history(convergence)
      holding(each, 'alive', changes)
      expect(each.end(END)).toHaveLength(2)
    }
    const each = history(convergence)
    each.nodes[1]!.running = undefined
    expect(each.end(END)[0]?.what).toMatch(/ghosts: b/)
  })
  it('promise nothing while faults go on', () => {
    const each = history(noFalseDeath, loss)
    holding(each, 'dead')
    expect(verdict(each)).toEqual([])
  })
})

describe('graceful-leave', () => {
  const left = (status: 'left' | 'dead' | 'alive', told = false) => {
    const each = history(gracefulLeave)
    const b = each.nodes[1]!
    b.state = 'left'
    each.lifecycle(b, 'leave', 100_000)
    holding(each, status)
    if (told) each.step({ input: deadline, due: 'suspicion', at: 100_500, effects: [event('fail', member('b'))] })
    return each.step({ input: packet(alive('c', 1)), at: gone }).end(END)
  }

  it('takes one who is left everywhere', () => expect(left('left')).toEqual([]))
  it('sees one held alive or dead, or declared dead on the way', () => {
    expect(left('alive')).toHaveLength(2)
    expect(left('dead')).toHaveLength(2)
    expect(left('left', true)).toHaveLength(1)
  })
})

describe('restart-recovery and moved-restart', () => {
  const back = (factory: CheckerFactory, at: string, held: { status: 'alive' | 'dead'; address: string }) => {
    const each = history(factory)
    const b = each.nodes[1]!
    each.lifecycle(b, 'crash', 1000)
    b.endpoint = at
    each.lifecycle(b, 'restart', 5000)
    for (const node of each.nodes) set('b', node === b ? { address: at } : held)(node.machine)
    return each.step({ input: packet(alive('c', 1)), at: gone }).end(END)
  }
  const [here, there] = [addressOf('b'), addressOf('z')]

  it('take one who is alive where it is', () => {
    expect(back(restartRecovery, here, { status: 'alive', address: here })).toEqual([])
    expect(back(movedRestart, there, { status: 'alive', address: there })).toEqual([])
  })
  it('see one held dead, or where it was', () => {
    expect(back(restartRecovery, here, { status: 'dead', address: here })).not.toEqual([])
    expect(back(movedRestart, there, { status: 'alive', address: here })).not.toEqual([])
  })
})

const cut = (from: number[] | 'all', to: number[], forMs = 500_000): FaultPlan[0] => ({
  kind: 'cut',
  from,
  to,
  atMs: 0,
  forMs,
})

describe('indirect-rescue', () => {
  const probed = (plan: FaultPlan, isAnswered: boolean) => {
    const each = history(indirectRescue, plan)
    each.step({ input: deadline, due: 'probe-tick', at: 1000, effects: [send('b', ping('b', 1))] })
    const request = {
      type: 'indirect-ping',
      seqNo: 1,
      target: null,
      port: 0,
      node: 'b',
      nack: true,
      sourceAddress: null,
      sourcePort: 0,
      sourceNode: 'a',
    } as const
    each.step({ input: deadline, due: 'probe-direct', at: 1500, effects: [send('c', request)] })
    if (isAnswered) return each.step({ input: packet({ type: 'ack', seqNo: 1, payload: null }), at: 1600 })
    return each.step({ input: deadline, due: 'probe-deadline', at: 2000 })
  }
  const pair = [cut([0], [1]), cut([1], [0])]

  it('takes a rescue, and sees none', () => {
    expect(probed(pair, true).end()).toEqual([])
    expect(probed(pair, false).end()).toHaveLength(1)
  })
  it('promises nothing where others are cut off, too', () =>
    expect(tests(probed([...pair, cut([0], [2])], false))).toBe(0))
})

describe('deaf-member', () => {
  const deaf = (status: 'dead' | 'alive', health: number, forMs = 500_000) => {
    const each = history(deafMember, [cut('all', [1], forMs)], 'abcd')
    holding(each, status)
    each.nodes[1]!.machine.healthScore = health
    return each.step({ input: packet(alive('c', 1)), at: gone })
  }

  it('takes one who is dead to all and worst to itself', () => expect(deaf('dead', 7).end()).toEqual([]))
  it('sees one who lives, or feels well', () => {
    expect(deaf('alive', 7).end()).toHaveLength(3)
    expect(deaf('dead', 6).end()).toHaveLength(1)
  })
  it('promises nothing for a moment', () => expect(tests(deaf('alive', 0, 1000))).toBe(0))
})

describe('quiescence', () => {
  const last = (pings: number, others = 0) => {
    const each = history(quiescence, [], 'ab')
    for (const node of each.nodes)
      for (let count = 0; count < pings; count++) {
        const at = END - 30_000 + count * 1000
        each.step({ input: deadline, due: 'probe-tick', at, effects: [send('b', ping('b', count))] }, node)
      }
    for (let count = 0; count < others; count++)
      each.step({ input: deadline, at: END - 5, effects: [send('b', alive('b', 1), alive('a', 1))] })
    return each
  }

  it('takes one ping an interval', () => expect(last(30).end(END)).toEqual([]))
  it('sees too many, too few, gossip, and what waits', () => {
    expect(last(33).end(END)).toHaveLength(2)
    expect(last(27).end(END)).toHaveLength(2)
    expect(last(30, 1).end(END)).toHaveLength(1)
    const each = last(30)
    each.a.machine.depths = { ...each.a.machine.depths, user: { items: 1, bytes: 1 } }
    expect(each.end(END)).toHaveLength(1)
  })
})
