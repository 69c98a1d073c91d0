import { Cluster } from '@hearsay/simulator'
import { describe, expect, it } from 'vitest'
import { threshold } from '../src/e1/run.ts'
import { meanPeriods, meanWait } from '../src/e5/models.ts'
import { crash } from '../src/e5/run.ts'
import { disseminate } from '../src/e7/run.ts'
import { massJoin } from '../src/e9/run.ts'
import { partition } from '../src/e13/run.ts'
import { Anomaly, choose } from '../src/profiles/anomaly.ts'
import { formed, SETTLED_MS } from '../src/profiles/formed.ts'
import { randomFrom } from '../src/statistics/random.ts'
import { mean } from '../src/statistics/summary.ts'

describe('formed clusters', () => {
  const pingPhases = (isSynchronous: boolean): readonly number[] => {
    const cluster = formed({ seed: 1, size: 200, profile: 'P-GO', isSynchronous })
    const phases: number[] = []
    cluster.observe({
      packet: (_from, _to, fate, parts, now) => {
        if (fate === 'sent' && parts[0]!.message.type === 'ping') phases.push(now % 1000)
      },
    })
    cluster.run(SETTLED_MS + 3000)
    return phases
  }

  it('probe in random phases, also those whose loops begin an interval after the start', () => {
    const phases = pingPhases(false)
    const tenths = new Array<number>(10).fill(0)
    for (const phase of phases) tenths[Math.floor(phase / 100)]!++
    // 600 pings: 60 ± 7 in a tenth.
    expect(Math.min(...tenths)).toBeGreaterThan(25)
  })

  it('probe all at once when that is asked for', () => expect(new Set(pingPhases(true))).toEqual(new Set([0])))
})

describe('anomalies', () => {
  it('hold back what members send and what reaches them, and let it all go at the end', () => {
    const cluster = formed({ seed: 2, size: 8, profile: 'P-GO' })
    const members = choose(cluster.nodes, 3, randomFrom(1))
    const anomaly = new Anomaly(cluster, members, { startMs: 2000, durationMs: 1500, pauseMs: 500 })
    const early: number[] = []
    let delivered = 0
    cluster.observe({
      packet: (from, to, fate, parts, now) => {
        // What was under way when it began still arrives.
        if (fate !== 'delivered' || now < 2010 || parts.length === 0) return
        const isHeld = anomaly.endAfter(now) !== undefined && (now - 2000) % 2000 > 10
        if (!isHeld) delivered++
        else if (members.includes(from) || (members.includes(to!) && to!.state === 'up')) early.push(now)
      },
    })
    cluster.run(12_000)
    expect(early).toEqual([])
    expect(delivered).toBeGreaterThan(50)
  })

  it('end when they are to end', () => {
    const cluster = new Cluster()
    cluster.form(4)
    const anomaly = new Anomaly(cluster, cluster.nodes.slice(0, 1), { startMs: 100, durationMs: 50, pauseMs: 10 })
    expect([99, 100, 149.9, 150, 159, 160, 209, 215].map((at) => anomaly.endAfter(at))).toEqual([
      undefined,
      150,
      150,
      undefined,
      undefined,
      210,
      210,
      undefined,
    ])
    const once = new Anomaly(cluster, cluster.nodes.slice(0, 1), { startMs: 100, durationMs: 50 })
    expect([99, 120, 150, 1e6].map((at) => once.endAfter(at))).toEqual([undefined, 150, undefined, undefined])
  })

  it('choose different members', () => {
    const cluster = new Cluster()
    cluster.form(10)
    expect(new Set(choose(cluster.nodes, 10, randomFrom(3))).size).toBe(10)
  })
})

