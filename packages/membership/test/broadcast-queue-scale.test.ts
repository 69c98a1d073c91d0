// Goal: a queue of very many items does what a short one does, and each step stays cheap. Method: the former plain queue,
// one sorted list for each class, as the reference for long runs of all operations; and work counted: sizes compared,
// look-ups in maps, elements that searches through arrays look at, elements that have to move. Four times the items may
// take little more than four times the work.
import { Part } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BroadcastClass, BroadcastEnd } from '../src/broadcast.ts'
import { BroadcastQueue } from '../src/broadcast-queue.ts'

const limits = { control: 3, local: 2, relayed: 3, user: 4 }
const classes = ['control', 'local', 'relayed', 'user'] as const

interface PlainItem {
  readonly lane: BroadcastClass
  readonly key: string
  readonly names: readonly string[]
  readonly version: number
  readonly sizeBytes: number
  readonly id: number
  transmits: number
}

/** Looks at everything each time. */
class PlainQueue {
  items: PlainItem[] = []
  readonly ends: string[] = []
  owed = 0

  lane(lane: BroadcastClass): readonly PlainItem[] {
    return this.items
      .filter((each) => each.lane === lane)
      .sort((a, b) => a.transmits - b.transmits || b.sizeBytes - a.sizeBytes || b.id - a.id)
  }

  add(item: PlainItem): void {
    const old = this.lane(item.lane).filter(
      (each) =>
        each.key === item.key && each.version <= item.version && each.names.every((name) => item.names.includes(name)),
    )
    this.items.push(item)
    for (const each of old) this.end(each, 'superseded')
  }

  end(item: PlainItem, end: BroadcastEnd): void {
    this.items = this.items.filter((each) => each !== item)
    this.ends.push(`${item.id} ${end}`)
  }

  transmitted(item: PlainItem): void {
    if (++item.transmits >= limits[item.lane]) this.end(item, 'transmitted')
  }

  fill(budget: number, maxParts: number): number[] {
    const taken = new Set<PlainItem>()
    let left = budget
    const take = (lane: BroadcastClass, allowance: number): void => {
      let room = Math.min(allowance, left)
      for (const item of this.lane(lane)) {
        const cost = item.sizeBytes + 2
        if (cost > room || taken.has(item) || taken.size >= maxParts) continue
        taken.add(item)
        room -= cost
        left -= cost
      }
    }
    const othersWait = this.items.some((each) => each.lane !== 'control')
    this.owed = othersWait ? Math.min(budget, this.owed + Math.ceil(budget * 0.2)) : 0
    take('control', budget - this.owed)
    const before = left
    for (const lane of classes.slice(1)) take(lane, left)
    this.owed = Math.max(0, this.owed - (before - left))
    take('control', left)
    for (const item of taken) this.transmitted(item)
    return [...taken].map((item) => item.sizeBytes)
  }

  oversize(budget: number, done: ReadonlySet<number>): PlainItem | undefined {
    const item = classes
      .flatMap((lane) => this.lane(lane))
      .find((each) => each.sizeBytes > budget && !done.has(each.id))
    if (item) this.transmitted(item)
    return item
  }
}

const names = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'))
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      lane: fc.constantFrom(...classes),
      key: fc.integer({ min: 0, max: 400 }).map(String),
      names,
      version: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 30, max: 120 }),
    }),
  },
  fc.record({ fill: fc.integer({ min: -5, max: 500 }), maxParts: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ oversize: fc.integer({ min: 60, max: 119 }) }),
  fc.record({ drop: fc.integer({ min: 0, max: 400 }).map(String) }),
)

/** What `run` does, counted. */
function work(run: () => void): number {
  let count = 1
  const undo: (() => void)[] = []
  const replace = (
    target: object,
    name: string,
    around: (original: PropertyDescriptor) => PropertyDescriptor,
  ): void => {
    const original = Object.getOwnPropertyDescriptor(target, name)!
    Object.defineProperty(target, name, { ...original, ...around(original) })
    undo.push(() => Object.defineProperty(target, name, original))
  }
  replace(Part.prototype, 'sizeBytes', ({ get }) => ({
    get(this: Part) {
      count++
      return get!.call(this)
    },
  }))
  for (const name of ['get', 'set', 'delete'])
    replace(Map.prototype, name, ({ value }) => ({
      value(this: Map<unknown, unknown>, ...args: unknown[]) {
        count++
        return value.apply(this, args)
      },
    }))
  for (const name of ['filter', 'find', 'findIndex', 'some', 'every', 'indexOf', 'includes', 'map'])
    replace(Array.prototype, name, ({ value }) => ({
      value(this: unknown[], ...args: unknown[]) {
        count += this.length
        return value.apply(this, args)
      },
    }))
  replace(Array.prototype, 'splice', ({ value }) => ({
    value(this: unknown[], start: number, ...rest: unknown[]) {
      count += this.length - start
      return value.call(this, start, ...rest)
    },
  }))
  try {
    run()
  } finally {
    for (const each of undo) each()
  }
  return count
}

