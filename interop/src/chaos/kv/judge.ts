/**
 * Judges what happened to the values of a cluster: nothing that was confirmed may be lost, nothing that was removed may
 * be back. It is told all operations and every view of every store, and knows no clock.
 *
 * Views are held against three things: what the same process showed before; what it has itself, or was proven to have;
 * and in the end, in every process, against all that was confirmed. A newer entry, or a later removal, keeps a write.
 */
import type { Intent, Operation } from './operation.ts'
import type { EntryView, Holds, KeyView, View } from './view.ts'

/** How long stores remember. */
export interface Memory {
  /** Removed entries, in milliseconds: `left-ingesters-timeout`. */
  readonly tombstonesMs: number
  /** Deleted keys, at least, in milliseconds: `obsolete-entries-timeout`. */
  readonly deletedKeysMs: number
}

/** Something that must not be. */
export interface Problem {
  readonly kind: 'lost' | 'resurrected'
  /** The member that shows it. */
  readonly where: string
  readonly what: string
  /** The operation it undoes; undefined when no answer told its timestamp. */
  readonly operation: Operation | undefined
}

/** What a process must have from a moment on. */
interface Duty {
  readonly operation: Operation
  readonly sinceMs: number
}

/** One life of a process. */
interface Life {
  readonly startedMs: number
  readonly duties: Map<string, Duty>
  /** Keys that it has shown, live or deleted. */
  readonly known: Set<string>
  last: View | undefined
}

/** Rounding of timestamps to seconds, and stores that trim at different moments. */
const SLACK_MS = 2500

/** The judge of one run. */
export class Judge {
  readonly operations: Operation[] = []
  /** What was found while it ran. */
  readonly problems: Problem[] = []
  /** How often a store was held against something that it must have. */
  checks = 0
  /**
   * Deletions that a member proved by not having the key, and the key came to it alive later, for the first time: a peer
   * that does not know a key takes no notice of its deletion. Nothing is back that was gone, so it is no problem by itself.
   */
  readonly absences: Operation[] = []
  readonly #memory: Memory
  readonly #holds: Holds
  readonly #lives = new Map<string, Life>()
  /** By key and name; deletions of keys have no name. */
  readonly #byPlace = new Map<string, Operation[]>()

  /** `holds`: which keys a member can hold at all. Default: all. */
  constructor(memory: Memory, holds: Holds = () => true) {
    this.#memory = memory
    this.#holds = holds
  }

  /** A process starts: it owes nothing of what an earlier one had. */
  started(member: string, atMs: number): void {
    this.#lives.set(member, { startedMs: atMs, duties: new Map(), known: new Set(), last: undefined })
  }

  /** An operation is sent to a member. */
  began(intent: Intent): Operation {
    const fresh = { outcome: 'pending', endedMs: undefined, timestamp: 0, confirmed: undefined } as const
    const operation: Operation = { ...intent, ...fresh, id: this.operations.length + 1 }
    this.operations.push(operation)
    const place = placeOf(operation)
    const there = this.#byPlace.get(place)
    if (there) there.push(operation)
    else this.#byPlace.set(place, [operation])
    return operation
  }

  /** The member has it; `timestamp` in Unix seconds. */
  done(operation: Operation, timestamp: number, atMs: number): void {
    Object.assign(operation, { outcome: 'done', timestamp, endedMs: atMs })
    this.#owes(operation.by, operation, atMs)
  }

  /** It came to nothing, or nobody knows. */
  ended(operation: Operation, outcome: 'nothing' | 'unknown', atMs: number): void {
    Object.assign(operation, { outcome, endedMs: atMs })
  }

  /** These other members were proven to have it. */
  confirmed(operation: Operation, proven: readonly string[], atMs: number): void {
    operation.confirmed = true
    for (const member of proven) this.#owes(member, operation, atMs)
  }

  /** The wait for proof was over before there was enough. */
  unconfirmed(operation: Operation): void {
    operation.confirmed = false
  }

  /** A store was looked at: asked at one moment, answered at another. */
  saw(member: string, view: View, askedMs: number, atMs: number): void {
    const life = this.#lives.get(member)
    if (life === undefined || life.startedMs > askedMs) return
    if (life.last) this.problems.push(...this.#setbacks(member, life.last, view, atMs))
    life.last = view
    for (const [place, { operation, sinceMs }] of life.duties) {
      if (sinceMs > askedMs) continue
      this.checks++
      const kind = this.#undone(operation, view, atMs)
      if (kind === undefined) continue
      if (operation.kind === 'delete' && !life.known.has(operation.key)) this.absences.push(operation)
      else this.problems.push(problem(kind, member, operation, view))
      life.duties.delete(place)
    }
    for (const key of view.keys()) life.known.add(key)
  }

  /** What is wrong in the end, with a view of every member, added to what was found before. */
  conclude(views: ReadonlyMap<string, View>, atMs: number): Problem[] {
    const found = [...this.problems]
    for (const operation of this.operations)
      if (operation.confirmed)
        for (const [member, view] of views) {
          if (!this.#holds(member, operation.key)) continue
          const kind = this.#undone(operation, view, atMs)
          if (kind) found.push(problem(kind, member, operation, view))
        }
    return found
  }

  /** A later duty for the same place takes the place of an earlier one, unless it is about something older. */
  #owes(member: string, operation: Operation, atMs: number): void {
    const life = this.#lives.get(member)
    if (life === undefined || life.startedMs > operation.startedMs) return
    const place = placeOf(operation)
    const before = life.duties.get(place)
    if (before === undefined || before.operation.timestamp <= operation.timestamp)
      life.duties.set(place, { operation, sinceMs: atMs })
  }

  /** Whether a store that had this operation, or should have it, shows that it has not. */
  #undone(operation: Operation, view: View, atMs: number): Problem['kind'] | undefined {
    const key = view.get(operation.key)
    if (operation.kind === 'delete') {
      const isLive = key !== undefined && key.deletedAtMs === undefined
      const isRemembered = atMs < operation.startedMs + this.#memory.deletedKeysMs
      return isLive && isRemembered && !this.#isWrittenAfter(operation) ? 'resurrected' : undefined
    }
    const entry = key?.entries.get(operation.name)
    if (operation.kind === 'remove') {
      const isBack = entry !== undefined && !entry.isTombstone && entry.timestamp <= operation.timestamp
      return isBack && this.#remembers(operation.timestamp, atMs) ? 'resurrected' : undefined
    }
    if (entry === undefined) return this.#mayBeGone(operation, atMs) ? undefined : 'lost'
    if (entry.timestamp < operation.timestamp) return 'lost'
    return entry.isTombstone && !this.#isRemoved(operation) ? 'lost' : undefined
  }

