// Goal: the laws about stores bite. Method: for each a history that keeps it and histories that break it, by hand.

import { describe, expect, it } from 'vitest'
import { boundedQueues } from '../../src/kv/laws/bounded-queues.ts'
import { confirmedUpdates } from '../../src/kv/laws/confirmed-updates.ts'
import { convergence } from '../../src/kv/laws/convergence.ts'
import { editScope } from '../../src/kv/laws/edit-scope.ts'
import { exactCounters } from '../../src/kv/laws/exact-counters.ts'
import { honestProof } from '../../src/kv/laws/honest-proof.ts'
import { lineOrder } from '../../src/kv/laws/line-order.ts'
import { newsQueued } from '../../src/kv/laws/news-queued.ts'
import { noKeyResurrection, noResurrection } from '../../src/kv/laws/no-resurrection.ts'
import { versionOrder } from '../../src/kv/laws/version-order.ts'
import { KEPT_MS, KvHistory, mark, nothing, reading, removal } from './history.ts'

describe('kv-convergence', () => {
  it('wants the same everywhere, and takes a deleted key for none', () => {
    const each = new KvHistory(convergence).everywhere(reading([mark(1)]))
    expect(each.end()).toEqual([])
    const deleted = new KvHistory(convergence)
    deleted.a.entries.set('k', reading([mark(1)], { deletedAtMs: 5 }))
    expect(deleted.end()).toEqual([])
    const empty = new KvHistory(convergence)
    empty.a.entries.set('k', reading([]))
    expect(empty.end()).toEqual([])
  })
  it('sees another value, and a key that is missing', () => {
    const other = new KvHistory(convergence).everywhere(reading([mark(1)]))
    other.c.entries.set('k', reading([mark(2)]))
    expect(other.end()).toMatchObject([{ node: 'c' }])
    const missing = new KvHistory(convergence).everywhere(reading([mark(1)]))
    missing.b.entries.delete('k')
    expect(missing.end()).toMatchObject([{ node: 'b' }])
  })
})

describe('no-resurrection', () => {
  const gone = reading([], { removals: [removal(2)] })
  it('lets the removed be gone, and be written again', () => {
    const each = new KvHistory(noResurrection)
    each
      .changed(each.a, reading([mark(1)]))
      .changed(each.a, gone)
      .changed(each.a, reading([mark(3)]))
    expect(each.end([])).toEqual([])
  })
  it('sees it back in the store that knew, also when that has forgotten', () => {
    const each = new KvHistory(noResurrection)
    each
      .changed(each.a, gone)
      .changed(each.a, reading([]))
      .changed(each.a, reading([mark(1)]))
    expect(each.end([])).toHaveLength(1)
  })
  it('sees it at the end in a store that never heard of the removal', () => {
    const each = new KvHistory(noResurrection)
    each.b.entries.set('k', reading([mark(1)]))
    each.changed(each.a, gone)
    expect(each.end()).toMatchObject([{ node: 'b' }])
  })
  it('says nothing of a key that was forgotten as a whole', () => {
    const each = new KvHistory(noResurrection)
    each.changed(each.a, gone).changed(each.a, reading([mark(3)]))
    each.law.purged?.(each.a, 'k')
    expect(each.changed(each.a, reading([mark(1)])).end([])).toEqual([])
  })
  it('says nothing when the time of the tombstone is over', () => {
    const each = new KvHistory(noResurrection)
    each.changed(each.a, gone).at(KEPT_MS + 10)
    expect(each.changed(each.a, reading([mark(1)])).end([])).toEqual([])
  })
})

describe('no-key-resurrection', () => {
  const deletedAtMs = 1_000_000
  const deleted = reading([mark(1)], { deletedAtMs })
  it('lets a deleted key stay deleted, and be forgotten in time', () => {
    const each = new KvHistory(noKeyResurrection)
    each.changed(each.a, deleted).looked(each.a)
    each.a.entries.delete('k')
    expect(each.at(KEPT_MS).looked(each.a).end()).toEqual([])
  })
  it('sees it alive again, forgotten too soon, and alive elsewhere at the end', () => {
    const again = new KvHistory(noKeyResurrection)
    again.changed(again.a, deleted).changed(again.a, reading([mark(1)]))
    expect(again.end([])).toHaveLength(1)
    const forgotten = new KvHistory(noKeyResurrection)
    forgotten.changed(forgotten.a, deleted)
    forgotten.a.entries.delete('k')
    expect(forgotten.looked(forgotten.a).end([])).toHaveLength(1)
    const elsewhere = new KvHistory(noKeyResurrection)
    elsewhere.b.entries.set('k', reading([mark(1)]))
    elsewhere.changed(elsewhere.a, deleted)
    expect(elsewhere.end()).toMatchObject([{ node: 'b' }])
  })
})

