// Goal: the queue orders, replaces and ends items as membership spec 4.3 to 4.5 and kv spec 3.9 to 3.10 say. Method: the
// specifications' vectors, and a naive reference that sorts a list anew at every step.
import { Part } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Broadcast, BroadcastClass, BroadcastEnd } from '../src/broadcast.ts'
import {
  BroadcastQueue,
  MAX_QUEUED_CONTROL_BYTES,
  MAX_QUEUED_CONTROL_ITEMS,
  type TransmitLimits,
  transmitLimit,
} from '../src/broadcast-queue.ts'
import { MAX_QUEUED_ITEMS } from '../src/limits.ts'

const always = (limit: number): TransmitLimits => ({ control: limit, local: limit, relayed: limit, user: limit })
/** A payload whose part has this many bytes: the type byte is one of them. */
const sized = (sizeBytes: number, mark = 0): Uint8Array => new Uint8Array(sizeBytes - 1).fill(mark)
const item = (key: string, sizeBytes: number, rest: Partial<Broadcast> = {}): Broadcast => ({
  key,
  names: [key],
  version: 1,
  class: 'local',
  payload: sized(sizeBytes),
  ...rest,
})
const sizes = (parts: readonly Part[]): number[] => parts.map((part) => part.sizeBytes)
const drain = (queue: BroadcastQueue, limit = 1000): number[] => sizes(queue.fill(1e6, 2, 255, 0.2, always(limit)))

describe('the transmit limit', () => {
  it('passes the vectors of Appendix C and kv check 27', () => {
    expect([0, 1, 9, 10, 99, 100].map((n) => transmitLimit(3, n))).toEqual([0, 3, 3, 6, 6, 9])
    expect([1, 9, 10, 99, 100, 999, 1000].map((n) => transmitLimit(4, n))).toEqual([4, 4, 8, 8, 12, 12, 16])
  })

  it('is the number of selections after which an item leaves, but one at least', () => {
    for (const [limit, selections] of [
      [0, 1],
      [1, 1],
      [4, 4],
    ] as const) {
      const queue = new BroadcastQueue()
      queue.payload(item('k', 20))
      let times = 0
      while (drain(queue, limit).length > 0) times++
      expect(times).toBe(selections)
    }
  })

  it('is each class’s own', () => {
    const queue = new BroadcastQueue()
    const limits = { control: 3, local: 1, relayed: 2, user: 4 }
    queue.control(7, new Part({ type: 'dead', incarnation: 1, node: 'n', from: 'n' }))
    for (const name of ['local', 'relayed', 'user'] as const) queue.payload(item(name, 20, { class: name }))
    const left = [1, 2, 3, 4].map(() => {
      queue.fill(1e6, 2, 255, 0.2, limits)
      const depths = queue.depths()
      return Object.keys(depths).filter((name) => depths[name as BroadcastClass].items > 0)
    })
    expect(left).toEqual([['control', 'relayed', 'user'], ['control', 'user'], ['user'], []])
  })
})

