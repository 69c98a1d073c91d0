// Goal: the turn keeps its promises about order, time and fairness. Method: a host whose clock, event loop and socket
// buffer are plain variables, so that a packet can have arrived and yet be unread; a machine that follows a script, and
// where somebody is judged, the real one.

import { defaultVersions } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { DeadlineReason } from '../src/deadline.ts'
import type { MemberEvent } from '../src/member.ts'
import { Turn } from '../src/turn.ts'
import { aliveOf, makeMachine, probing } from './harness.ts'
import { Deeds, Host, health, packet, scripted } from './host.ts'

describe('order', () => {
  it('finishes every effect of an input before it takes the next, and never enters the machine twice', () => {
    const { machine, rim, turn } = scripted()
    const log: string[] = []
    let inside = false
    machine.answer = (input) => {
      expect(inside).toBe(false)
      inside = true
      log.push(input.kind)
      inside = false
      return input.kind === 'start' ? [health(1), health(2)] : []
    }
    rim.perform = (effect) => {
      log.push(`effect ${(effect as { score: number }).score}`)
      // A listener asks for something in the middle of an effect.
      if ((effect as { score: number }).score === 1) turn.input({ kind: 'stop' })
      log.push('done')
    }
    turn.input({ kind: 'start' })
    expect(log).toEqual(['start', 'effect 1', 'done', 'effect 2', 'done', 'stop'])
  })

  it('takes what several listeners ask for in the order in which they asked', () => {
    const { machine, rim, turn } = scripted()
    machine.answer = (input) => (input.kind === 'start' ? [health(1), health(2), health(3)] : [])
    rim.perform = (effect) => turn.input({ kind: 'lag', lagMs: (effect as { score: number }).score })
    turn.input({ kind: 'start' })
    expect(machine.heard.slice(1)).toEqual([1, 2, 3].map((lagMs) => ({ kind: 'lag', lagMs })))
  })
})

describe('time', () => {
  it('arms one timer, for the next deadline, and moves it when the deadline moves', () => {
    const { host, machine, turn } = scripted([[500, 'gossip']])
    turn.input({ kind: 'start' })
    expect(host.armedFor).toEqual([500])
    machine.deadlines = [{ at: 200, reason: 'gossip' }]
    turn.input(packet())
    expect(host.armedFor).toEqual([200])
    machine.deadlines = []
    turn.input(packet())
    host.nowMs = 1000
    host.rounds()
    expect(machine.kinds()).not.toContain('deadline')
  })

  it('looks again when a timer is early, and fires nothing before it is due', () => {
    const { host, machine, turn } = scripted([[500, 'gossip']])
    turn.input({ kind: 'start' })
    host.nowMs = 498.5
    host.round(2)
    expect(machine.kinds()).toEqual(['start'])
    expect(host.armedFor).toEqual([500])
    host.nowMs = 500
    host.round()
    expect(machine.kinds()).toEqual(['start', 'deadline'])
  })

  it('fires each due deadline by itself until none is due', () => {
    const { host, machine, turn } = scripted([
      [100, 'gossip'],
      [100, 'probe-tick'],
      [150, 'push-pull'],
      [900, 'reap'],
    ])
    turn.input({ kind: 'start' })
    host.nowMs = 200
    host.rounds()
    expect(machine.kinds().filter((kind) => kind === 'deadline')).toHaveLength(3)
    expect(host.armedFor).toEqual([900])
  })

  it('does nothing any more once stopped, and leaves no timer behind', () => {
    const { host, machine, turn, arrive } = scripted([[100, 'suspicion']])
    turn.input({ kind: 'start' })
    host.nowMs = 100
    // Stopped in the middle of draining.
    host.round()
    turn.stop()
    arrive(packet())
    host.rounds()
    turn.input(packet())
    expect(host.armedFor).toEqual([])
    expect(machine.kinds()).not.toContain('deadline')
    expect(machine.kinds()).not.toContain('packet')
  })
})

describe('stopping', () => {
  it('calls the timer off', () => {
    const { host, turn } = scripted([[100, 'gossip']])
    turn.input({ kind: 'start' })
    expect(host.armedFor).toEqual([100])
    turn.stop()
    expect(host.armedFor).toEqual([])
  })
})

