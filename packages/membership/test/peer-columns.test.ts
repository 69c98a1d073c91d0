// Goal: the columns are a table of records, whatever is done to it. Method: the same random operations on them and on a map
// of plain objects; every getter is compared after each operation for the record that was touched, and for all at the end.
import { formatAddress, type Versions } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemberStatus } from '../src/member.ts'
import { PeerColumns } from '../src/peer-columns.ts'
import { indices, NOBODY, type PeerRecord } from '../src/peer-table.ts'
import { ip, versionsOf } from './harness.ts'

type Model = { -readonly [Field in keyof PeerRecord]: PeerRecord[Field] } & { index: number; rttMs: number | undefined }

const mapped = (last: number): Uint8Array => {
  const bytes = new Uint8Array(16)
  bytes.set([0xff, 0xff], 10)
  bytes.set(ip(last), 12)
  return bytes
}
const v6 = (last: number): Uint8Array => {
  const bytes = new Uint8Array(16)
  bytes.set([0x20, 0x01, 0x0d, 0xb8], 0)
  bytes[15] = last
  return bytes
}
/** Few, so that two names often share one, and each in all its forms. */
const addresses = [ip(1), ip(2), mapped(1), mapped(2), v6(1), v6(2), new Uint8Array(4)]
const ports = [7946, 7947, 1, 65_535]
const metas = [0, 1, 3, 64, 512, 600].map((length) => Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 255))
const versions: readonly (Versions | null)[] = [null, versionsOf({}), versionsOf({ delegateMax: 9 })]
const statuses: readonly MemberStatus[] = ['alive', 'suspect', 'dead', 'left']

const operation = fc.record({
  kind: fc.constantFrom('add', 'add', 'remove', 'endpoint', 'meta', 'status', 'status', 'numbers', 'versions', 'rtt'),
  name: fc.nat(11).map((number) => `n${number}`),
  address: fc.nat(addresses.length - 1),
  port: fc.nat(ports.length - 1),
  meta: fc.nat(metas.length - 1),
  versions: fc.nat(versions.length - 1),
  status: fc.nat(3),
  number: fc.oneof(fc.constantFrom(0, 1, 2 ** 32 - 1), fc.nat(2 ** 32 - 1)),
  at: fc.double({ min: 0, max: 1e9, noNaN: true }),
})
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never

const recordOf = (each: Operation): PeerRecord => ({
  name: each.name,
  address: addresses[each.address]!,
  port: ports[each.port]!,
  meta: metas[each.meta]!,
  versions: versions[each.versions]!,
  incarnation: each.number,
  evidence: each.number,
  status: statuses[each.status]!,
  statusSinceMs: each.at,
})

const isLive = ({ status }: { readonly status: MemberStatus }): boolean => status === 'alive' || status === 'suspect'
const endpointOf = ({ address, port }: Pick<PeerRecord, 'address' | 'port'>): string => formatAddress(address, port)

const isSelf = (name: string): boolean => name === 'me'
const own: PeerRecord = { ...recordOf({} as Operation), name: 'me', address: ip(1), port: 7946 }
const self: PeerRecord = {
  ...own,
  meta: metas[1]!,
  versions: null,
  incarnation: 1,
  evidence: 1,
  status: 'alive',
  statusSinceMs: 0,
}

