// Goal: what membership spec 12.7 says of the queue and of packets holds, whatever is queued and sent. Method: random items,
// budgets and names on the queue, with a ledger of what became of each; and the packets of a machine that has much to say.
import { MAX_COMPOUND_PARTS, MAX_PART_BYTES, Part } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BroadcastClass, BroadcastEnd } from '../src/broadcast.ts'
import { BroadcastQueue, type TransmitLimits } from '../src/broadcast-queue.ts'
import type { Effect } from '../src/effect.ts'
import { lan } from '../src/tuning.ts'
import { aliveOf, Bench, endpoint, ip, packets, streams, versionsOf } from './harness.ts'

const peer = endpoint(99)
const OVERHEAD = 2

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('control' as const), name: fc.nat(4), size: fc.nat(80) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('payload' as const),
      name: fc.nat(3),
      size: fc.nat(300),
      version: fc.nat(3),
      class: fc.constantFrom<BroadcastClass>('local', 'relayed', 'user'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('fill' as const),
      budget: fc.nat(400),
      share: fc.constantFrom(0, 0.2, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('oversize' as const), budget: fc.nat(250) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('drop' as const), name: fc.nat(4) }) },
)

interface Account {
  readonly part: Part
  readonly ends: BroadcastEnd[]
  sent: number
}

/** Plays operations with a ledger; the limit rises as the cluster grows. */
function play(
  operations: readonly (typeof operation extends fc.Arbitrary<infer Value> ? Value : never)[],
  onSent: (account: Account, limit: number) => void = () => {},
  onFill: (parts: readonly Part[], budget: number) => void = () => {},
): { readonly queue: BroadcastQueue; readonly accounts: Account[] } {
  const queue = new BroadcastQueue()
  const accounts: Account[] = []
  let limit = 2
  const open = (part: Part) => {
    const account: Account = { part, ends: [], sent: 0 }
    accounts.push(account)
    return (end: BroadcastEnd): void => void account.ends.push(end)
  }
  const of = (part: Part): Account => accounts.find((account) => sameMessage(account.part, part))!
  for (const [at, each] of operations.entries()) {
    limit = 1 + Math.floor(at / 15)
    const limits: TransmitLimits = { control: limit, local: limit, relayed: limit, user: limit }
    if (each.does === 'control') {
      const part = new Part({ type: 'suspect', incarnation: at, node: `n${each.name}`, from: 'x'.repeat(each.size) })
      queue.control(each.name, part, open(part))
    } else if (each.does === 'payload') {
      const payload = Uint8Array.from({ length: each.size + 4 }, (_, byte) => (byte < 4 ? at >> (8 * byte) : 7) & 255)
      const part = new Part({ type: 'user', payload })
      const { version } = each
      queue.payload({ key: `k${each.name}`, names: ['a'], version, class: each.class, payload, onFinished: open(part) })
    } else if (each.does === 'fill') {
      const parts = queue.fill(each.budget, OVERHEAD, 255, each.share, limits)
      onFill(parts, each.budget)
      for (const part of parts) {
        of(part).sent++
        onSent(of(part), limit)
      }
    } else if (each.does === 'oversize') {
      const item = queue.takeOversize(each.budget, limits, new Set())
      if (item) {
        of(item.part).sent++
        onSent(of(item.part), limit)
      }
    } else queue.dropControl(each.name)
  }
  return { queue, accounts }
}

const key = ({ message }: Part): string =>
  message.type === 'user' ? `user ${message.payload.subarray(0, 4).join()}` : JSON.stringify(message)
const sameMessage = (a: Part, b: Part): boolean => key(a) === key(b)

const operations = fc.array(operation, { maxLength: 60, size: 'max' })
const queued = (queue: BroadcastQueue): number =>
  Object.values(queue.depths()).reduce((all, { items }) => all + items, 0)

