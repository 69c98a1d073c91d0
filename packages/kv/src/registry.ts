import type { AnyValueType } from './contract.ts'

/** The value types a store can read, by codec id. */
export class TypeRegistry {
  readonly #types = new Map<string, AnyValueType>()

  /** The declared type of a codec id. */
  get(codecId: string): AnyValueType | undefined {
    return this.#types.get(codecId)
  }

  /** Declares a type. False when its codec id is declared already: the first declaration stands. */
  add(type: AnyValueType): boolean {
    if (this.#types.has(type.codecId)) return false
    this.#types.set(type.codecId, type)
    return true
  }

  /** Every declared codec id, in order of declaration. */
  codecIds(): readonly string[] {
    return [...this.#types.keys()]
  }
}