describe('a fill', () => {
  const four = (): BroadcastQueue => {
    const queue = new BroadcastQueue()
    for (const key of ['a', 'b', 'c', 'd']) queue.payload(item(key, 18))
    return queue
  }

  it('packs as in Appendix C', () => {
    expect(four().fill(80, 2, 255, 0.2, always(6))).toHaveLength(4)
    expect(four().fill(80, 3, 255, 0.2, always(6))).toHaveLength(3)
  })

  it('drains as in Appendix C', () => {
    const queue = four()
    expect([1, 2, 3, 4].map(() => queue.fill(80, 3, 255, 0.2, always(2)).length)).toEqual([3, 3, 2, 0])
  })

  it('takes the longest first, then the newest; what was sent less often before all (kv check 26)', () => {
    const queue = new BroadcastQueue()
    for (const [key, size] of [
      ['a', 10],
      ['b', 50],
      ['c', 30],
    ] as const)
      queue.payload(item(key, size))
    expect(drain(queue)).toEqual([50, 30, 10])
    queue.payload(item('d', 5))
    expect(drain(queue)).toEqual([5, 50, 30, 10])
    const equal = new BroadcastQueue()
    for (const mark of [1, 2, 3]) equal.payload(item(`k${mark}`, 20, { payload: sized(20, mark) }))
    expect(equal.fill(1e6, 2, 255, 0.2, always(9)).map((part) => part.bytes[1])).toEqual([3, 2, 1])
  })

  it('gives control the packet first, then local, relayed, user (kv check 25)', () => {
    const queue = new BroadcastQueue()
    for (const name of ['user', 'relayed', 'local'] as const) queue.payload(item(name, 20, { class: name }))
    expect(queue.fill(22, 2, 255, 0, always(1)).length).toBe(1)
    expect(queue.depths().local.items).toBe(0)
    queue.fill(22, 2, 255, 0, always(1))
    expect(queue.depths()).toMatchObject({ relayed: { items: 0 }, user: { items: 1 } })
  })

  it('keeps a share for the rest while control could fill it alone (DIV-29)', () => {
    const queue = new BroadcastQueue()
    for (let node = 0; node < 200; node++)
      queue.control(node, new Part({ type: 'dead', incarnation: 1, node: `n${node}`, from: 'x' }))
    for (let key = 0; key < 50; key++) queue.payload(item(`k${key}`, 30))
    const parts = queue.fill(1000, 2, 255, 0.2, always(100))
    const others = parts.filter((part) => part.message.type === 'user')
    expect(others.length * 32).toBeGreaterThanOrEqual(200 - 32)
    // Not reserved when nobody else waits.
    const alone = new BroadcastQueue()
    for (let node = 0; node < 200; node++)
      alone.control(node, new Part({ type: 'dead', incarnation: 1, node: `n${node}`, from: 'x' }))
    const bytes = alone.fill(1000, 2, 255, 0.2, always(100)).reduce((sum, part) => sum + part.sizeBytes + 2, 0)
    expect(bytes).toBeGreaterThan(950)
  })

  it('lets an item through that is larger than the share of one packet, while control waits (DIV-29)', () => {
    const queue = new BroadcastQueue()
    for (let node = 0; node < 400; node++)
      queue.control(node, new Part({ type: 'dead', incarnation: 1, node: `n${node}`, from: 'x' }))
    queue.payload(item('k', 600))
    // Twenty packets of 1000 bytes at a share of 0.2 owe the others 4000 bytes.
    const sent = Array.from({ length: 20 }, () => queue.fill(1000, 2, 255, 0.2, always(1000))).flat()
    expect(sent.some((part) => part.message.type === 'user')).toBe(true)
  })

  it('owes no more than was withheld: control keeps its part of every packet while small items wait (DIV-29)', () => {
    const queue = new BroadcastQueue()
    for (let node = 0; node < 400; node++)
      queue.control(node, new Part({ type: 'dead', incarnation: 1, node: `n${node}`, from: 'x' }))
    for (let key = 0; key < 100; key++) queue.payload(item(`k${key}`, 30))
    for (let packet = 0; packet < 20; packet++) {
      const parts = queue.fill(1000, 2, 255, 0.2, always(1000)).filter((part) => part.message.type === 'dead')
      // What does not fit exactly is at most one part on either side.
      expect(parts.reduce((sum, part) => sum + part.sizeBytes + 2, 0)).toBeGreaterThanOrEqual(800 - 2 * 60)
    }
  })

  it('never repeats an item, and keeps to budget and count (invariant 35)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: 200 }), { maxLength: 60 }),
        fc.integer({ min: 0, max: 900 }),
        fc.integer({ min: 1, max: 20 }),
        (lengths, budget, maxParts) => {
          const queue = new BroadcastQueue()
          for (const [key, size] of lengths.entries())
            queue.payload(item(`k${key}`, size, { class: key % 2 ? 'local' : 'user' }))
          const parts = queue.fill(budget, 2, maxParts, 0.2, always(3))
          expect(new Set(parts).size).toBe(parts.length)
          expect(parts.length).toBeLessThanOrEqual(maxParts)
          expect(parts.reduce((sum, part) => sum + part.sizeBytes + 2, 0)).toBeLessThanOrEqual(budget)
        },
      ),
    )
  })
})

