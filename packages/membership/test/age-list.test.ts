// Goal: a list by age is in order whatever comes in which order, and what a queue does to it stays cheap. Method: random
// operations beside an array; and looks at neighbours counted while a backlog is drained and newer items keep arriving.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AgeList } from '../src/age-list.ts'

class Item {
  static looks = 0
  readonly id: number
  newer: Item | undefined
  #older: Item | undefined

  constructor(id: number) {
    this.id = id
  }

  get older(): Item | undefined {
    Item.looks++
    return this.#older
  }

  set older(older: Item | undefined) {
    this.#older = older
  }
}

describe('a list by age', () => {
  it('gives what a sorted array gives', () => {
    const step = fc.record({ does: fc.constantFrom('insert', 'insert', 'remove', 'newest'), number: fc.nat(300) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const list = new AgeList<Item>()
        let plain: Item[] = []
        for (const { does, number } of steps) {
          if (does === 'insert') {
            if (plain.some(({ id }) => id === number)) continue
            const item = new Item(number)
            list.insert(item)
            plain.push(item)
          } else {
            const item = does === 'newest' ? list.newest : plain[number % Math.max(1, plain.length)]
            if (!item) continue
            list.remove(item)
            plain = plain.filter((each) => each !== item)
            expect([item.newer, item.older]).toEqual([undefined, undefined])
          }
          plain.sort((a, b) => b.id - a.id)
          expect(list.newest).toBe(plain[0])
          expect(list.oldest).toBe(plain.at(-1))
          expect([...list.newestFirst()]).toEqual(plain)
        }
      }),
    )
  })

  it('finds the place at once where backlogs are sent newest first while newer items keep arriving', () => {
    // What waits for its first transmission, in order of arrival; the list is of those that had it.
    const waiting: Item[] = []
    const list = new AgeList<Item>()
    let nextId = 0
    const arrive = (count: number): void => {
      for (let each = 0; each < count; each++) waiting.push(new Item(nextId++))
    }
    const send = (count: number): void => {
      for (let each = 0; each < count && waiting.length > 0; each++) list.insert(waiting.pop()!)
    }
    // Layers of backlogs, each begun and left.
    for (let layer = 0; layer < 3; layer++) {
      arrive(4000)
      send(1000)
    }
    Item.looks = 0
    let sent = 0
    for (const burst of [1, 2, 5, 30])
      for (let packet = 0; packet < 200; packet++) {
        arrive(burst)
        send(burst + 8)
        sent += burst + 8
      }
    while (waiting.length > 0) {
      send(1)
      sent++
    }
    expect(Item.looks / sent).toBeLessThan(12)
  })
})