describe('confirmed-updates', () => {
  it('wants what was confirmed, or what came later', () => {
    const each = new KvHistory(confirmedUpdates).everywhere(reading([mark(1)])).confirmed([mark(1)])
    expect(each.end()).toEqual([])
    const later = new KvHistory(confirmedUpdates).everywhere(reading([mark(2)])).confirmed([mark(1)])
    expect(later.end()).toEqual([])
    const gone = new KvHistory(confirmedUpdates)
    gone.confirmed([mark(1)]).edited(gone.c, { marks: [], removals: [removal(1)] }, true)
    expect(gone.end()).toEqual([])
    const over = new KvHistory(confirmedUpdates).confirmed([{ ...mark(1), expiresAtMs: 1_000_100 }])
    expect(over.at(100).end()).toEqual([])
  })
  it('sees it lost where one who had it is still there', () => {
    const lost = new KvHistory(confirmedUpdates).confirmed([mark(1)])
    expect(lost.end([lost.b])).toHaveLength(1)
    const older = new KvHistory(confirmedUpdates).everywhere(reading([mark(1)])).confirmed([mark(2)])
    expect(older.end()).toHaveLength(3)
  })
  it('promises nothing where all who had it are gone', () => {
    const each = new KvHistory(confirmedUpdates).confirmed([mark(1)])
    each.law.end?.([each.c])
    expect(each.law).toMatchObject({ evaluations: 0, violations: [] })
  })
})

describe('honest-proof', () => {
  it('takes the word that is true', () => {
    expect(
      new KvHistory(honestProof)
        .everywhere(reading([mark(1)]))
        .confirmed([mark(1)])
        .end(),
    ).toEqual([])
  })
  it('takes a member that never had a key, or has forgotten it, for one that deleted it', () => {
    const none = new KvHistory(honestProof).confirmed([], { isDeletion: true })
    expect(none.end()).toEqual([])
    const late = new KvHistory(honestProof).at(20)
    expect(
      late
        .changed(late.b, reading([mark(1)]))
        .confirmed([], { isDeletion: true })
        .end(),
    ).toEqual([])
  })
  it('sees a member that does not have it, or has what was removed', () => {
    expect(new KvHistory(honestProof).confirmed([mark(1)]).end()).toMatchObject([{ node: 'b' }])
    const still = new KvHistory(honestProof).everywhere(reading([mark(1)]))
    expect(still.confirmed([], { removals: [removal(1)] }).end()).toMatchObject([{ node: 'b' }])
    const alive = new KvHistory(honestProof)
    alive.changed(alive.b, reading([mark(1)]))
    expect(alive.confirmed([], { isDeletion: true }).end()).toMatchObject([{ node: 'b' }])
  })
  it('sees too few of them', () => {
    const few = new KvHistory(honestProof).everywhere(reading([mark(1)]))
    expect(few.confirmed([mark(1)], { fraction: 1 }).end()).toMatchObject([{ node: 'a' }])
  })
})

describe('exact-counters', () => {
  const tallies = (added: number, value = added) =>
    reading([mark(added, 'a/0')], { tallies: new Map([['a/0', { added, subtracted: 0 }]]), value })
  const counted = (...all: number[]) => {
    const each = new KvHistory(exactCounters)
    for (const added of all) each.edited(each.a, { ...tallies(added), value: added }, false, ['a/0'])
    return each
  }
  it('adds up', () => {
    expect(counted(2, 5).everywhere(tallies(5)).end()).toEqual([])
  })
  it('lets be lost what its store lost before anybody was told', () => {
    const each = counted(2, 5).everywhere(tallies(2))
    expect(each.end([each.b, each.c])).toEqual([])
  })
  it('sees too little, what was confirmed and is lost, what nobody counted, and a wrong sum', () => {
    expect(counted(2, 5).everywhere(tallies(2)).end()).toHaveLength(3)
    const lost = counted(2, 5).everywhere(tallies(2))
    lost.confirmed([mark(5, 'a/0')])
    expect(lost.end([lost.b])).toHaveLength(1)
    const strange = counted(2, 5).everywhere(tallies(4))
    expect(strange.end([strange.b])).toHaveLength(1)
    expect(counted(5).everywhere(tallies(5, 6)).end()).toHaveLength(3)
  })
})