describe('a newer item', () => {
  it('replaces older ones of its key whose names it includes (kv check 24)', () => {
    const queue = new BroadcastQueue()
    const waiting = new Set<number>()
    const after = (
      [
        ['ABC', 2],
        ['A', 3],
        ['AB', 4],
        ['ABD', 5],
        ['ABCD', 6],
      ] as const
    ).map(([names, version]) => {
      waiting.add(version)
      queue.payload(item('k', 20, { names: [...names], version, onFinished: () => waiting.delete(version) }))
      return [...waiting].sort()
    })
    expect(after).toEqual([[2], [2, 3], [2, 4], [2, 5], [6]])
  })

  it('leaves newer versions, other keys and other classes alone', () => {
    const queue = new BroadcastQueue()
    queue.payload(item('k', 20, { version: 5 }))
    queue.payload(item('k', 20, { version: 4 }))
    queue.payload(item('other', 20, { names: ['k'], version: 9 }))
    queue.payload(item('k', 20, { class: 'relayed', version: 9 }))
    expect(queue.depths()).toMatchObject({ local: { items: 3 }, relayed: { items: 1 } })
  })

  it('about the same node replaces a control item, whatever it says', () => {
    const queue = new BroadcastQueue()
    const ends: BroadcastEnd[] = []
    queue.control(7, new Part({ type: 'suspect', incarnation: 9, node: 'n', from: 'x' }), (end) => ends.push(end))
    queue.control(7, new Part({ type: 'dead', incarnation: 1, node: 'n', from: 'x' }))
    expect(ends).toEqual(['superseded'])
    expect(queue.depths().control.items).toBe(1)
  })

  it('starts anew, as the newest, however often the replaced one was sent', () => {
    const queue = new BroadcastQueue()
    const dead = (node: string): Part => new Part({ type: 'dead', incarnation: 1, node, from: 'x' })
    const names = (budget: number): unknown[] =>
      queue.fill(budget, 2, 255, 0.2, always(3)).map(({ message }) => 'node' in message && message.node)
    for (const [peer, node] of ['a', 'b', 'c'].entries()) queue.control(peer, dead(node))
    expect(names(1e6)).toEqual(['c', 'b', 'a'])
    queue.control(0, dead('d'))
    expect(names(1e6)).toEqual(['d', 'c', 'b'])
    expect(names(1e6)).toEqual(['d', 'c', 'b'])
    expect(names(1e6)).toEqual(['d'])
    expect(queue.isEmpty).toBe(true)
  })

  it('leads as long as it is the last that was said of oneself, and no longer', () => {
    const queue = new BroadcastQueue()
    const dead = (node: string): Part => new Part({ type: 'dead', incarnation: 1, node, from: 'x' })
    const first = (): unknown => {
      const message = queue.fill(1e6, 2, 255, 0.2, always(9))[0]?.message
      return message && 'node' in message && message.node
    }
    queue.control(1, dead('much longer'))
    queue.own(0, dead('me'))
    expect(first()).toBe('me')
    queue.own(0, dead('I'))
    expect(first()).toBe('I')
    queue.control(1, dead('much longer still'))
    expect(first()).toBe('I')
    queue.control(0, dead('he'))
    queue.control(1, dead('much longer still'))
    expect(first()).toBe('much longer still')
  })

  it('may be replaced by whoever is told of the end of another: what was taken is sent as it was', () => {
    const queue = new BroadcastQueue()
    const dead = (node: string): Part => new Part({ type: 'dead', incarnation: 1, node, from: 'x' })
    queue.control(0, dead('a'))
    expect(queue.fill(1e6, 2, 255, 0.2, always(2)).length).toBe(1)
    queue.payload(item('k', 20, { onFinished: () => queue.control(0, dead('b')) }))
    const limits = { control: 3, local: 1, relayed: 1, user: 1 }
    const said = (): unknown[] =>
      queue.fill(1e6, 2, 255, 0.2, limits).map(({ message }) => ('node' in message ? message.node : message.type))
    expect(said()).toEqual(['a', 'user'])
    expect([said(), said(), said(), said()]).toEqual([['b'], ['b'], ['b'], []])
  })
})

