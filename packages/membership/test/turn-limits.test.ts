// Goal: what a friendly run does not show of the turn: faults, floods, stalls. Method: the scripted host and machine.

import { describe, expect, it, vi } from 'vitest'
import { nodeSystem } from '../src/system.ts'
import { PACKETS_PER_TURN, WAITING_PACKETS_LIMIT } from '../src/turn.ts'
import { health, packet, scripted } from './host.ts'

const lags = (heard: readonly { kind: string; lagMs?: number }[]) => heard.filter(({ kind }) => kind === 'lag')

describe('a fault', () => {
  it('of one effect is reported, escapes to nobody, and costs none of the others', () => {
    const fault = vi.fn()
    const { machine, rim, turn } = scripted([], 400, { fault, overload() {} })
    machine.answer = () => [health(1), health(2)]
    const done: unknown[] = []
    rim.perform = (effect) => {
      if (effect.kind === 'health' && effect.score === 1) throw new Error('broken')
      done.push(effect)
    }
    turn.input({ kind: 'start' })
    expect(done).toEqual([health(2)])
    expect(fault).toHaveBeenCalledExactlyOnceWith(new Error('broken'), { kind: 'start' })
  })

  it('of the machine is reported, and the next input is taken', () => {
    const fault = vi.fn()
    const { machine, turn } = scripted([], 400, { fault, overload() {} })
    machine.answer = (input) => {
      if (input.kind === 'start') throw new Error('broken')
      return []
    }
    turn.input({ kind: 'start' })
    turn.input(packet())
    expect(fault).toHaveBeenCalledOnce()
    expect(machine.kinds()).toEqual(['start', 'packet'])
  })
})

describe('stopping', () => {
  it('in the middle of effects does none of the rest', () => {
    const { machine, rim, turn } = scripted()
    machine.answer = () => [health(1), health(2)]
    const done: unknown[] = []
    rim.perform = (effect) => {
      done.push(effect)
      turn.stop()
    }
    turn.input({ kind: 'start' })
    expect(done).toEqual([health(1)])
  })
})

describe('a flood', () => {
  it('lets the rest of the process have its turn after 256 packets, and loses none of them', () => {
    const { host, machine, turn } = scripted()
    for (let count = 0; count < 1000; count++) turn.input(packet())
    expect(machine.heard).toHaveLength(PACKETS_PER_TURN)
    host.rounds()
    expect(machine.heard).toHaveLength(1000)
  })

  it('beyond what may wait is refused and counted, newest first', () => {
    const overload = vi.fn()
    const { host, machine, turn } = scripted([], 400, { fault() {}, overload })
    for (let count = 0; count < PACKETS_PER_TURN + WAITING_PACKETS_LIMIT + 7; count++) turn.input(packet())
    expect(overload).toHaveBeenCalledTimes(7)
    host.rounds()
    expect(machine.heard).toHaveLength(PACKETS_PER_TURN + WAITING_PACKETS_LIMIT)
  })
})

describe('lateness', () => {
  it('is told once for one stall, whatever it leads to', () => {
    const { host, machine, turn } = scripted([[100, 'suspicion']])
    turn.input({ kind: 'start' })
    host.nowMs = 400
    host.rounds()
    expect(lags(machine.heard)).toEqual([{ kind: 'lag', lagMs: 300 }])
  })

  it('is told of any timer, not only of one that judges', () => {
    const { host, machine, turn } = scripted([[100, 'gossip']])
    turn.input({ kind: 'start' })
    host.nowMs = 500
    host.rounds()
    expect(machine.kinds()).toEqual(['start', 'lag', 'deadline'])
  })

  it('is what a drain that was cut short counts as: something that arrived is unread', () => {
    const { host, machine, rim, turn } = scripted([[100, 'probe-deadline']])
    turn.input({ kind: 'start' })
    host.nowMs = 100
    for (let round = 0; round < 40 && !machine.kinds().includes('deadline'); round++) {
      rim.activity++
      host.round()
      host.nowMs += 5
    }
    expect(machine.kinds()).toEqual(['start', 'lag', 'deadline'])
    expect(lags(machine.heard)[0]?.lagMs).toBeGreaterThanOrEqual(400)
  })
})

describe('the timers of this process', () => {
  it('take delays beyond what Node knows without going off at once', async () => {
    const fired = vi.fn()
    const disarm = nodeSystem().arm(2 ** 31 + 5, fired)
    await new Promise((resolve) => setTimeout(resolve, 10))
    disarm()
    expect(fired).not.toHaveBeenCalled()
  })
})
