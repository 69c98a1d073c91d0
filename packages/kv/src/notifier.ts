import { type ChangeNote, coalesce } from './change.ts'
import type { UnixMs } from './contract.ts'

/** Collects changed keys and lets them go once an interval (kv spec 1.6). Without an interval nothing is held back. */
export class Notifier {
  readonly #intervalMs: number
  #pending = new Map<string, ChangeNote>()
  #at: number | undefined

  /** `intervalMs` 0: notify at once. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  /** Monotonic time at which the collected notes are due. */
  get at(): number | undefined {
    return this.#at
  }

  /** Keys that wait. */
  get size(): number {
    return this.#pending.size
  }

  /** Takes a note and returns what may be delivered now. */
  add(note: ChangeNote, now: number, wallNow: UnixMs): readonly ChangeNote[] {
    if (this.#intervalMs <= 0) return [note]
    const older = this.#pending.get(note.key)
    this.#pending.set(note.key, older === undefined ? note : coalesce(older, note, wallNow))
    this.#at ??= now + this.#intervalMs
    return []
  }

  /** The interval is over: everything collected. */
  flush(): readonly ChangeNote[] {
    const notes = [...this.#pending.values()]
    this.#pending = new Map()
    this.#at = undefined
    return notes
  }
}