describe('an item', () => {
  it('ends exactly once, with its cause (invariant 32)', () => {
    const queue = new BroadcastQueue()
    const ends: string[] = []
    const watched = (key: string, rest: Partial<Broadcast> = {}): Broadcast =>
      item(key, 20, { onFinished: (end) => ends.push(`${key} ${end}`), ...rest })
    queue.payload(watched('sent'))
    drain(queue, 1)
    queue.payload(watched('old'))
    queue.payload({ ...watched('new'), key: 'old', names: ['old'], version: 2 })
    queue.stop()
    queue.stop()
    expect(ends).toEqual(['sent transmitted', 'old superseded', 'new stopped'])
  })

  it('is not lost when the queue empties in between (W-3, DIV-27)', () => {
    const queue = new BroadcastQueue()
    for (let round = 0; round < 5; round++) {
      queue.payload(item('a', 20, { version: round }))
      queue.payload(item('b', 20, { version: round }))
      expect(queue.depths().local.items).toBe(2)
      drain(queue, 1)
      expect(queue.isEmpty).toBe(true)
    }
  })

  it('beyond the bound is pruned from the end of the order (DIV-28)', () => {
    const queue = new BroadcastQueue()
    const pruned: string[] = []
    const note = (key: string) => (end: BroadcastEnd) => pruned.push(`${key} ${end}`)
    queue.payload(item('oldest', 20, { onFinished: note('oldest') }))
    for (let index = 0; index < MAX_QUEUED_ITEMS; index++) queue.payload(item(`k${index}`, 20))
    expect(pruned).toEqual(['oldest pruned'])
    expect(queue.depths().local.items).toBe(MAX_QUEUED_ITEMS)
  })

  it('beyond the bound of control is pruned, too (DIV-28)', () => {
    const queue = new BroadcastQueue()
    const pruned: string[] = []
    const control = (peer: number): void =>
      queue.control(peer, new Part({ type: 'dead', incarnation: 1, node: 'n', from: 'n' }), (end) =>
        pruned.push(`${peer} ${end}`),
      )
    for (let index = 0; index < MAX_QUEUED_CONTROL_ITEMS; index++) control(index)
    expect(pruned).toEqual([])
    control(MAX_QUEUED_CONTROL_ITEMS)
    expect(pruned).toEqual(['0 pruned'])
    expect(queue.depths().control.items).toBe(MAX_QUEUED_CONTROL_ITEMS)
  })

  it('of control that takes the bytes of very many is pruned, too (DIV-28)', () => {
    const queue = new BroadcastQueue()
    const pruned: string[] = []
    const from = 'x'.repeat(MAX_QUEUED_CONTROL_BYTES / 4)
    for (const [peer, node] of ['a', 'b', 'c', 'd'].entries())
      queue.control(peer, new Part({ type: 'dead', incarnation: 1, node, from }), (end) =>
        pruned.push(`${node} ${end}`),
      )
    expect(pruned).toEqual(['a pruned'])
    expect(queue.depths().control.items).toBe(3)
  })
})

interface Model {
  readonly id: number
  readonly key: string
  readonly names: readonly string[]
  readonly version: number
  readonly size: number
  transmits: number
}

describe('the queue', () => {
  it('does what a list sorted anew at each step does', () => {
    const name = fc.constantFrom('A', 'B', 'C')
    const step = fc.oneof(
      fc.record({
        add: fc.record({
          key: fc.constantFrom('k', 'l'),
          names: fc.uniqueArray(name),
          version: fc.integer({ min: 1, max: 4 }),
          size: fc.integer({ min: 2, max: 12 }),
        }),
      }),
      fc.record({ fill: fc.integer({ min: 0, max: 40 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new BroadcastQueue()
        let model: Model[] = []
        let id = 0
        for (const each of steps) {
          if ('add' in each) {
            const { key, names, version, size } = each.add
            model = model.filter(
              (old) =>
                !(
                  old.key === key &&
                  version >= old.version &&
                  old.names.every((one) => (names as readonly string[]).includes(one))
                ),
            )
            model.push({ id: id++, key, names, version, size, transmits: 0 })
            queue.payload(item(key, size, { names, version }))
          } else {
            let left = each.fill
            const expected: Model[] = []
            for (const one of [...model].sort((a, b) => a.transmits - b.transmits || b.size - a.size || b.id - a.id)) {
              if (one.size + 2 > left) continue
              left -= one.size + 2
              expected.push(one)
            }
            expect(sizes(queue.fill(each.fill, 2, 255, 0.2, always(3)))).toEqual(expected.map((one) => one.size))
            for (const one of expected) one.transmits++
            model = model.filter((one) => one.transmits < 3)
          }
          expect(queue.depths().local).toEqual({
            items: model.length,
            bytes: model.reduce((sum, one) => sum + one.size, 0),
          })
        }
      }),
      { numRuns: 300 },
    )
  })
})
