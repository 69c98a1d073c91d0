// Goal: the laws that judge a run bite. Method: histories and counts that break one law each, written by hand.

import { describe, expect, it } from 'vitest'
import { differencesOf } from '../src/chaos/cluster.ts'
import type { LinkCount } from '../src/chaos/faults.ts'
import { enoughPackets, judged, outsideBand, wrongDeaths } from '../src/chaos/finding.ts'
import { meaning, type Report } from '../src/chaos/report.ts'

const report = (by: string, kind: Report['kind'], about: string, atMs = 1000): Report => ({ atMs, by, kind, about })
const link = (seen: number, dropped: number, protocol: LinkCount['protocol'] = 'udp'): LinkCount => ({
  from: 0,
  to: 1,
  protocol,
  seen,
  dropped,
})

describe('what a line means', () => {
  const go = (line: string) => meaning.go({ event: 'log', line }, 'go-1')
  it('reads the log of Go, as it has no events for doubts', () => {
    const at = '2026/11/26 21:48:03'
    expect(go(`${at} [INFO] memberlist: Suspect ts-3 has failed, no acks received`)).toEqual([
      { kind: 'suspected', about: 'ts-3' },
    ])
    expect(go(`${at} [WARN] memberlist: Refuting a suspect message (from: ts-2)`)).toEqual([
      { kind: 'refuted', about: 'go-1' },
    ])
    expect(
      go(`${at} [INFO] memberlist: Marking ts-3 as failed, suspect timeout reached (2 peer confirmations)`),
    ).toEqual([{ kind: 'declared', about: 'ts-3' }])
    expect(go(`${at} [DEBUG] memberlist: Initiating push/pull sync with: ts-1 10.77.0.16:7946`)).toEqual([])
  })

  it('takes a failure and a departure for the same: nobody departs here', () => {
    for (const side of ['go', 'ours'] as const)
      expect(meaning[side]({ event: 'leave', name: 'ts-1' }, 'go-1')).toEqual([{ kind: 'gone', about: 'ts-1' }])
    expect(meaning.ours({ event: 'fail', name: 'go-1', source: 'gossip' })).toEqual([{ kind: 'gone', about: 'go-1' }])
  })

  it('tells what one of ours found itself from what it heard', () => {
    const suspect = (source: string) => meaning.ours({ event: 'suspect', name: 'go-1', source })
    expect(suspect('probe')).toEqual([{ kind: 'suspected', about: 'go-1' }])
    expect(suspect('gossip')).toEqual([{ kind: 'heard', about: 'go-1' }])
  })
})

describe('doubts and deaths', () => {
  it('counts a refutation for one that was suspected before it', () => {
    const order = [report('a', 'suspected', 'b'), report('b', 'refuted', 'b')]
    expect(judged(order, 0)).toMatchObject({ suspicions: 1, refutations: 1, refuted: ['b'] })
    expect(judged(order.toReversed(), 0).refuted).toEqual([])
  })

  it('names whoever held a healthy one dead, once', () => {
    const { deaths } = judged([report('a', 'gone', 'b'), report('a', 'gone', 'b', 2000), report('a', 'gone', 'c')], 0)
    expect(wrongDeaths({ deaths }, ['c'])).toEqual(['a held b dead after 1000 ms'])
    expect(wrongDeaths({ deaths }, ['b', 'c'])).toEqual([])
  })
})

describe('shares of what was dropped', () => {
  const band = (...links: LinkCount[]) => outsideBand(links, 0.08, 0.12)
  it('takes 8 to 12 %', () => {
    expect(band(link(enoughPackets, enoughPackets * 0.08), link(enoughPackets, enoughPackets * 0.12))).toEqual([])
  })
  it('refuses more, less, nothing at all, and too few packets to tell', () => {
    for (const share of [0, 0.07, 0.13, 1])
      expect(band(link(enoughPackets, enoughPackets * share)), `${share}`).toHaveLength(1)
    expect(band(link(enoughPackets - 10, (enoughPackets - 10) / 10))).toEqual([expect.stringMatching(/too few/)])
  })
  it('looks at packets, since a stream sends again what was lost', () => {
    expect(band(link(10, 5, 'tcp'))).toEqual([])
  })
})

describe('agreement', () => {
  const running = new Map([
    ['a', '10.77.0.11:7946'],
    ['b', '10.77.0.12:7946'],
  ])
  const alive = (name: string, address: string) => ({ name, address, status: 'alive', incarnation: 1 }) as const
  const whole = [alive('a', '10.77.0.11:7946'), alive('b', '10.77.0.12:7946')]

  it('is that everybody is there, alive, at the right address, and nobody else', () => {
    expect(differencesOf('a', whole, running)).toEqual([])
    expect(differencesOf('a', [...whole, { ...whole[0]!, name: 'c', status: 'dead' }], running)).toEqual([])
  })
  it.each([
    ['one is missing', whole.slice(0, 1), 'a does not know b'],
    ['one is suspected', [whole[0]!, { ...whole[1]!, status: 'suspect' as const }], 'a has b as suspect'],
    ['one is elsewhere', [whole[0]!, alive('b', '10.77.0.112:7946')], 'a has b at 10.77.0.112:7946'],
    ['one is a ghost', [...whole, alive('c', '10.77.0.13:7946')], 'a has c as alive, which does not run'],
  ])('is not when %s', (_, states, difference) => {
    expect(differencesOf('a', states, running)).toEqual([expect.stringContaining(difference)])
  })
})
