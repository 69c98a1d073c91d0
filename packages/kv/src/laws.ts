/**
 * The laws of a value type, as tests for any implementation. Needs no test library: hand it the `describe` and `it`
 * of yours.
 */
import assert from 'node:assert/strict'
import type { Merged, UnixMs, ValueType } from './contract.ts'
import { asUnixMs } from './time.ts'

/** What {@link checkLaws} calls: vitest's, Node's own, or any other of this shape. */
export interface TestLibrary {
  readonly describe: (title: string, body: () => void) => unknown
  readonly it: (title: string, body: () => void) => unknown
}

/** Numbers from 0 up to, not including, 1. */
export type Random = () => number

/** What the laws need to know about a type. */
export interface LawOptions<State> extends TestLibrary {
  /**
   * Any state that could exist at `wallNow`, tombstones included, with no time later than `wallNow`. States should
   * often have entries and times in common, or the laws hold without being tried.
   */
  readonly arbitraryState: (random: Random, wallNow: UnixMs) => State
  /** How many cases a law is tried with. Default 200. */
  readonly runs?: number
  /** Where the random numbers begin. Default 1. */
  readonly seed?: number
  /** Laws that are known not to hold, each with its reason, which becomes part of the title. */
  readonly except?: { readonly [law in Law]?: string }
  /** What two states are compared by. Default: their JSON form, in which the order of properties does not count. */
  readonly view?: (state: State) => unknown
}

/** The laws by name. */
export type Law =
  | 'idempotent'
  | 'commutative'
  | 'associative'
  | 'change is sound'
  | 'change is minimal'
  | 'codec round trip'
  | 'JSON round trip'
  | 'replace removes what is missing'
  | 'replace by itself changes nothing'
  | 'tombstones drop once'
  | 'pure'

/** The wall clock of all cases. */
const WALL_NOW = asUnixMs(1_700_000_000_000)

/** Declares one test for each law. */
export function checkLaws<State>(type: ValueType<State>, options: LawOptions<State>): void {
  const { describe, it, except = {}, runs = 200, seed = 1 } = options
  const subject = new Subject(type, options.view)
  describe(`the laws of ${type.codecId}`, () => {
    for (const [law, holds] of Object.entries(laws) as [Law, LawCheck][]) {
      const reason = except[law]
      if (reason !== undefined) {
        it(`${law}: excepted, ${reason}`, () => {})
        continue
      }
      it(law, () => {
        for (let run = 0; run < runs; run++) {
          const random = mulberry32(seed * 7919 + run)
          const any = () => subject.normal(options.arbitraryState(random, WALL_NOW))
          holds(subject, any(), any(), any())
        }
      })
    }
  })
}

// biome-ignore lint/suspicious/noExplicitAny: the laws are the same for every state
type LawCheck = (type: Subject<any>, a: any, b: any, c: any) => void

