/**
 * Goal: a table that shares its records behaves like one that does not. Method: random operations on several tables of
 * one world and on plain maps; after each, everything that can be asked is compared, also what was taken before.
 */
import type { MemberStatus, PeerRecord, PeerTable } from '@hearsay/membership'
import { defaultVersions, formatAddress, type NodeState, type NodeStates } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cards } from '../src/overlay/cards.ts'
import { Chunk, State } from '../src/overlay/chunk.ts'
import { type Base, OverlayTable } from '../src/overlay/table.ts'

const statuses: readonly MemberStatus[] = ['alive', 'suspect', 'dead', 'left']
const NAMES = 150
const nameOf = (number: number): string => `m${number}`
const ipOf = (number: number): Uint8Array => Uint8Array.of(10, 0, 0, number)
const mapped = (number: number): Uint8Array => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, number)
const metaOf = (number: number): Uint8Array => new Uint8Array(number % 4).fill(number)
const versionsOf = (number: number) => (number % 5 === 0 ? null : { ...defaultVersions, protocolMax: 3 + (number % 3) })

type Plain = { -readonly [Key in keyof PeerRecord]: PeerRecord[Key] } & { rttMs: number | undefined }

/** The same, done simply. */
class Model {
  readonly records = new Map<string, Plain>()

  states(): NodeState[] {
    return [...this.records.values()].map(({ name, address, port, meta, incarnation, status, versions }) => ({
      name,
      address,
      port,
      meta: meta.length === 0 ? null : meta,
      incarnation,
      state: statuses.indexOf(status),
      versions,
    }))
  }
}

interface Pair {
  readonly table: PeerTable
  readonly model: Model
}

const byName = (states: Iterable<NodeState>): NodeState[] => [...states].sort((a, b) => (a.name < b.name ? -1 : 1))

function compare({ table, model }: Pair): void {
  const records = [...model.records.values()]
  expect(table.size).toBe(records.length)
  expect(table.liveCount).toBe(records.filter(({ status }) => status === 'alive' || status === 'suspect').length)
  const present: number[] = []
  for (let index = 0; index < table.capacity; index++) if (table.has(index)) present.push(index)
  expect(present.map((index) => table.name(index)).sort()).toEqual(records.map(({ name }) => name).sort())
  for (const record of records) {
    const index = table.find(record.name)
    expect(table.has(index)).toBe(true)
    expect({
      name: table.name(index),
      address: table.address(index),
      port: table.port(index),
      meta: table.meta(index),
      versions: table.versions(index),
      incarnation: table.incarnation(index),
      evidence: table.evidence(index),
      status: table.status(index),
      statusSinceMs: table.statusSinceMs(index),
      rttMs: table.rttMs(index),
    }).toEqual(record)
    expect(table.endpoint(index)).toBe(formatAddress(record.address, record.port))
    expect(table.hasMeta(index, record.meta.slice())).toBe(true)
    expect(table.hasMeta(index, Uint8Array.of(200))).toBe(false)
  }
  for (let host = 0; host < 8; host++)
    for (const address of [ipOf(host), mapped(host)]) {
      const endpoint = formatAddress(address, 7)
      const there = records.filter((record) => formatAddress(record.address, record.port) === endpoint)
      const live = there.filter(({ status }) => status === 'alive' || status === 'suspect')
      const candidates = (live.length > 0 ? live : there).map(({ name }) => name)
      for (const found of [table.findEndpoint(endpoint), table.findAt(address, 7)]) {
        if (candidates.length === 0) expect(found).toBe(-1)
        else expect(candidates).toContain(table.name(found))
        if (found >= 0) expect(table.isAt(found, address, 7)).toBe(true)
      }
    }
  expect(table.find('nobody')).toBe(-1)
  expect(byName(table.states())).toEqual(byName(model.states()))
}

/** Tables of one world, some over a base, one of them alone. */
function pairs(): Pair[] {
  const cards = new Cards()
  const record = (number: number): Plain => ({
    name: nameOf(number),
    address: ipOf(number % 200),
    port: 7,
    meta: new Uint8Array(0),
    versions: defaultVersions,
    incarnation: 1,
    evidence: 1,
    status: 'alive',
    statusSinceMs: 0,
    rttMs: undefined,
  })
  const chunks = [new Chunk(), new Chunk()]
  for (let number = 0; number < 100; number++) {
    const { name, address, port, meta, versions } = record(number)
    const card = cards.card(cards.nameIndex(name), address, port, meta, versions)
    chunks[number >> 6]!.set(number & 63, card.id, State.alive, 1, 1, 0)
  }
  const base: Base = { chunks, size: 100 }
  const all = [0, 70, 120].map((self) => {
    const model = new Model()
    for (const number of self < 100 ? Array.from({ length: 100 }, (_, index) => index) : [self])
      model.records.set(nameOf(number), record(number))
    return { table: new OverlayTable(cards, record(self), self < 100 ? base : undefined), model }
  })
  for (const [index, { table }] of all.entries()) expect(table.name(table.selfIndex)).toBe(nameOf([0, 70, 120][index]!))
  return all
}