function apply(table: PeerColumns, model: Map<string, Model>, each: Operation): void {
  const found = model.get(each.name)
  if (each.kind === 'add') {
    if (found) return
    const record = recordOf(each)
    // Lent: whoever gave it may write over it afterwards.
    const [address, meta] = [record.address.slice(), record.meta.slice()]
    const index = table.add({ ...record, address, meta })
    address.fill(0xaa)
    meta.fill(0xaa)
    model.set(each.name, { ...record, index, rttMs: undefined })
    return
  }
  const changed = found ?? model.get('me')!
  const { index } = changed
  switch (each.kind) {
    case 'remove':
      table.remove(index)
      if (!isSelf(changed.name)) model.delete(changed.name)
      return
    case 'endpoint':
      changed.address = addresses[each.address]!
      changed.port = ports[each.port]!
      return table.setEndpoint(index, changed.address, changed.port)
    case 'meta':
      changed.meta = metas[each.meta]!
      return table.setMeta(index, changed.meta)
    case 'status': {
      const status = statuses[each.status]!
      if (status !== changed.status) changed.statusSinceMs = each.at
      changed.status = status
      return table.setStatus(index, status, each.at)
    }
    case 'numbers':
      changed.incarnation = each.number
      changed.evidence = 2 ** 32 - 1 - each.number
      table.setIncarnation(index, changed.incarnation)
      return table.setEvidence(index, changed.evidence)
    case 'versions':
      changed.versions = versions[each.versions]!
      return table.setVersions(index, changed.versions)
    case 'rtt':
      changed.rttMs = each.port / 4
      return table.setRtt(index, changed.rttMs)
  }
}

function compare(table: PeerColumns, expected: Model): void {
  const { index } = expected
  expect(table.has(index)).toBe(true)
  expect(table.find(expected.name)).toBe(index)
  expect({
    name: table.name(index),
    address: table.address(index).slice(),
    port: table.port(index),
    meta: table.meta(index).slice(),
    versions: table.versions(index),
    incarnation: table.incarnation(index),
    evidence: table.evidence(index),
    status: table.status(index),
    statusSinceMs: table.statusSinceMs(index),
    rttMs: table.rttMs(index),
    index,
  }).toEqual(expected)
  expect(table.endpoint(index)).toBe(endpointOf(expected))
  for (const meta of metas) expect(table.hasMeta(index, meta)).toBe(meta === expected.meta)
  for (const address of addresses)
    for (const port of ports)
      expect(table.isAt(index, address, port)).toBe(endpointOf({ address, port }) === endpointOf(expected))
}

function compareAll(table: PeerColumns, model: Map<string, Model>): void {
  const records = [...model.values()]
  for (const record of records) compare(table, record)
  expect([...indices(table)].sort((a, b) => a - b)).toEqual(records.map(({ index }) => index).sort((a, b) => a - b))
  expect(table.size).toBe(records.length)
  expect(table.liveCount).toBe(records.filter(isLive).length)
  expect(table.find('nobody')).toBe(NOBODY)
  for (const index of [NOBODY, table.capacity, table.capacity + 1000]) expect(table.has(index)).toBe(false)
  for (const address of addresses)
    for (const port of ports) {
      const there = records.filter((record) => endpointOf(record) === endpointOf({ address, port }))
      const allowed = (there.some(isLive) ? there.filter(isLive) : there).map(({ index }) => index)
      for (const found of [table.findAt(address, port), table.findEndpoint(formatAddress(address, port))])
        expect(allowed.length === 0 ? [NOBODY] : allowed).toContain(found)
    }
  const states = [...table.states()].map(({ name, meta, state, incarnation }) => ({ name, meta, state, incarnation }))
  expect(states.sort((a, b) => a.name.localeCompare(b.name))).toEqual(
    records
      .map(({ name, meta, status, incarnation }) => ({
        name,
        meta: meta.length === 0 ? null : meta,
        // Membership spec 1.1.
        state: { alive: 0, suspect: 1, dead: 2, left: 3 }[status],
        incarnation,
      }))
      .sort((a, b) => a.name.localeCompare(b.name)),
  )
}