  /** What a process no longer shows as it did. */
  #setbacks(where: string, before: View, after: View, atMs: number): Problem[] {
    const found: Problem[] = []
    for (const [key, was] of before) {
      const is = after.get(key)
      if (this.#isRevived(key, was, is, atMs))
        found.push({ kind: 'resurrected', where, what: `${key} was deleted`, operation: this.#at(key, '').at(-1) })
      for (const [name, entry] of was.entries) {
        const kind = this.#setback(key, entry, is?.entries.get(name), atMs)
        if (kind === undefined) continue
        const what = `${key} ${name} was ${told(entry)}, then ${told(is?.entries.get(name))}`
        const operation = this.#at(key, name).find(({ timestamp }) => timestamp === entry.timestamp)
        found.push({ kind, where, what, operation })
      }
    }
    return found
  }

  #setback(key: string, was: EntryView, is: EntryView | undefined, atMs: number): Problem['kind'] | undefined {
    if (is === undefined) {
      // Of a deleted key everything goes at once; a tombstone when its time is over.
      if (this.#at(key, '').length > 0) return undefined
      const isForgotten = was.isTombstone && !this.#remembers(was.timestamp, atMs + SLACK_MS)
      return isForgotten ? undefined : 'lost'
    }
    if (was.isTombstone && !is.isTombstone && is.timestamp <= was.timestamp)
      return this.#remembers(was.timestamp, atMs) ? 'resurrected' : undefined
    return is.timestamp < was.timestamp ? 'lost' : undefined
  }

  #isRevived(key: string, was: KeyView, is: KeyView | undefined, atMs: number): boolean {
    if (was.deletedAtMs === undefined || is === undefined || is.deletedAtMs !== undefined) return false
    const deletedAtMs = was.deletedAtMs
    const isWritten = this.#allOf(key).some(({ kind, startedMs }) => kind === 'write' && startedMs >= deletedAtMs)
    return atMs < deletedAtMs + this.#memory.deletedKeysMs && !isWritten
  }

  #remembers(timestamp: number, atMs: number): boolean {
    return atMs < timestamp * 1000 + this.#memory.tombstonesMs
  }

  /** A removal of it that is at least as late, or one of which nobody knows how late. */
  #isRemoved({ key, name, timestamp }: Operation): boolean {
    return this.#at(key, name).some((other) => other.kind === 'remove' && latestOf(other) >= timestamp)
  }

  /** Its removal is forgotten, or its key was deleted. */
  #mayBeGone({ key, name, timestamp }: Operation, atMs: number): boolean {
    if (this.#at(key, '').some(({ outcome }) => outcome !== 'nothing')) return true
    return this.#at(key, name).some(
      (other) =>
        other.kind === 'remove' &&
        latestOf(other) >= timestamp &&
        !this.#remembers(Math.floor(other.startedMs / 1000), atMs + SLACK_MS),
    )
  }

  #isWrittenAfter({ key, startedMs }: Operation): boolean {
    return this.#allOf(key).some((other) => other.kind === 'write' && (other.endedMs ?? Infinity) >= startedMs)
  }

  #at(key: string, name: string): readonly Operation[] {
    return this.#byPlace.get(placeOf({ key, name })) ?? []
  }

  #allOf(key: string): Operation[] {
    return this.operations.filter((operation) => operation.key === key)
  }
}

const placeOf = ({ key, name }: Pick<Operation, 'key' | 'name'>): string => `${key}\0${name}`

/** Unix seconds that a removal is dated with at most; `Infinity` as long as no answer has come. */
function latestOf({ outcome, timestamp, endedMs }: Operation): number {
  if (outcome === 'nothing') return -1
  return endedMs === undefined ? Infinity : Math.max(timestamp, endedMs / 1000)
}

const told = (entry: EntryView | undefined): string =>
  entry === undefined ? 'gone' : `${entry.isTombstone ? 'removed' : 'there'} at ${entry.timestamp}`

function problem(kind: Problem['kind'], where: string, operation: Operation, view: View): Problem {
  const { key, name, timestamp, by, id } = operation
  const is = name === '' ? 'live' : told(view.get(key)?.entries.get(name))
  const what = `${operation.kind} ${id} of ${`${key} ${name}`.trim()} at ${timestamp} by ${by}: it is ${is}`
  return { kind, where, what, operation }
}
