import type { ValueType } from '@hearsay/kv/contract'

/** What a ring needs of the store it lives in; the store of `@hearsay/kv` has it. */
export interface RingStore {
  /** The value of a key, with or without tombstones; `undefined` when there is none. The same object until it changes. */
  get<State>(key: string, type: ValueType<State>): State | undefined
  /** Replaces the value of a key by what `fn` makes of it, or of the type's empty one; `fn` may be called several times. */
  update<State>(
    key: string,
    type: ValueType<State>,
    fn: (state: State) => State,
  ): Promise<{ readonly changed: boolean }>
  /** Something for each change of the key from this call on; ends with the signal. */
  watch(key: string, options: { readonly signal: AbortSignal }): AsyncIterable<unknown>
  /** Makes a type of value known to the store. */
  declare?(type: ValueType<unknown>): void
}

/** Whom a ring tells what goes wrong. Any logger of the usual shape will do. */
export interface RingLogger {
  /** Something failed that will be tried again, or that took another course than wished. */
  warn(message: string, fields?: object): void
}
