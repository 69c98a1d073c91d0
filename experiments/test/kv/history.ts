/** Histories by hand: stores that say what the test wants them to say. */
import type { Violation } from '@hearsay/simulator'
import { Chronicle, type KvSetting } from '../../src/kv/chronicle.ts'
import type { KvChecker, KvLaw } from '../../src/kv/laws/law.ts'
import type { Change, Confirmation, Depths, StoreView } from '../../src/kv/observer.ts'
import type { Contents, Mark, Reading, Removal } from '../../src/kv/reading.ts'

export const KEPT_MS = 60_000
const START_MS = 1_000_000

export const nothing: Contents = { marks: [], removals: [] }

/** A store of glass. */
export class FakeStore implements StoreView {
  readonly member: string
  readonly life: number
  readonly writer: string
  readonly clockMs = 0
  isUp = true
  waiting: Depths = { local: 0, relayed: 0, queuedBytes: 0, inboxPairs: 0, inboxBytes: 0 }
  readonly entries = new Map<string, Reading>()

  constructor(member: string, life = 0) {
    this.member = member
    this.life = life
    this.writer = `${member}/${life}`
  }

  keys(): readonly string[] {
    return [...this.entries.keys()]
  }

  read(key: string): Reading | undefined {
    return this.entries.get(key)
  }

  depths(): Depths {
    return this.waiting
  }
}

export const mark = (rank: number, name = 'x', line = ''): Mark => ({ name, line, rank })
export const removal = (rank: number, name = 'x', line = '', buriedAtMs = START_MS + rank): Removal => ({
  name,
  line,
  rank,
  buriedAtMs,
})

/** A key with these marks, and what else is said of it. */
export const reading = (marks: readonly Mark[], more: Partial<Reading> = {}): Reading => ({
  marks,
  removals: [],
  version: 1,
  deletedAtMs: undefined,
  shown: marks.map(({ name, line, rank }) => `${name}${line}${rank}`).join(),
  ...more,
})

/** Stores `a`, `b` and `c`, and one law that watches them. */
export class KvHistory {
  readonly a = new FakeStore('a')
  readonly b = new FakeStore('b')
  readonly c = new FakeStore('c')
  readonly chronicle: Chronicle
  readonly law: KvChecker

  constructor(law: KvLaw, setting: Partial<KvSetting> = {}) {
    this.chronicle = new Chronicle({
      tombstoneMs: KEPT_MS,
      obsoleteMs: KEPT_MS,
      skewMs: 0,
      keys: 2,
      names: 2,
      writers: 1,
      inboxPairsPerKey: 4,
      ...setting,
    })
    this.law = law(this.chronicle)
    this.at(0)
  }

  /** Time goes by. */
  at(nowMs: number): this {
    this.chronicle.nowMs = nowMs
    this.chronicle.wallMs = START_MS + nowMs
    return this
  }

  /** A store has another value, and tells. */
  changed(store: FakeStore, next: Reading, more: Partial<Change> = {}): this {
    store.entries.set('k', next)
    this.chronicle.changed({ store, key: 'k', origin: 'remote', change: next, reading: next })
    this.law.changed?.({ store, key: 'k', origin: 'remote', change: next, reading: next, ...more })
    return this
  }

  /** All stores have the same, from the beginning. */
  everywhere(next: Reading): this {
    for (const store of [this.a, this.b, this.c]) store.entries.set('k', next)
    return this
  }

  edited(store: FakeStore, change: Contents, removes = false, names: readonly string[] = ['x'], seen = nothing): this {
    const edit = { store, key: 'k', seen, change, removes, names: new Set(names) }
    this.chronicle.edited(edit)
    this.law.edited?.(edit)
    return this
  }

  /** `a` is told that `b` has it. */
  confirmed(marks: readonly Mark[], more: Partial<Confirmation> = {}): this {
    this.law.confirmed?.({
      store: this.a,
      key: 'k',
      fraction: 0.5,
      marks,
      removals: [],
      isDeletion: false,
      sinceMs: 10,
      proven: [{ store: this.b, isSame: true }],
      unprovenCount: 1,
      ...more,
    })
    return this
  }

  looked(store: FakeStore): this {
    this.law.looked?.(store)
    return this
  }

  /** What the law has to say; it must have been put to the test. */
  end(stores: readonly FakeStore[] = [this.a, this.b, this.c]): readonly Violation[] {
    this.law.end?.(stores)
    if (this.law.evaluations === 0) throw new Error(`${this.law.name} was never put to the test`)
    return this.law.violations
  }
}