describe('bounded-queues', () => {
  it('has room for a change of each name', () => {
    const each = new KvHistory(boundedQueues)
    each.a.waiting = { local: 6, relayed: 12, queuedBytes: 1000, inboxPairs: 72, inboxBytes: 1000 }
    expect(each.looked(each.a).end()).toEqual([])
  })
  it('sees more of anything, and a tombstone that stays', () => {
    for (const more of [
      { local: 13 },
      { relayed: 13 },
      { queuedBytes: 1e9 },
      { inboxPairs: 73 },
      { inboxBytes: 1e9 },
    ]) {
      const each = new KvHistory(boundedQueues)
      each.a.waiting = { ...each.a.waiting, ...more }
      expect(each.looked(each.a).end(), JSON.stringify(more)).toHaveLength(1)
    }
    const old = new KvHistory(boundedQueues).at(KEPT_MS + 10)
    expect(old.changed(old.a, reading([], { removals: [removal(1)] })).end()).toHaveLength(1)
  })
})

describe('line-order', () => {
  it('lets the later follow, and sees the earlier', () => {
    const each = new KvHistory(lineOrder)
    each.changed(each.a, reading([mark(1)])).changed(each.a, reading([mark(2)]))
    expect(each.end()).toEqual([])
    expect(each.changed(each.a, reading([mark(1)])).end()).toHaveLength(1)
  })
  it('lets go what somebody removed, and sees what disappears', () => {
    const removed = new KvHistory(lineOrder)
    removed.edited(removed.b, { marks: [], removals: [removal(1)] }, true)
    expect(
      removed
        .changed(removed.a, reading([mark(1)]))
        .changed(removed.a, reading([]))
        .end(),
    ).toEqual([])
    const lost = new KvHistory(lineOrder)
    expect(
      lost
        .changed(lost.a, reading([mark(1)]))
        .changed(lost.a, reading([]))
        .end(),
    ).toHaveLength(1)
  })
})

describe('version-order', () => {
  it('counts by one, and begins anew', () => {
    const each = new KvHistory(versionOrder)
    for (const version of [1, 2, 3, 1]) each.changed(each.a, reading([], { version }))
    expect(each.end()).toEqual([])
  })
  it('sees one that stays, and one that is left out', () => {
    for (const wrong of [2, 4]) {
      const each = new KvHistory(versionOrder)
      for (const version of [1, 2, wrong]) each.changed(each.a, reading([], { version }))
      expect(each.end()).toHaveLength(1)
    }
  })
})

describe('kv-news-queued', () => {
  const news = (origin: 'local' | 'remote', lane: 'local' | 'relayed' | undefined, version = 1, names = ['x']) => {
    const each = new KvHistory(newsQueued)
    if (lane) each.law.queued?.({ store: each.a, key: 'k', version, class: lane, names })
    return each.changed(each.a, reading([mark(1)]), { origin }).end()
  }
  it('wants news of its own, and of others, in the queue', () => {
    expect(news('local', 'local')).toEqual([])
    expect(news('remote', 'relayed')).toEqual([])
  })
  it('sees nothing queued, an older version, the wrong class, and other names', () => {
    expect(news('remote', undefined)).toHaveLength(1)
    expect(news('remote', 'relayed', 0)).toHaveLength(1)
    expect(news('remote', 'local')).toHaveLength(1)
    expect(news('local', 'relayed')).toHaveLength(1)
    expect(news('local', 'local', 1, ['x', 'y'])).toHaveLength(1)
  })
})

describe('edit-scope', () => {
  const ofSet = { marks: [], removals: [removal(4, 'x', 'b')] }
  it('lets an edit write what it was asked to', () => {
    const each = new KvHistory(editScope)
    each.edited(each.a, { marks: [mark(1)], removals: [] })
    each.edited(each.a, { marks: [], removals: [removal(1)] }, true)
    each.edited(each.a, ofSet, true, ['x'], { marks: [mark(4, 'x', 'b')], removals: [] })
    expect(each.end()).toEqual([])
  })
  it('sees a removal from a set that takes along what it has not seen', () => {
    const each = new KvHistory(editScope)
    each.edited(each.a, ofSet, true, ['x'], { marks: [mark(3, 'x', 'b')], removals: [] })
    expect(each.end()).toHaveLength(1)
  })
  it('sees what went with it, and a removal in the place of a write', () => {
    const other = new KvHistory(editScope)
    other.edited(other.a, { marks: [mark(1)], removals: [removal(1, 'y')] })
    expect(other.end()).toHaveLength(1)
    const removedInstead = new KvHistory(editScope)
    removedInstead.edited(removedInstead.a, { ...nothing, removals: [removal(1)] })
    expect(removedInstead.end()).toHaveLength(1)
  })
})
