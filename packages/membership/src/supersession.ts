/** Which queued payloads a newer one makes useless (kv spec 3.10). */
import type { QueuedItem } from './queued-item.ts'

const none: readonly QueuedItem[] = []

/** The payloads of one class, whatever lane or hand they are in. */
export class Supersession {
  /** By key and first name: an item can only be superseded by one that has its first name, too. */
  readonly #byHandle = new Map<string, QueuedItem | Set<QueuedItem>>()

  add(item: QueuedItem): void {
    const handle = handleOf(item.key, item.names[0])
    const there = this.#byHandle.get(handle)
    if (there === undefined) this.#byHandle.set(handle, item)
    else if (there instanceof Set) there.add(item)
    else this.#byHandle.set(handle, new Set([there, item]))
  }

  forget(item: QueuedItem): void {
    const handle = handleOf(item.key, item.names[0])
    const there = this.#byHandle.get(handle)
    if (there instanceof Set) there.delete(item)
    if (there === item || (there instanceof Set && there.size === 0)) this.#byHandle.delete(handle)
  }

  /** In the order of sending: same key, not newer, and none of its names is missing in the newer. */
  supersededBy(newer: Pick<QueuedItem, 'key' | 'names' | 'version'>): readonly QueuedItem[] {
    if (this.#byHandle.size === 0) return none
    const names = newer.names.length > 0 ? new Set(newer.names) : undefined
    const found: QueuedItem[] = []
    const look = (handle: string): void => {
      const there = this.#byHandle.get(handle)
      if (there === undefined) return
      for (const older of there instanceof Set ? there : [there])
        if (
          older.key === newer.key &&
          older.version <= newer.version &&
          older.names.every((name) => names?.has(name) ?? false)
        )
          found.push(older)
    }
    look(newer.key)
    if (names) for (const name of names) look(handleOf(newer.key, name))
    return found.length > 1 ? found.sort((a, b) => (before(a, b) ? -1 : 1)) : found
  }
}

/** Items of one handle may still be of different keys. */
const handleOf = (key: string, firstName: string | undefined): string =>
  firstName === undefined ? key : `${key}\n${firstName}`

function before(a: QueuedItem, b: QueuedItem): boolean {
  if (a.transmits !== b.transmits) return a.transmits < b.transmits
  return a.sizeBytes !== b.sizeBytes ? a.sizeBytes > b.sizeBytes : a.id > b.id
}
