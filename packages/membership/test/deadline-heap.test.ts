// Goal: whatever is due comes out in order of time, equal times in the order in which they came. Method: a sorted array.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeadlineHeap, type Due } from '../src/deadline-heap.ts'

interface Entry {
  at: number
  readonly order: number
  readonly ticket: Due<number>
}

const operation = fc.record({
  kind: fc.constantFrom('add', 'add', 'add', 'move', 'remove', 'shift', 'again', 'clear'),
  at: fc.oneof(
    { weight: 4, arbitrary: fc.nat(6) },
    { weight: 6, arbitrary: fc.nat(1000) },
    { weight: 1, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
  ),
  which: fc.nat(1000),
})

describe('a heap of deadlines', () => {
  it('is what a sorted array is', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 150, size: 'max' }), (operations) => {
        const heap = new DeadlineHeap<number>()
        let model: Entry[] = []
        const gone: Due<number>[] = []
        let order = 0
        for (const { kind, at, which } of operations) {
          const entry = model[which % Math.max(1, model.length)]
          if (kind === 'add') {
            model.push({ at, order, ticket: heap.add(at, order) })
            order++
          } else if (kind === 'clear' && which % 40 === 0) {
            heap.clear()
            gone.push(...model.map(({ ticket }) => ticket))
            model = []
          } else if (kind === 'again' && gone.length > 0) {
            // A ticket that has left changes nothing any more.
            heap.move(gone[which % gone.length]!, at)
            heap.remove(gone[which % gone.length]!)
          } else if (kind === 'shift') {
            expect(heap.shift()).toBe(model[0]?.order)
            if (model[0]) gone.push(model.shift()!.ticket)
          } else if (entry && kind === 'move') {
            heap.move(entry.ticket, at)
            entry.at = at
          } else if (entry && kind === 'remove') {
            heap.remove(entry.ticket)
            model.splice(model.indexOf(entry), 1)
            gone.push(entry.ticket)
          }
          model.sort((a, b) => (a.at === b.at ? a.order - b.order : a.at - b.at))
          expect(heap.size).toBe(model.length)
          expect(heap.nextAt).toBe(model[0]?.at ?? Number.POSITIVE_INFINITY)
          expect(heap.first).toBe(model[0]?.order)
          expect(model.every(({ ticket, at: due }) => ticket.at === due)).toBe(true)
        }
        expect(model.map(() => heap.shift())).toEqual(model.map((each) => each.order))
        expect(heap.shift()).toBeUndefined()
      }),
      { numRuns: 150 },
    )
  })
})