const [FEW, MANY] = [3000, 12_000]

function filled(count: number, key: (index: number) => string = (index) => `k${index}`): BroadcastQueue {
  const queue = new BroadcastQueue()
  for (let index = 0; index < count; index++) {
    queue.control(index, new Part({ type: 'dead', incarnation: 1, node: `member-${index}`, from: 'x' }))
    const payload = new Uint8Array(40 + (index % 50))
    queue.payload({ key: key(index), names: [`i${index}`], version: 1, class: 'relayed', payload })
  }
  return queue
}

describe('a queue of many items', () => {
  it.each([1, 2, 3, 4, 5, 6])('does what lists sorted anew at each step do (%i)', (seed) => {
    const queue = new BroadcastQueue()
    const plain = new PlainQueue()
    const ends: string[] = []
    let [id, longest] = [0, 0]
    for (const each of fc.sample(step, { seed, numRuns: 2000 })) {
      if ('lane' in each) {
        const { lane, key, size } = each
        const added = ++id
        const onFinished = (end: BroadcastEnd): number => ends.push(`${added} ${end}`)
        if (lane === 'control') {
          const part = new Part({ type: 'dead', incarnation: 1, node: 'n'.repeat(size), from: '' })
          plain.add({ lane, key, names: [], version: 0, sizeBytes: part.sizeBytes, id, transmits: 0 })
          queue.control(Number(key), part, onFinished)
        } else {
          const { names, version } = each
          plain.add({ lane, key, names, version, sizeBytes: size, id, transmits: 0 })
          queue.payload({ class: lane, key, names, version, payload: new Uint8Array(size - 1), onFinished })
        }
      } else if ('fill' in each) {
        const parts = queue.fill(each.fill, 2, each.maxParts, 0.2, limits)
        expect(parts.map((part) => part.sizeBytes)).toEqual(plain.fill(each.fill, each.maxParts))
      } else if ('oversize' in each) {
        const done = new Set<number>()
        for (let round = 0; round < 3; round++) {
          const item = queue.takeOversize(each.oversize, limits, done)
          expect(item?.id).toBe(plain.oversize(each.oversize, done)?.id)
          if (item) done.add(item.id)
        }
      } else {
        queue.dropControl(Number(each.drop))
        const item = plain.lane('control').find(({ key }) => key === each.drop)
        if (item) plain.end(item, 'pruned')
      }
      expect(ends.length).toBe(plain.ends.length)
      longest = Math.max(longest, ...Object.values(queue.depths()).map(({ items }) => items))
    }
    for (const lane of classes) for (const item of plain.lane(lane)) plain.end(item, 'stopped')
    queue.stop()
    expect(ends).toEqual(plain.ends)
    for (const { items, bytes } of Object.values(queue.depths())) expect([items, bytes]).toEqual([0, 0])
    // More than one chunk of a list, or the run says nothing new.
    expect(longest).toBeGreaterThan(150)
  })

  const grows = (measured: (count: number) => number): number => measured(MANY) / measured(FEW)

  it('is filled, renewed, forgotten and stopped at a cost for each item that does not grow with their number', () => {
    expect(grows((count) => work(() => filled(count)))).toBeLessThan(6)
    expect(grows((count) => work(() => filled(count, () => 'one key')))).toBeLessThan(6)
    const renewed = (count: number): number => {
      const queue = filled(count)
      return work(() => {
        for (let index = 0; index < count; index++)
          queue.control(index, new Part({ type: 'suspect', incarnation: 1, node: `member-${index}`, from: 'x' }))
      })
    }
    expect(grows(renewed)).toBeLessThan(6)
    const forgotten = (count: number): number => {
      const queue = filled(count)
      return work(() => {
        for (let index = 0; index < count; index++) queue.dropControl(index)
      })
    }
    expect(grows(forgotten)).toBeLessThan(6)
    const stopped = (count: number): number => {
      const queue = filled(count)
      return work(() => queue.stop())
    }
    expect(grows(stopped)).toBeLessThan(6)
  })

  it('fills a packet at a cost that hardly depends on their number, also when nothing fits', () => {
    for (const budget of [1400, 60, 20]) {
      const packet = (count: number): number => {
        const queue = filled(count)
        return work(() => queue.fill(budget, 2, 255, 0.2, { control: 9, local: 9, relayed: 9, user: 9 }))
      }
      expect(grows(packet)).toBeLessThan(1.5)
    }
    const oversize = (count: number): number => {
      const queue = filled(count)
      return work(() => expect(queue.takeOversize(1400, limits, new Set())).toBeUndefined())
    }
    expect(grows(oversize)).toBeLessThan(1.5)
  })
})
