import { describe, expect, it } from 'vitest'
import {
  Acquaintances,
  apply,
  Cluster,
  FaultCounts,
  type FaultPlan,
  faultLabels,
  type SimNode,
} from '../../src/index.ts'

const formed = (size: number, plan: FaultPlan, seed = 1) => {
  const counts = new FaultCounts()
  const acquaintances = new Acquaintances()
  const cluster = new Cluster({ seed, observers: [counts, acquaintances] })
  cluster.form(size)
  const done = apply(plan, cluster)
  return { cluster, counts: counts.counts, done, acquaintances }
}
const held = (node: SimNode | undefined, name: string | undefined): string | undefined =>
  node?.machine.member(name ?? '')?.status

describe('a plan that is carried out', () => {
  it('loses packets while its spell lasts, and no longer', () => {
    const { cluster, counts } = formed(4, [{ kind: 'loss', from: 'all', to: 'all', share: 1, atMs: 2000, forMs: 3000 }])
    cluster.run(2000)
    expect(counts.get('packet lost')).toBe(0)
    cluster.run(5000)
    const lost = counts.get('packet lost')!
    expect(lost).toBeGreaterThan(5)
    cluster.run(60_000)
    expect(counts.get('packet lost')).toBe(lost)
  })

  it('lets spells overlap: the end of one does not end the other', () => {
    const { cluster, counts } = formed(3, [
      { kind: 'cut', from: [0], to: 'all', atMs: 0, forMs: 30_000 },
      { kind: 'partition', groups: [[0], [1, 2]], atMs: 1000, forMs: 2000 },
      { kind: 'loss', from: [0], to: [1], share: 0.5, atMs: 1000, forMs: 2000 },
    ])
    cluster.run(3500)
    const cutSoFar = counts.get('packet cut')!
    cluster.run(29_000)
    expect(counts.get('packet cut')).toBeGreaterThan(cutSoFar)
    expect(held(cluster.nodes[1], cluster.nodes[0]?.name)).not.toBe('alive')
    cluster.run(31_000)
    const inAll = counts.get('packet cut')!
    cluster.run(120_000)
    expect(counts.get('packet cut')).toBe(inAll)
  })

  it('crashes and brings back, at whatever incarnation and address', () => {
    const crash = { kind: 'crash', downMs: 1000, atMs: 1000 } as const
    const { cluster, counts } = formed(5, [
      { ...crash, node: 1, incarnation: 'lower', address: 'same' },
      { ...crash, node: 2, incarnation: 'higher', address: 'new' },
      { ...crash, node: 3, incarnation: 'same', address: 'same', downMs: undefined },
    ])
    const before = cluster.nodes.map(({ endpoint }) => endpoint)
    cluster.run(1500)
    expect(cluster.nodes.map(({ state }) => state)).toEqual(['up', 'crashed', 'crashed', 'crashed', 'up'])
    cluster.run(10_000)
    expect(cluster.nodes.map(({ state }) => state)).toEqual(['up', 'up', 'up', 'crashed', 'up'])
    expect(cluster.nodes.map(({ endpoint }, index) => endpoint === before[index])).toEqual([
      true,
      true,
      false,
      true,
      true,
    ])
    expect(counts.get('restart, other address')).toBe(1)
    expect(counts.get('crash')).toBe(3)
  })

  it('does everything else that members can suffer or do', () => {
    const at = { atMs: 1000 }
    const { cluster, counts, done } = formed(6, [
      { kind: 'stall', node: 0, forMs: 3000, ...at },
      { kind: 'clock', node: 1, rate: 2, forMs: 2000, ...at },
      { kind: 'meta', node: 1, ...at },
      { kind: 'leave', node: 2, next: 'stop', backMs: 3000, ...at },
      { kind: 'leave', node: 3, next: 'rejoin', backMs: 3000, ...at },
      { kind: 'broadcast', node: 1, count: 3, sizeBytes: 20, class: 'user', ...at },
      { kind: 'newcomer', via: 1, ...at },
      { kind: 'slander', to: 4, about: 5, claim: 'suspect', above: 2, ...at },
      { kind: 'ping', node: 4, to: 5, ...at },
      { kind: 'send', node: 4, to: 5, reliable: true, ...at },
      { kind: 'duplicate', from: 'all', to: 'all', share: 1, forMs: 500, ...at },
      { kind: 'delay', from: 'all', to: 'all', delayMs: 300, forMs: 3000, ...at },
      { kind: 'stream-refusal', from: 'all', to: [5], forMs: 3000, ...at },
    ])
    cluster.run(30_000)
    expect(done.size).toBe(12)
    for (const label of [
      'event loop stalled',
      'lag reported',
      'clock off',
      'metadata updated',
      'left',
      'stopped after leaving',
      'rejoined after leaving',
      'broadcast queued',
      'newcomer',
      'ping of the application',
      'message of the application',
      'packet duplicated',
      'packet late by 100 ms or more',
      'stream refused',
      'own claim refuted',
    ] as const)
      expect(counts.get(label), label).toBeGreaterThan(0)
    expect(cluster.nodes).toHaveLength(7)
    expect(held(cluster.nodes[4], cluster.nodes[3]?.name)).toBe('alive')
    expect(held(cluster.nodes[4], cluster.nodes[5]?.name)).toBe('alive')
  })

  it('passes over members that are not there', () => {
    const { cluster, done } = formed(2, [
      { kind: 'crash', node: 7, downMs: undefined, incarnation: 'same', address: 'same', atMs: 10 },
      { kind: 'slander', to: 0, about: 9, claim: 'dead', above: 1, atMs: 10 },
      { kind: 'clock', node: 8, rate: 2, atMs: 10, forMs: 10 },
    ])
    cluster.run(1000)
    expect([...done.keys()]).toEqual(['clock'])
  })

  it('counts nothing that did not happen', () => {
    const { cluster, counts } = formed(3, [])
    cluster.run(10_000)
    expect(faultLabels.filter((label) => counts.get(label) !== 0)).toEqual([])
  })
})

describe('acquaintances', () => {
  it('are all in one circle, until one comes who knows nobody', () => {
    const { cluster, acquaintances } = formed(3, [])
    cluster.run(100)
    expect(acquaintances.circles(cluster.nodes)).toHaveLength(1)
    const stranger = cluster.add()
    expect(acquaintances.circles(cluster.nodes).map(({ length }) => length)).toEqual([3, 1])
    stranger.join([cluster.nodes[0]!])
    cluster.run(1000)
    expect(acquaintances.circles(cluster.nodes)).toHaveLength(1)
  })
})
