import type { ChangeNote } from './change.ts'

/** Keys that may wait in one prefix watcher's mailbox (kv spec 1.6, `watch-prefix-buffer-size`). */
export const DEFAULT_WATCH_PREFIX_BUFFER_SIZE = 128

/** Notes that wait for a watcher: one for each key, in the order in which the keys first changed, and bounded. */
export class Mailbox {
  readonly #maxKeys: number
  readonly #notes = new Map<string, ChangeNote>()

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  /** Takes a note, joined by `join` with one that waits for the same key. False: no room for another key. */
  post(note: ChangeNote, join: (older: ChangeNote) => ChangeNote): boolean {
    const older = this.#notes.get(note.key)
    if (older === undefined && this.#notes.size >= this.#maxKeys) return false
    this.#notes.set(note.key, older === undefined ? note : join(older))
    return true
  }

  /** The note that waits longest. */
  take(): ChangeNote | undefined {
    for (const [key, note] of this.#notes) {
      this.#notes.delete(key)
      return note
    }
    return undefined
  }
}
