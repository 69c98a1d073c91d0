// Goal: members measure how long beacons take, once each, and never their own (kv spec 6.3, check 51). Method: three nodes with a short
// interval, and a tracker on a store of its own.

import { asUnixMs, KvStore } from '@hearsay/kv'
import { beacon, DELAY_TRACKER_KEY, propagationDelayTracker } from '@hearsay/ring'
import { memoryNetwork } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { DELAY_BUCKETS_S, DelayTracker } from '../src/delay-tracker.ts'
import type { NodeOptions } from '../src/index.ts'
import { failure, soon, start } from './nodes.ts'

describe('the propagation delay tracker', () => {
  it('51. of three nodes publishes about one beacon an interval in all; each is received once by the others, never by its publisher', async () => {
    const network = memoryNetwork()
    const options = { transport: network, propagationDelayTracker: { beaconIntervalMs: 300 } }
    const a = await start({ name: 'a', ...options })
    const others = [
      await start({ name: 'b', ...options, join: [a.address] }),
      await start({ name: 'c', ...options, join: [a.address] }),
    ]
    const all = [a, ...others]
    const sum = (of: 'beaconsPublished' | 'beaconsReceived' | 'count') =>
      all.reduce((total, node) => total + node.metrics().propagationDelay![of], 0)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    // Whose turn comes first in every interval may be the publisher of all.
    const measured = () => all.filter((node) => node.metrics().propagationDelay!.count > 0).length
    await soon(() => expect(measured()).toBeGreaterThanOrEqual(2))
    // Ten intervals; two that begin within a gossip of each other may both publish.
    expect(sum('beaconsPublished')).toBeGreaterThanOrEqual(4)
    expect(sum('beaconsPublished')).toBeLessThanOrEqual(22)
    await soon(() => {
      const [published, received] = [sum('beaconsPublished'), sum('beaconsReceived')]
      expect(received).toBeLessThanOrEqual(2 * published)
      expect(received).toBeGreaterThanOrEqual(2 * (published - 2))
    })
    expect(sum('count')).toBeLessThanOrEqual(sum('beaconsReceived'))
  })

  it('measures by the time in the beacon: not what is older than itself, and not what comes from the future', async () => {
    const store = new KvStore({ types: [propagationDelayTracker] })
    const lines: unknown[] = []
    const logger = {
      debug: () => {},
      info: () => {},
      warn: (_: string, fields: unknown) => lines.push(fields),
      error: () => {},
    }
    let now = 1_700_000_000_000
    const tracker = new DelayTracker(
      { store, name: 'me', logger: logger as never, wallNowMs: () => now },
      { beaconIntervalMs: 1e9, logLongerThanMs: 2000 },
    )
    tracker.start()
    const hear = async (id: string, ageMs: number) => {
      const state = new Map([[id, beacon(asUnixMs(now - ageMs), 'other')]])
      await store.mergeIn(DELAY_TRACKER_KEY, propagationDelayTracker, state)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await hear('1', 5000)
    expect(tracker.metrics.beaconsReceived).toBe(0)
    now += 10_000
    await hear('2', 30)
    await hear('3', 3000)
    await hear('4', -1000)
    await hear('2', 30)
    expect(tracker.metrics).toMatchObject({ beaconsReceived: 3, count: 2, sumSeconds: 3.03 })
    expect(tracker.metrics.buckets).toEqual(DELAY_BUCKETS_S.map((bound) => Number(bound >= 0.03) + Number(bound >= 3)))
    expect(lines).toEqual([{ publishedBy: 'other', delayMs: 3000 }])
    tracker.close()
    store.close()
  })

  it('is refused with what is no time', async () => {
    const options = { beaconIntervalMs: 0, logLongerThanMs: -1, beacon: 1 }
    const error = await failure({ transport: memoryNetwork(), propagationDelayTracker: options } as NodeOptions)
    expect(error.problems.map(({ path }) => path).sort()).toEqual([
      'propagationDelayTracker.beacon',
      'propagationDelayTracker.beaconIntervalMs',
      'propagationDelayTracker.logLongerThanMs',
    ])
  })
})