/** What is done to one table: an operation, a name, a number. */
const operation = fc.tuple(fc.nat(2), fc.nat(9), fc.nat(NAMES - 1), fc.nat(7), fc.nat(50))

function act({ table, model }: Pair, what: number, number: number, host: number, value: number): void {
  const name = nameOf(number)
  const record = model.records.get(name)
  const index = table.find(name)
  expect(index >= 0).toBe(record !== undefined)
  if (!record) {
    const fresh: Plain = {
      name,
      address: value % 2 ? ipOf(host) : mapped(host),
      port: 7,
      meta: metaOf(value),
      versions: versionsOf(value),
      incarnation: value,
      evidence: value + 1,
      status: statuses[value % 4]!,
      statusSinceMs: value / 3,
      rttMs: undefined,
    }
    model.records.set(name, fresh)
    table.add(fresh)
    return
  }
  switch (what) {
    case 0:
      record.incarnation = 2 ** 32 - 1 - value
      return table.setIncarnation(index, record.incarnation)
    case 1:
      record.evidence = value
      return table.setEvidence(index, value)
    case 2:
    case 3: {
      const status = statuses[value % 4]!
      if (record.status !== status) record.statusSinceMs = value * 1.5
      record.status = status
      return table.setStatus(index, status, value * 1.5)
    }
    case 4:
      record.address = value % 2 ? ipOf(host) : mapped(host)
      return table.setEndpoint(index, record.address, 7)
    case 5:
      record.meta = metaOf(value)
      return table.setMeta(index, record.meta)
    case 6:
      record.versions = versionsOf(value)
      return table.setVersions(index, record.versions)
    case 7:
      record.rttMs = value / 7
      return table.setRtt(index, value / 7)
    default:
      if (index !== table.selfIndex) model.records.delete(name)
      return table.remove(index)
  }
}

describe('a table over a shared base', () => {
  it('is like a plain one, whatever happens to it and to others', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const all = pairs()
        const taken: { readonly states: NodeStates; readonly expected: NodeState[] }[] = []
        for (const [which, what, number, host, value] of operations) {
          const pair = all[which]!
          act(pair, what, number, host, value)
          if (value % 5 === 0) taken.push({ states: pair.table.states(), expected: pair.model.states() })
        }
        for (const pair of all) compare(pair)
        // What was taken before says what was so then.
        for (const { states, expected } of taken) {
          expect(states.length).toBe(expected.length)
          expect(byName(states)).toEqual(byName(expected))
        }
      }),
      { numRuns: 50 },
    )
  })

  it('finds all news and nothing that is none', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const all = pairs()
        for (const [which, what, number, host, value] of operations) {
          act(all[which]!, what, number, host, value)
          // From now on its pieces are shared with what was taken.
          if (value % 3 === 0) all[which]!.table.states()
        }
        for (const from of all)
          for (const to of all) {
            const news = new Set(Array.from(to.table.news(from.table.states()), ({ name }) => name))
            const ours = new Map(to.model.states().map((state) => [state.name, state]))
            for (const theirs of from.model.states()) {
              const known = ours.get(theirs.name)
              const same = known !== undefined && JSON.stringify(known) === JSON.stringify(theirs)
              // A suspicion that both have is still one more accusation.
              expect(news.has(theirs.name)).toBe(!same || theirs.state === 1)
            }
          }
      }),
      { numRuns: 40 },
    )
  })

  it('does not forget a suspicion when a piece of it is copied for another reason', () => {
    const { table } = pairs()[0]!
    table.setStatus(5, 'suspect', 1)
    table.states()
    table.setIncarnation(6, 9)
    expect(Array.from(table.news(table.states()), ({ name }) => name)).toEqual(['m5'])
    table.setStatus(5, 'alive', 2)
    expect([...table.news(table.states())]).toEqual([])
  })

  it('takes what is no table of this world as it is', () => {
    const { table } = pairs()[0]!
    const states = [...pairs()[1]!.table.states()]
    expect([...table.news(states)]).toEqual(states)
  })

  it('copies a piece for the first change of it alone', () => {
    const { table } = pairs()[0]!
    const own = (): number => (table as OverlayTable).ownChunkCount
    expect(own()).toBe(0)
    table.setRtt(3, 5)
    table.setStatus(3, 'alive', 9)
    table.setIncarnation(3, 1)
    table.setMeta(3, new Uint8Array(0))
    expect(own()).toBe(0)
    table.setStatus(3, 'suspect', 9)
    table.setStatus(4, 'suspect', 9)
    expect(own()).toBe(1)
    table.setIncarnation(70, 2)
    expect(own()).toBe(2)
    table.states()
    expect(own()).toBe(0)
  })
})
