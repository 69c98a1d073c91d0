/**
 * What a store shows of a key, in words that fit every type of value: marks that somebody set, and removals that it knows of.
 * It is read from the state itself and shares no code with the merging.
 */
import type { AnyValueType, Counter, KvEntry, LastWriterMap, OrSet, Register, Written } from '@hearsay/kv'
import type { RingDesc } from '@hearsay/ring'

/** Something that was written. Of two on one line of one name, the higher rank is the later. */
export interface Mark {
  readonly name: string
  /** What of a name is counted apart: in a set, each writer. */
  readonly line: string
  readonly rank: number
  /** When it disappears of itself, if it does. */
  readonly expiresAtMs?: number | undefined
}

/** Something that was removed: whatever is on that line up to that rank. */
export interface Removal extends Mark {
  /** Wall clock of whoever removed it. */
  readonly buriedAtMs: number
}

/** What one writer has counted. */
export interface Tally {
  readonly added: number
  readonly subtracted: number
}

/** A state, taken apart. */
export interface Contents {
  readonly marks: readonly Mark[]
  readonly removals: readonly Removal[]
  /** Of a counter, by writer. */
  readonly tallies?: ReadonlyMap<string, Tally> | undefined
  /** Of a counter, what it shows. */
  readonly value?: number | undefined
}

/** A key as a store has it. */
export interface Reading extends Contents {
  readonly version: number
  /** When it was deleted; `undefined`: it was not. */
  readonly deletedAtMs: number | undefined
  /** What readers see, as text that is equal where values are. */
  readonly shown: string
}

/** An entry of a store, taken apart when somebody looks. */
export class EntryReading implements Reading {
  readonly version: number
  readonly deletedAtMs: number | undefined
  readonly #entry: KvEntry
  #contents: Contents | undefined
  #shown: string | undefined

  constructor(entry: KvEntry) {
    this.#entry = entry
    this.version = entry.version
    this.deletedAtMs = entry.deletedAt
  }

  get marks(): readonly Mark[] {
    return this.#read().marks
  }

  get removals(): readonly Removal[] {
    return this.#read().removals
  }

  get tallies(): ReadonlyMap<string, Tally> | undefined {
    return this.#read().tallies
  }

  get value(): number | undefined {
    return this.#read().value
  }

  get shown(): string {
    const { type, state } = this.#entry
    this.#shown ??= sorted(type.toJson(type.dropTombstones(state, undefined).state))
    return this.#shown
  }

  #read(): Contents {
    this.#contents ??= readState(this.#entry.type, this.#entry.state)
    return this.#contents
  }
}

/** A state of one of the types that the runs use. */
export function readState(type: AnyValueType, state: unknown): Contents {
  switch (type.codecId) {
    case 'hearsay.lastWriterMap':
      return written([...(state as LastWriterMap<unknown>).written.entries()])
    case 'hearsay.register': {
      const { written: only } = state as Register<unknown>
      return written(only ? [['value', only]] : [])
    }
    case 'hearsay.orSet':
      return set(state as OrSet<unknown>)
    case 'ringDesc':
      return ring(state as RingDesc)
    case 'hearsay.counter':
      return counter(state as Counter)
    default:
      throw new Error(`nobody can read a ${type.codecId} here`)
  }
}

/** Whether a mark, or something later in its place, is among these. */
export const holds = ({ marks }: Contents, { name, line, rank }: Mark): boolean =>
  marks.some((each) => each.name === name && each.line === line && each.rank >= rank)

/** A line of a key, as one text. */
export const lineOf = (key: string, { name, line }: Mark): string => `${key}\u0000${name}\u0000${line}`

function written(entries: readonly [string, Written<unknown>][]): Contents {
  const marks: Mark[] = []
  const removals: Removal[] = []
  for (const [name, { timestampMs: rank, isTombstone, buriedAtMs, expiresAtMs }] of entries)
    if (isTombstone) removals.push({ name, line: '', rank, buriedAtMs })
    else marks.push({ name, line: '', rank, expiresAtMs })
  return { marks, removals }
}

/** Of a ring the clock of each entry is in seconds. */
function ring(state: RingDesc): Contents {
  const marks: Mark[] = []
  const removals: Removal[] = []
  for (const [name, { timestamp, isTombstone }] of state) {
    const rank = Number(timestamp)
    if (isTombstone) removals.push({ name, line: '', rank, buriedAtMs: rank * 1000 })
    else marks.push({ name, line: '', rank })
  }
  return { marks, removals }
}

function set({ elements }: OrSet<unknown>): Contents {
  const marks: Mark[] = []
  const removals: Removal[] = []
  for (const [name, { additions }] of elements.entries())
    for (const [line, { addedAtMs, removedUpToMs, buriedAtMs, expiresAtMs }] of additions) {
      if (addedAtMs > removedUpToMs)
        marks.push({ name, line, rank: addedAtMs, expiresAtMs: expiresAtMs === 0 ? undefined : expiresAtMs })
      if (removedUpToMs > 0) removals.push({ name, line, rank: removedUpToMs, buriedAtMs })
    }
  return { marks, removals }
}

function counter({ counts, value }: Counter): Contents {
  const marks: Mark[] = []
  const tallies = new Map<string, Tally>()
  for (const [name, { added, subtracted }] of counts) {
    marks.push({ name, line: '', rank: added + subtracted })
    tallies.set(name, { added, subtracted })
  }
  return { marks, removals: [], tallies, value }
}

/** JSON with its names in order. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