describe('draining before judging', () => {
  it.each<DeadlineReason>(['probe-direct', 'probe-deadline', 'suspicion'])(
    'reads all that has arrived before %s',
    (reason) => {
      const { host, machine, turn, arrive } = scripted([[100, reason]])
      turn.input({ kind: 'start' })
      host.nowMs = 101
      for (let i = 0; i < 20; i++) arrive(packet())
      host.rounds()
      expect(machine.kinds().filter((kind) => kind !== 'lag')).toEqual([
        'start',
        ...Array(20).fill('packet'),
        'deadline',
      ])
    },
  )

  it('waits for two quiet rounds: one brings nothing while a connection is being accepted', () => {
    const { host, machine, turn, arrive } = scripted([[100, 'probe-deadline']])
    turn.input({ kind: 'start' })
    host.nowMs = 100
    arrive(packet())
    host.unread.push(() => {}) // a round in which nothing can be read yet
    arrive(packet())
    host.rounds()
    expect(machine.kinds()).toEqual(['start', 'packet', 'packet', 'deadline'])
  })

  it('gives up after a quarter of the probe timeout when more keeps arriving', () => {
    const { host, machine, turn, rim } = scripted([[100, 'suspicion']], 400)
    turn.input({ kind: 'start' })
    host.nowMs = 100
    const flood = (): void => {
      rim.activity++
      host.nowMs += 10
      host.unread.push(flood)
    }
    flood()
    const startedAt = host.nowMs
    for (let i = 0; i < 100 && !machine.kinds().includes('deadline'); i++) host.round()
    expect(machine.kinds()).toContain('deadline')
    // A hundred milliseconds, and at most one round more.
    expect(host.nowMs - startedAt).toBeGreaterThanOrEqual(90)
    expect(host.nowMs - startedAt).toBeLessThanOrEqual(120)
  })

  it('holds nothing up that judges nobody', () => {
    const { host, machine, turn, arrive } = scripted([[100, 'gossip']])
    turn.input({ kind: 'start' })
    host.nowMs = 100
    arrive(packet())
    host.round()
    expect(machine.kinds()).toEqual(['start', 'deadline', 'packet'])
  })

  it('tells the machine how late it is before it judges', () => {
    const { host, machine, turn } = scripted([[100, 'probe-deadline']])
    turn.input({ kind: 'start' })
    host.nowMs = 400
    host.rounds()
    expect(machine.heard).toEqual([{ kind: 'start' }, { kind: 'lag', lagMs: 300 }, { kind: 'deadline' }])
  })
})

describe('the detector behind the turn', () => {
  /** A member that knows `n2` and nobody else, and probes it. */
  function prober() {
    const host = new Host()
    const machine = makeMachine({ tuning: { ...probing, probe: { ...probing.probe, streamFallback: false } } })
    const rim = new Deeds()
    const events: MemberEvent[] = []
    const pings: number[] = []
    rim.perform = (effect) => {
      if (effect.kind === 'event') events.push(effect.event)
      if (effect.kind === 'send-packet')
        for (const { message } of effect.parts) if (message.type === 'ping') pings.push(message.seqNo)
    }
    const turn = new Turn(machine, rim, host, probing.probe.timeoutMs)
    turn.input({ kind: 'start' })
    turn.input(packet(aliveOf(2, 1, { versions: defaultVersions })))
    const suspected = (): boolean => events.some((event) => event.type === 'suspect')
    const runTo = (reason: DeadlineReason): void => {
      for (let i = 0; i < 100 && machine.nextDeadline()!.reason !== reason; i++) {
        host.nowMs = machine.nextDeadline()!.at
        host.rounds()
      }
      expect(machine.nextDeadline()!.reason).toBe(reason)
    }
    const ackArrives = (): void => {
      const seqNo = pings.at(-1)!
      host.unread.push(() => {
        rim.activity++
        turn.input(packet({ type: 'ack', seqNo, payload: null }))
      })
    }
    return { host, machine, suspected, runTo, ackArrives }
  }

  it('does not suspect a member whose answer has arrived and is not read yet', () => {
    const { host, machine, suspected, runTo, ackArrives } = prober()
    runTo('probe-deadline')
    ackArrives()
    host.nowMs = machine.nextDeadline()!.at
    host.rounds()
    expect(suspected()).toBe(false)
    expect(machine.healthScore).toBe(0)
  })

  it('suspects a member that did not answer', () => {
    const { host, machine, suspected, runTo } = prober()
    runTo('probe-deadline')
    host.nowMs = machine.nextDeadline()!.at
    host.rounds()
    expect(suspected()).toBe(true)
  })

  it('blames itself, not the member, after a stall of its own', () => {
    const { host, machine, suspected, runTo } = prober()
    runTo('probe-deadline')
    host.nowMs = machine.nextDeadline()!.at + probing.probe.timeoutMs
    host.rounds()
    expect(suspected()).toBe(false)
    expect(machine.healthScore).toBe(1)
  })
})
