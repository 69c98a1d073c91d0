import { describe, expect, it } from 'vitest'
import {
  endOf,
  type Fault,
  type FaultPlan,
  Forecast,
  faultKinds,
  healedAt,
  randomPlan,
  type Scenario,
  shrink,
  stormKinds,
  World,
} from '../../src/index.ts'

const options = { nodes: 7, fromMs: 5000, untilMs: 60_000 }
const drawn = (seed: number, kinds?: readonly Fault['kind'][]): FaultPlan =>
  randomPlan(new World({ seed }).random('plan'), kinds ? { ...options, kinds } : options)

describe('a random plan', () => {
  it('is the same for the same seed, and survives being written down', () => {
    expect(drawn(3)).toEqual(drawn(3))
    expect(drawn(3)).not.toEqual(drawn(4))
    expect(JSON.parse(JSON.stringify(drawn(3)))).toEqual(drawn(3))
  })

  it('is in order, of members that there are, and over in time', () => {
    for (let seed = 0; seed < 300; seed++) {
      const plan = drawn(seed)
      expect(healedAt(plan)).toBeLessThanOrEqual(options.untilMs)
      for (const [index, fault] of plan.entries()) {
        expect(fault.atMs).toBeGreaterThanOrEqual(Math.max(options.fromMs, plan[index - 1]?.atMs ?? 0))
        const numbers = JSON.stringify(fault).match(/"(?:node|to|via|about)":(\d+)/g) ?? []
        for (const number of numbers) expect(Number(number.split(':')[1])).toBeLessThan(options.nodes)
      }
    }
  })

  it('leaves no kind out for ever, and is not always of all', () => {
    const kinds = Array.from({ length: 100 }, (_, seed) => new Set(drawn(seed).map(({ kind }) => kind)))
    for (const kind of faultKinds) {
      const share = kinds.filter((each) => each.has(kind)).length
      expect(share, kind).toBeGreaterThan(20)
      expect(share, kind).toBeLessThan(80)
    }
    expect([...stormKinds].sort()).toEqual([...faultKinds].sort())
  })

  it('has the kinds that it is given', () =>
    expect(new Set(drawn(1, ['crash', 'meta']).map(({ kind }) => kind))).toEqual(new Set(['crash', 'meta'])))
})

describe('a forecast', () => {
  const spell: Fault = { kind: 'loss', from: 'all', to: 'all', share: 0.1, atMs: 1000, forMs: 500 }
  const stall: Fault = { kind: 'stall', node: 1, forMs: 300, atMs: 4000 }
  const forecast = new Forecast([spell, stall], 9000)

  it('knows when the last fault is over', () => {
    expect(forecast.healedAtMs).toBe(4300)
    expect(endOf({ kind: 'crash', node: 0, downMs: 700, incarnation: 'lower', address: 'same', atMs: 10 })).toBe(710)
  })
  it('knows when everything is well, and when almost', () => {
    expect(forecast.isFair(0, 999)).toBe(true)
    expect(forecast.isFair(1500, 1600)).toBe(false)
    expect(forecast.isFair(1501, 3999)).toBe(true)
    expect(forecast.isConnected(900, 1600)).toBe(true)
    expect(forecast.isConnected(900, 4100)).toBe(false)
    expect(forecast.has('stall', 'crash')).toBe(true)
    expect(forecast.has('crash')).toBe(false)
  })
})

describe('shrinking', () => {
  const plan = drawn(5)
  const start: Scenario = { nodes: 40, plan }

  it('finds the one fault that matters, few members, and short spells', () => {
    const cut: Fault = { kind: 'cut', from: [1], to: [2], atMs: 20_000, forMs: 16_000 }
    const stall: Fault = { kind: 'stall', node: 3, forMs: 8000, atMs: 30_000 }
    const all = [...plan, cut, stall]
    const fails = ({ nodes, plan: rest }: Scenario): boolean =>
      nodes >= 5 &&
      rest.some((fault) => fault.kind === 'cut' && fault.atMs === 20_000 && fault.forMs >= 900) &&
      rest.some((fault) => fault.kind === 'stall' && fault.atMs === 30_000)
    const smallest = shrink({ ...start, plan: all }, fails, { trials: 1000 })
    expect(smallest.nodes).toBe(5)
    expect(smallest.plan).toEqual([
      { ...cut, forMs: 1000 },
      { ...stall, forMs: 125 },
    ])
  })

  it('gives back what cannot be made smaller', () => {
    const fails = (scenario: Scenario): boolean => JSON.stringify(scenario) === JSON.stringify(start)
    expect(shrink(start, fails)).toEqual(start)
  })

  it('stops when it has tried often enough, with what still fails', () => {
    let trials = 0
    const smallest = shrink(start, () => ++trials > 0, { trials: 3 })
    expect(trials).toBe(3)
    expect(smallest.plan.length).toBeLessThan(plan.length)
  })
})
