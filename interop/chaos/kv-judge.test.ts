// Goal: the judge of stores finds what was lost and what came back, and forgives what is in order. Method: histories
// written by hand, each with one thing planted in it, or with one thing that only looks like it.

import { describe, expect, it } from 'vitest'
import { Judge } from '../src/chaos/kv/judge.ts'
import type { Operation, OperationKind } from '../src/chaos/kv/operation.ts'
import { tally } from '../src/chaos/kv/tally.ts'
import { differencesBetween, type EntryView, type KeyView, type View } from '../src/chaos/kv/view.ts'

/** Seconds; every history begins here. */
const start = 1_700_000_000
const memory = { tombstonesMs: 300_000, deletedKeysMs: 120_000 }
const key = 'ring/1'

const ms = (second: number): number => (start + second) * 1000
const there = (second: number): EntryView => ({ timestamp: start + second, isTombstone: false, text: `at ${second}` })
const removed = (second: number): EntryView => ({ ...there(second), isTombstone: true })
const holding = (entries: Readonly<Record<string, EntryView>>, deletedAtMs?: number): View =>
  new Map<string, KeyView>([[key, { deletedAtMs, entries: new Map(Object.entries(entries)) }]])

/** A judge of two members that run, with `at` for operations and `sees` for views, all at whole seconds. */
function history() {
  const judge = new Judge(memory)
  for (const member of ['ts-1', 'go-1']) judge.started(member, ms(0))
  const at = (
    second: number,
    kind: OperationKind,
    { by = 'ts-1', name = 'a', confirmedBy = ['go-1'] }: { by?: string; name?: string; confirmedBy?: string[] } = {},
  ): Operation => {
    const place = { key, name: kind === 'delete' ? '' : name }
    const operation = judge.began({ kind, by, ...place, fault: 'calm', startedMs: ms(second) })
    judge.done(operation, start + second, ms(second))
    if (confirmedBy.length > 0) judge.confirmed(operation, confirmedBy, ms(second))
    return operation
  }
  const sees = (second: number, member: string, view: View): string[] => {
    const before = judge.problems.length
    judge.saw(member, view, ms(second), ms(second))
    return judge.problems.slice(before).map(({ kind }) => kind)
  }
  const ends = (second: number, view: View): string[] =>
    judge.conclude(new Map([['go-1', view]]), ms(second)).map(({ kind, where }) => `${kind} at ${where}`)
  return { judge, at, sees, ends }
}

describe('a confirmed write', () => {
  it.each([
    ['is there', holding({ a: there(10) })],
    ['was written again', holding({ a: there(11) })],
  ])('is kept when it %s', (_, view) => {
    const { at, sees, ends } = history()
    at(10, 'write')
    expect(sees(12, 'go-1', view)).toEqual([])
    expect(ends(13, view)).toEqual([])
  })

  it.each([
    ['its key is missing', new Map()],
    ['its entry is missing', holding({})],
    ['an older one is in its place', holding({ a: there(9) })],
    ['an older tombstone is in its place', holding({ a: removed(9) })],
    ['a tombstone is in its place that nobody made', holding({ a: removed(10) })],
  ])('is lost when %s: with a member that was proven to have it, and in the end', (_, view) => {
    const { at, sees, ends } = history()
    at(10, 'write')
    expect(ends(11, view)).toEqual(['lost at go-1'])
    expect(sees(11, 'go-1', view)).toEqual(['lost'])
  })

  it('is kept when it was removed at the same second or later, by whomever', () => {
    const { at, ends } = history()
    at(10, 'write')
    at(10, 'remove', { by: 'go-1', confirmedBy: [] })
    expect(ends(11, holding({ a: removed(10) }))).toEqual([])
  })

  it('may be gone without a trace only when its tombstone is forgotten, or its key was deleted', () => {
    const { at, ends } = history()
    at(10, 'write')
    at(20, 'remove', { confirmedBy: [] })
    expect(ends(30, holding({}))).toEqual(['lost at go-1'])
    expect(ends(320, holding({}))).toEqual([])
    const other = history()
    other.at(10, 'write')
    other.at(20, 'delete', { confirmedBy: [] })
    expect(other.ends(30, new Map())).toEqual([])
  })

  it('need not be with a process that has been started since', () => {
    const { judge, at, sees } = history()
    at(10, 'write')
    judge.started('go-1', ms(11))
    expect(sees(12, 'go-1', new Map())).toEqual([])
  })

  it('must be with the member that did it, confirmed or not', () => {
    const { at, sees } = history()
    at(10, 'write', { confirmedBy: [] })
    expect(sees(11, 'go-1', holding({}))).toEqual([])
    expect(sees(11, 'ts-1', holding({}))).toEqual(['lost'])
  })
})

describe('what a process shows', () => {
  it('does not go back to something older, nor vanish', () => {
    const { sees } = history()
    expect(sees(10, 'go-1', holding({ a: there(9), b: there(9) }))).toEqual([])
    expect(sees(11, 'go-1', holding({ a: there(8) }))).toEqual(['lost', 'lost'])
  })

  it('is not back after it was removed, within the time of the tombstone', () => {
    const { sees } = history()
    expect(sees(10, 'go-1', holding({ a: removed(9) }))).toEqual([])
    expect(sees(11, 'go-1', holding({ a: there(8) }))).toEqual(['resurrected'])
    expect(sees(12, 'go-1', holding({ a: removed(9) }))).toEqual([])
    expect(sees(400, 'go-1', holding({ a: there(8) }))).toEqual([])
  })

  it('is back in order when it was written again after it was removed', () => {
    const { sees } = history()
    expect(sees(10, 'go-1', holding({ a: removed(9) }))).toEqual([])
    expect(sees(11, 'go-1', holding({ a: there(10) }))).toEqual([])
  })

  it('forgets a tombstone not before its time', () => {
    const { sees } = history()
    expect(sees(10, 'go-1', holding({ a: removed(9), b: there(9) }))).toEqual([])
    expect(sees(200, 'go-1', holding({ b: there(9) }))).toEqual(['lost'])
    expect(sees(201, 'go-1', holding({ a: removed(9), b: there(9) }))).toEqual([])
    expect(sees(310, 'go-1', holding({ b: there(9) }))).toEqual([])
  })
})