const laws: { readonly [law in Law]: LawCheck } = {
  idempotent(type, a, b) {
    assert.equal(type.merge(a, a).change, undefined, 'merging a state with itself reports a change')
    const once = type.merge(a, b).state
    const twice = type.merge(once, b)
    assert.equal(twice.change, undefined, 'merging the same news twice reports a change')
    type.same(twice.state, once)
  },

  commutative(type, a, b) {
    type.same(type.merge(a, b).state, type.merge(b, a).state)
  },

  associative(type, a, b, c) {
    type.same(type.merge(type.merge(a, b).state, c).state, type.merge(a, type.merge(b, c).state).state)
  },

  'change is sound'(type, a, b, c) {
    type.sound(a, type.merge(a, b), 'merge')
    type.sound(a, type.replace(a, type.visible(c)), 'replace')
  },

  'change is minimal'(type, a, b) {
    const { state, change } = type.merge(a, b)
    if (change === undefined) return
    assert.ok(type.names(change).length > 0, 'a change without names')
    const known = new Set([...type.names(state), ...type.names(a)])
    for (const name of type.names(change)) assert.ok(known.has(name), `${name} is in the change only`)
    assert.equal(type.merge(state, change).change, undefined, 'a change is news to the state it came from')
  },

  'codec round trip'(type, a) {
    const bytes = type.type.encode(a)
    const decoded = type.type.decode(bytes)
    type.equivalent(decoded, a)
    // The bytes are only lent: whatever becomes of them, the state stays.
    const lent = bytes.slice()
    const kept = type.type.decode(lent)
    lent.fill(0xff)
    type.same(kept, a)
    assert.deepEqual(type.type.encode(kept), type.type.encode(decoded))
  },

  'JSON round trip'(type, a) {
    type.equivalent(type.type.fromJson(JSON.parse(JSON.stringify(type.type.toJson(a)))), a)
  },

  'replace removes what is missing'(type, a, b) {
    const wanted = type.visible(b)
    const replaced = type.replace(a, wanted).state
    const allowed = new Set(type.names(wanted))
    for (const name of type.names(type.visible(replaced))) assert.ok(allowed.has(name), `${name} was not removed`)
    const after = type.visible(type.merge(replaced, a).state)
    for (const name of type.names(after)) assert.ok(allowed.has(name), `${name} is back after an older state came`)
  },

  'replace by itself changes nothing'(type, a) {
    assert.equal(type.replace(a, a).change, undefined, 'by the state itself')
    assert.equal(type.replace(a, type.visible(a)).change, undefined, 'by what readers see of it')
  },

  'tombstones drop once'(type, a) {
    for (const limit of [asUnixMs(WALL_NOW - 1000), undefined]) {
      const once = type.type.dropTombstones(a, limit)
      const twice = type.type.dropTombstones(once.state, limit)
      assert.equal(twice.removedCount, 0, 'tombstones were dropped twice')
      assert.equal(twice.state, once.state, 'another object although nothing was dropped')
      assert.equal(twice.remainingCount, once.remainingCount)
      if (once.removedCount === 0) assert.equal(once.state, a, 'another object although nothing was dropped')
      if (limit === undefined) assert.equal(once.remainingCount, 0, 'tombstones remain')
    }
  },

  pure(type, a, b) {
    const before = [type.view(a), type.view(b), type.view(type.type.empty())]
    type.merge(a, b)
    type.replace(a, b)
    type.replace(a, type.visible(b))
    type.visible(a)
    type.names(a)
    type.type.encode(a)
    assert.deepEqual([type.view(a), type.view(b), type.view(type.type.empty())], before, 'an argument was altered')
  },
}

/** A type with its clock held and its states comparable. */
class Subject<State> {
  readonly type: ValueType<State>
  readonly #view: (state: State) => unknown

  constructor(type: ValueType<State>, view?: (state: State) => unknown) {
    this.type = type
    this.#view = view ?? ((state) => type.toJson(state))
  }

  /** A copy that later alterations of the state do not reach. */
  view(state: State): unknown {
    return structuredClone(this.#view(state))
  }

  same(actual: State, expected: State): void {
    assert.deepEqual(this.#view(actual), this.#view(expected))
  }

  /** The same, and neither is news to the other: what the view does not show is the same, too. */
  equivalent(actual: State, expected: State): void {
    this.same(actual, expected)
    assert.equal(this.merge(actual, expected).change, undefined, 'something of the original was lost')
    assert.equal(this.merge(expected, actual).change, undefined, 'something was made up')
  }

  /** As a store would hold it: the first value is merged into the empty one. */
  normal(state: State): State {
    return this.type.merge(this.type.empty(), state, WALL_NOW).state
  }

  merge(state: State, incoming: State): Merged<State> {
    return this.type.merge(state, incoming, WALL_NOW)
  }

  replace(state: State, next: State): Merged<State> {
    return this.type.replace(state, next, WALL_NOW)
  }

  visible(state: State): State {
    return this.type.dropTombstones(state, undefined).state
  }

  names(state: State): readonly string[] {
    return this.type.names(state)
  }

  /** A replica that held the old state and gets the change ends where we are. */
  sound(before: State, { state, change }: Merged<State>, method: string) {
    if (change === undefined) return this.same(state, before)
    assert.deepEqual(
      this.#view(this.merge(before, change).state),
      this.#view(state),
      `the change of ${method} does not lead to its state`,
    )
  }
}

/** A small generator with a seed: the same cases each time. */
function mulberry32(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