describe('the queue', () => {
  it('invariant 31: a name has at most one item, so that there are no more than names', () => {
    fc.assert(
      fc.property(operations, (all) => {
        const { queue, accounts } = play(all)
        const waiting = accounts.filter(({ ends, part }) => ends.length === 0 && part.message.type === 'suspect')
        const names = waiting.map(({ part }) => (part.message.type === 'suspect' ? part.message.node : ''))
        expect(new Set(names).size).toBe(names.length)
        expect(queue.depths().control.items).toBe(names.length)
      }),
    )
  })

  it('invariant 32: every item ends exactly once, with one cause', () => {
    const causes = new Set<BroadcastEnd>()
    fc.assert(
      fc.property(operations, (all) => {
        const { queue, accounts } = play(all)
        queue.stop()
        for (const { ends } of accounts) {
          expect(ends).toHaveLength(1)
          causes.add(ends[0]!)
        }
        queue.stop()
        for (const { ends } of accounts) expect(ends).toHaveLength(1)
      }),
    )
    expect(causes).toEqual(new Set(['transmitted', 'superseded', 'pruned', 'stopped']))
  })

  it('invariant 33: no item is transmitted more often than the limit at its last transmission, or once', () => {
    let last = 0
    fc.assert(
      fc.property(operations, (all) => {
        play(all, ({ sent, ends }, limit) => {
          expect(sent).toBeLessThanOrEqual(Math.max(1, limit))
          if (sent === limit) last++
          expect(ends.includes('transmitted')).toBe(sent >= limit)
        })
      }),
    )
    expect(last).toBeGreaterThan(50)
  })

  it('invariant 34: an item leaves by such a cause only: what has not ended is still there (W-3)', () => {
    fc.assert(
      fc.property(operations, (all) => {
        const { queue, accounts } = play(all)
        const waiting = accounts.filter(({ ends }) => ends.length === 0)
        expect(queued(queue)).toBe(waiting.length)
        const limits = { control: 1, local: 1, relayed: 1, user: 1 }
        const left: Part[] = []
        while (!queue.isEmpty) left.push(...queue.fill(100_000, OVERHEAD, 255, 0.2, limits))
        expect(left.map(key).sort()).toEqual(waiting.map(({ part }) => key(part)).sort())
      }),
    )
  })

  it('invariant 35: one fill has no item twice, and keeps to its budget', () => {
    fc.assert(
      fc.property(operations, (all) => {
        play(all, undefined, (parts, budget) => {
          expect(new Set(parts.map(key)).size).toBe(parts.length)
          const bytes = parts.reduce((sum, part) => sum + part.sizeBytes + OVERHEAD, 0)
          expect(bytes).toBeLessThanOrEqual(budget)
        })
      }),
    )
  })
})

describe('packets', () => {
  const budgetBytes = 1400
  const overheadBytes = 61
  /** Everything that a machine with much to say sends within a while. */
  function chatter(hosts: number, metaBytes: number, userBytes: readonly number[]): readonly Effect[] {
    const bench = new Bench({ tuning: lan, packet: { budgetBytes, overheadBytes: () => overheadBytes } })
    for (let host = 2; host < hosts + 2; host++)
      bench.hear(
        peer,
        aliveOf(host, 1, { meta: new Uint8Array(metaBytes), versions: versionsOf({ protocolMax: 4 + (host % 2) }) }),
      )
    for (const [at, size] of userBytes.entries())
      bench.give({
        kind: 'broadcast',
        item: { key: `k${at}`, names: [], version: 0, class: 'user', payload: new Uint8Array(size) },
      })
    for (let ask = 0; ask < 30; ask++)
      bench.hear(endpoint(2 + ask), {
        type: 'ping',
        seqNo: ask,
        node: 'me',
        sourceAddress: ip(2 + ask),
        sourcePort: 7946,
        sourceNode: '',
      })
    bench.runTo(5000)
    return bench.take()
  }

  it('invariant 35: a packet with everything around it is no larger than the budget', () => {
    let full = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(512), fc.array(fc.nat(3000), { maxLength: 10 }), (...all) => {
        for (const { parts, checksum } of packets(chatter(...all))) {
          const inside = parts.reduce((sum, part) => sum + part.sizeBytes + OVERHEAD, parts.length > 1 ? 2 : -OVERHEAD)
          const bytes = inside + overheadBytes + (checksum ? 5 : 0)
          expect(bytes).toBeLessThanOrEqual(budgetBytes)
          if (bytes > budgetBytes / 2) full++
        }
      }),
      { numRuns: 40 },
    )
    expect(full).toBeGreaterThan(100)
  })

  it('invariant 35: what no packet can hold goes on a stream', () => {
    const effects = chatter(3, 0, [2000])
    const [stream] = streams(effects).filter(({ message }) => message.type === 'user')
    expect(stream).toMatchObject({ expectReply: false, message: { payload: new Uint8Array(2000) } })
  })

  it('invariant 37: a packet has at most 255 parts, each of at most 65,535 bytes', () => {
    const bench = new Bench({ packet: { budgetBytes: 10 * 1024 * 1024, overheadBytes: () => 0 }, tuning: lan })
    for (let host = 2; host < 700; host++) bench.hear(peer, aliveOf(host, 1))
    for (const size of [65_534, 65_535, 70_000, 200_000])
      bench.give({
        kind: 'broadcast',
        item: { key: `${size}`, names: [], version: 0, class: 'user', payload: new Uint8Array(size) },
      })
    bench.hear(peer, { type: 'ping', seqNo: 1, node: 'me', sourceAddress: null, sourcePort: 0, sourceNode: '' })
    bench.runTo(3000)
    const sent = packets(bench.take())
    expect(Math.max(...sent.map(({ parts }) => parts.length))).toBe(MAX_COMPOUND_PARTS)
    for (const { parts } of sent)
      for (const part of parts) expect(part.sizeBytes <= MAX_PART_BYTES || parts.length === 1).toBe(true)
    // The larger ones did go, alone (DIV-30).
    expect(
      sent.filter(({ parts }) => parts.length === 1 && parts[0]!.sizeBytes > MAX_PART_BYTES).length,
    ).toBeGreaterThan(0)
  })
})