describe('a confirmed removal', () => {
  it('is undone when the entry is there as it was, and not when it was written again or forgotten', () => {
    const { at, sees, ends } = history()
    at(10, 'write')
    at(20, 'remove')
    expect(ends(21, holding({ a: removed(20) }))).toEqual([])
    expect(ends(21, holding({ a: there(21) }))).toEqual([])
    expect(ends(400, holding({}))).toEqual([])
    expect(ends(21, holding({ a: there(19) }))).toEqual(['resurrected at go-1'])
    expect(sees(21, 'go-1', holding({ a: there(20) }))).toEqual(['resurrected'])
  })
})

describe('a confirmed deletion of a key', () => {
  it('is undone when the key is live, within the time that it is remembered', () => {
    const { at, sees, ends } = history()
    expect(sees(9, 'go-1', holding({ a: there(9) }))).toEqual([])
    at(10, 'delete')
    expect(ends(11, holding({ a: there(9) }, ms(10)))).toEqual([])
    expect(ends(11, new Map())).toEqual([])
    expect(ends(11, holding({ a: there(9) }))).toEqual(['resurrected at go-1'])
    expect(ends(131, holding({ a: there(9) }))).toEqual([])
    expect(sees(11, 'go-1', holding({ a: there(9) }))).toEqual(['resurrected'])
  })

  it('is not undone where the key comes for the first time after it was not there, but in the end it is', () => {
    const { judge, at, sees, ends } = history()
    const deletion = at(10, 'delete')
    expect(sees(11, 'go-1', holding({ a: there(9) }))).toEqual([])
    expect(judge.absences).toEqual([deletion])
    expect(ends(12, holding({ a: there(9) }))).toEqual(['resurrected at go-1'])
  })

  it('is not undone by somebody who writes the key again', () => {
    const { at, ends } = history()
    at(10, 'delete')
    at(11, 'write', { name: 'b' })
    expect(ends(12, holding({ b: there(11) }))).toEqual([])
  })

  it('does not take itself back in one process', () => {
    const { sees } = history()
    expect(sees(10, 'go-1', holding({ a: there(9) }, ms(9)))).toEqual([])
    expect(sees(11, 'go-1', holding({ a: there(9) }))).toEqual(['resurrected'])
  })
})

describe('what nobody can tell', () => {
  it('an operation without an answer excuses, and is no update', () => {
    const { judge, at, ends } = history()
    at(10, 'write')
    const intent = { kind: 'remove', by: 'go-1', key, name: 'a', fault: 'kill Go', startedMs: ms(11) } as const
    judge.ended(judge.began(intent), 'unknown', ms(12))
    expect(ends(13, holding({ a: removed(11) }))).toEqual([])
    expect(tally(judge.operations, [], (name) => name === 'ts-1')).toEqual({
      all: { updates: 1, confirmed: 1, unconfirmed: 0, byGo: 0, lost: 0, resurrected: 0 },
      calm: { updates: 1, confirmed: 1, unconfirmed: 0, byGo: 0, lost: 0, resurrected: 0 },
    })
  })

  it('an operation that came to nothing excuses nothing', () => {
    const { judge, at, ends } = history()
    at(10, 'write')
    const intent = { kind: 'remove', by: 'go-1', key, name: 'a', fault: 'calm', startedMs: ms(11) } as const
    judge.ended(judge.began(intent), 'nothing', ms(12))
    expect(ends(13, holding({ a: removed(11) }))).toEqual(['lost at go-1'])
  })

  it('a view that was asked for before the answer came need not show it', () => {
    const { judge, at, sees } = history()
    at(10, 'write')
    judge.saw('go-1', holding({}), ms(9), ms(11))
    expect(judge.problems).toEqual([])
    expect(sees(12, 'go-1', holding({}))).toEqual(['lost'])
  })
})

describe('counts', () => {
  it('a loss counts once, where the operation began, however many show it', () => {
    const { judge, at } = history()
    at(10, 'write')
    at(10, 'write', { by: 'go-1', name: 'b', confirmedBy: [] })
    const views = new Map([
      ['go-1', holding({})],
      ['ts-1', holding({})],
    ])
    expect(tally(judge.operations, judge.conclude(views, ms(11)), (name) => name === 'ts-1').calm).toEqual({
      updates: 1,
      confirmed: 1,
      unconfirmed: 0,
      byGo: 1,
      lost: 1,
      resurrected: 0,
    })
  })
})

describe('stores differ', () => {
  it('in live entries of live keys, not in tombstones', () => {
    const difference = (other: View) =>
      differencesBetween(
        new Map([
          ['ts-1', holding({ a: there(1) })],
          ['go-1', other],
        ]),
      )
    expect(difference(holding({ a: there(1), b: removed(1) }))).toEqual([])
    expect(difference(holding({ a: there(2) }))).toHaveLength(1)
    expect(difference(holding({ a: there(1) }, ms(1)))).toHaveLength(1)
    expect(difference(new Map())).toHaveLength(1)
  })
})