describe('the peer table of production', () => {
  it('holds what a map of objects holds, after any operations', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60, size: 'max' }), (operations) => {
        const table = new PeerColumns(self)
        const model = new Map<string, Model>([['me', { ...self, index: table.selfIndex, rttMs: undefined }]])
        for (const each of operations) {
          apply(table, model, each)
          const touched = model.get(each.name)
          if (touched) compare(table, touched)
          else expect(table.find(each.name)).toBe(NOBODY)
        }
        compareAll(table, model)
      }),
      { numRuns: 60 },
    )
  })

  it('grows far beyond its first size, and uses holes again', () => {
    const table = new PeerColumns(self)
    const model = new Map<string, Model>([['me', { ...self, index: table.selfIndex, rttMs: undefined }]])
    const add = (number: number): void => {
      const record = { ...self, name: `n${number}`, address: ip(number), port: 1000 + number }
      model.set(record.name, { ...record, index: table.add(record), rttMs: undefined })
    }
    for (let number = 0; number < 400; number++) add(number)
    const { capacity } = table
    for (let number = 0; number < 400; number += 3) {
      table.remove(model.get(`n${number}`)!.index)
      model.delete(`n${number}`)
    }
    for (let number = 1000; number < 1100; number++) add(number)
    expect(table.capacity).toBe(capacity)
    for (const record of model.values()) compare(table, record)
    expect([...indices(table)]).toHaveLength(model.size)
  })

  it('never loses its own record', () => {
    const table = new PeerColumns(self)
    table.remove(table.selfIndex)
    expect(table.has(table.selfIndex)).toBe(true)
    expect(table.find('me')).toBe(table.selfIndex)
  })

  it('forgets what a hole knew: a newcomer in it has no round trip, and the old name is gone', () => {
    const table = new PeerColumns(self)
    const former = table.add({ ...self, name: 'former' })
    table.setRtt(former, 12)
    table.remove(former)
    expect(table.find('former')).toBe(NOBODY)
    const later = table.add({ ...self, name: 'later', meta: metas[0]! })
    expect(later).toBe(former)
    expect(table.rttMs(later)).toBeUndefined()
    expect(table.meta(later)).toHaveLength(0)
  })

  it('can take any number of versions, as long as few are spoken at once', () => {
    const table = new PeerColumns(self)
    const spoken = (kind: number): Versions =>
      versionsOf({ protocolCurrent: kind & 255, delegateCurrent: (kind >> 8) & 255, delegateMax: kind >> 16 })
    const changing = table.add({ ...self, name: 'changing' })
    for (let kind = 0; kind < 70_000; kind++)
      if (kind % 2) table.setVersions(changing, spoken(kind))
      else table.remove(table.add({ ...self, name: 'passing', versions: spoken(kind) }))
    expect(table.versions(changing)).toEqual(spoken(69_999))
    expect(table.versions(table.add({ ...self, name: 'last', versions: spoken(70_000) }))).toEqual(spoken(70_000))
    table.setVersions(changing, table.versions(changing))
    expect(table.versions(changing)).toEqual(spoken(69_999))
  })

  it('finds those who stay where another was who has moved', () => {
    const table = new PeerColumns(self)
    const [here, there] = [ip(8), ip(9)]
    const add = (name: string, address: Uint8Array) => table.add({ ...self, name, address })
    const [first, second, third] = ['first', 'second', 'third'].map((name) => add(name, here)) as [
      number,
      number,
      number,
    ]
    const other = add('other', there)
    table.setEndpoint(second, there, 7946)
    table.remove(third)
    expect(table.findAt(here, 7946)).toBe(first)
    table.remove(first)
    expect(table.findAt(here, 7946)).toBe(NOBODY)
    table.remove(other)
    expect(table.findAt(there, 7946)).toBe(second)
  })

  it('removes many at one endpoint without looking at the rest each time', () => {
    const table = new PeerColumns(self)
    const work = (count: number): number => {
      const there = Array.from({ length: count }, (_, at) => table.add({ ...self, name: `x${at}`, status: 'dead' }))
      let reads = 0
      // The hash of an endpoint is made of its bytes: each call shows in a multiplication.
      const { imul } = Math
      Math.imul = (a, b) => {
        reads++
        return imul(a, b)
      }
      try {
        for (const index of there) table.remove(index)
      } finally {
        Math.imul = imul
      }
      return reads
    }
    const [once, fourfold] = [work(500), work(2000)]
    expect(once).toBeGreaterThan(0)
    expect(fourfold).toBeLessThanOrEqual(5 * once)
  })
})
