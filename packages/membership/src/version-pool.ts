/** Version arrays by number. A cluster has a handful of different ones; each is kept once. */
import type { Versions } from '@hearsay/wire'

/** Numbers go into a 16-bit column. */
export const MAX_VERSION_KINDS = 65_535

/** Keeps each different version array once, for as long as a record has it. Number 0 is "none was received". */
export class VersionPool {
  readonly #kinds: (Versions | null)[] = [null]
  /** By number: how many records have it. */
  readonly #counts: number[] = [0]
  readonly #free: number[] = []
  readonly #numbers = new Map<number, number>()
  #latest = 0

  /**
   * The number of a version array, which one more record has now. Beyond {@link MAX_VERSION_KINDS} different ones: 0, as if
   * none had been received.
   */
  put(versions: Versions | null): number {
    if (versions === null) return 0
    const latest = this.#kinds[this.#latest]
    if (!latest || !sameVersions(latest, versions)) {
      const key = keyOf(versions)
      const number = this.#numbers.get(key) ?? this.#make(key, versions)
      if (number === 0) return 0
      this.#latest = number
    }
    this.#counts[this.#latest]!++
    return this.#latest
  }

  /** One record fewer has it. */
  drop(number: number): void {
    if (number === 0 || --this.#counts[number]! > 0) return
    this.#numbers.delete(keyOf(this.#kinds[number]!))
    this.#kinds[number] = null
    this.#free.push(number)
  }

  get(number: number): Versions | null {
    return this.#kinds[number]!
  }

  #make(key: number, versions: Versions): number {
    const number = this.#free.pop() ?? this.#kinds.length
    if (number > MAX_VERSION_KINDS) return 0
    this.#kinds[number] = { ...versions }
    this.#counts[number] = 0
    this.#numbers.set(key, number)
    return number
  }
}

/** Six bytes as one safe integer. */
const keyOf = (versions: Versions): number =>
  ((versions.protocolMin * 256 + versions.protocolMax) * 256 + versions.protocolCurrent) * 2 ** 24 +
  (versions.delegateMin * 256 + versions.delegateMax) * 256 +
  versions.delegateCurrent

/** Equal in all six. */
export function sameVersions(a: Versions | null, b: Versions | null): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  return (
    a.protocolMin === b.protocolMin &&
    a.protocolMax === b.protocolMax &&
    a.protocolCurrent === b.protocolCurrent &&
    a.delegateMin === b.delegateMin &&
    a.delegateMax === b.delegateMax &&
    a.delegateCurrent === b.delegateCurrent
  )
}