describe('runs', () => {
  it('disseminate: everybody hears of it, each member sends the transmit limit', () => {
    const spread = disseminate({ size: 40, profile: 'P-GO', loss: 0, repetition: 0 })
    expect(spread.missed).toBe(0)
    // 4·⌈log10 41⌉
    expect(spread.copies).toBe(8)
    expect(spread.p50).toBeLessThanOrEqual(spread.p99)
    expect(spread.p99).toBeLessThanOrEqual(spread.last)
  })

  it('disseminate: later when packets are lost', () => {
    const last = (loss: number): number =>
      mean(
        Array.from({ length: 4 }, (_, repetition) => disseminate({ size: 30, profile: 'P-GO', loss, repetition }).last),
      )
    expect(last(0.5)).toBeGreaterThan(1.3 * last(0))
  })

  it('crash: probe, then suspicion one interval later, then death after the least timeout', () => {
    const options = { size: 12, profile: 'P-GO', isSynchronous: false, crashes: 1, isWaitOnly: false } as const
    for (let repetition = 0; repetition < 4; repetition++) {
      const { detections } = crash({ ...options, repetition })
      expect(detections).toHaveLength(1)
      const { probe, suspect, dead } = detections[0]!
      expect(suspect - probe).toBeGreaterThan(0.99)
      expect(suspect - probe).toBeLessThan(2.01)
      expect(dead - suspect).toBeGreaterThan(4 * Math.log10(12) - 0.01)
    }
  })

  it('threshold: an anomaly shorter than the suspicion is noticed by nobody, a long one by all', () => {
    const options = { profile: 'SWIM', count: 2, repetition: 0 } as const
    expect(threshold({ ...options, durationMs: 2048 }).first).toEqual([])
    const { first, full, spread } = threshold({ ...options, durationMs: 32_768 })
    expect(first).toHaveLength(2)
    expect(full).toHaveLength(2)
    // One interval and 5·log10 128 intervals after the first probe.
    expect(Math.min(...first)).toBeGreaterThan(11.53)
    expect(Math.min(...spread)).toBeGreaterThanOrEqual(0)
  })

  it('mass join and partition: all see all', () => {
    expect(massJoin({ size: 20, profile: 'P-TS', spreadMs: 500, repetition: 0 }).complete).toBeGreaterThan(0)
    const options = { size: 20, split: '50/50', lengthMs: 20_000, repetition: 0 } as const
    const ours = partition({ ...options, variant: 'P-TS' })
    expect(ours.healed).toBeGreaterThan(0)
    expect(ours.missingPairs).toBe(0)
    expect(ours.curve[0]![1]).toBeLessThan(0.6)
  })

  it('are the same for the same parameters, and others for others', () => {
    const options = { size: 20, profile: 'P-TS', loss: 0.1 } as const
    const { trace } = disseminate({ ...options, repetition: 1 })
    expect(disseminate({ ...options, repetition: 1 }).trace).toBe(trace)
    expect(disseminate({ ...options, repetition: 1, bytes: true }).trace).toBe(trace)
    expect(disseminate({ ...options, repetition: 2 }).trace).not.toBe(trace)
  })
})

describe('models of the first probe', () => {
  it('tend to those of the plan in large clusters', () => {
    expect(meanWait(10_000)).toBeCloseTo(1, 3)
    expect(meanPeriods(2000)).toBeCloseTo(Math.E / (Math.E - 1), 2)
  })

  it('are those of rings in small ones', () => {
    const random = randomFrom(5)
    const waits: number[] = []
    for (let trial = 0; trial < 20_000; trial++) {
      // Seven rings of seven slots, each at a random place of a pass; the next pass has another order.
      let soonest = Number.POSITIVE_INFINITY
      for (let ring = 0; ring < 7; ring++) {
        const now = random() * 7
        const here = Math.floor(random() * 7) + random()
        const wait = here > now ? here - now : 7 - now + Math.floor(random() * 7) + random()
        soonest = Math.min(soonest, wait)
      }
      waits.push(soonest)
    }
    expect(Math.abs(mean(waits) / meanWait(8) - 1)).toBeLessThan(0.03)
  })
})
