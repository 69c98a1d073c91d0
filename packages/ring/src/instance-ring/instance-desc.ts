import { InstanceState } from './state.ts'

/**
 * A signed 64-bit integer: a number within ±2^53, a `bigint` beyond. The two compare with each other by `<` and `>`;
 * for arithmetic, `Number()` is near enough for what is the far future or past anyway.
 */
export type Int64 = number | bigint

/** The fields of an instance's entry (ring spec 1.2). Timestamps are Unix seconds. */
export interface InstanceFields {
  /** `host:port` that peers connect to. */
  readonly addr: string
  /** Last heartbeat: the version of the whole entry. */
  readonly timestamp: Int64
  /** A number of `InstanceState`; unknown ones are kept. */
  readonly state: number
  /** Ascending, without duplicates; none when the state is LEFT. Shared between entries: never write into it. */
  readonly tokens: Uint32Array
  /** May be empty. */
  readonly zone: string
  /** When the instance first registered; 0 is unknown, and stays so. */
  readonly registeredTimestamp: Int64
  /** The same as the entry's name; empty from old writers. */
  readonly id: string
  /** Last change of the read-only flag; 0 is never. */
  readonly readOnlyUpdatedTimestamp: Int64
  /** Takes no new data; only shuffle sharding looks at it. */
  readonly readOnly: boolean
  /** Application component id to version, both unsigned 64-bit. */
  readonly versions: ReadonlyMap<bigint, bigint>
  /** Fields of the message that this version does not know, as they came: written back (ring spec 1.5). */
  readonly unknown: Uint8Array
}

/** What an entry is made of; whatever is left out is empty or zero. Tokens may be in any order and repeat. */
export type InstanceInit = { readonly [K in Exclude<keyof InstanceFields, 'tokens'>]?: InstanceFields[K] } & {
  readonly tokens?: Uint32Array | readonly number[]
}

const noTokens = new Uint32Array(0)
const noVersions: ReadonlyMap<bigint, bigint> = new Map()
const noBytes = new Uint8Array(0)

/** The bytes of an entry, and where its tokens are in them. */
export interface ReceivedInstance {
  /** Its own. */
  readonly bytes: Uint8Array
  /** The field of the tokens with its header; `undefined` when there is none. */
  readonly tokens: { readonly start: number; readonly length: number } | undefined
}

/**
 * One instance's entry in a ring. Immutable and normalised from birth (ring spec 2.1 step 2): tokens ascending without
 * duplicates, none in a LEFT entry. So a merge never has to look.
 */
export class InstanceDesc implements InstanceFields {
  readonly addr: string
  readonly timestamp: Int64
  readonly state: number
  readonly tokens: Uint32Array
  readonly zone: string
  readonly registeredTimestamp: Int64
  readonly id: string
  readonly readOnlyUpdatedTimestamp: Int64
  readonly readOnly: boolean
  readonly versions: ReadonlyMap<bigint, bigint>
  readonly unknown: Uint8Array
  /**
   * The canonical encoding, once known: made at most once, or kept as received when it came canonical, so that what
   * did not change is forwarded as the very bytes that came. Only the codec writes it.
   */
  encoded: Uint8Array | undefined
  /** What it was read from, until somebody wants to know whether that is the canonical encoding. */
  received: ReceivedInstance | undefined

  /** Everything left out is empty or zero. */
  constructor(init: InstanceInit = {}) {
    this.addr = init.addr ?? ''
    this.timestamp = int64(init.timestamp ?? 0)
    this.state = init.state ?? InstanceState.ACTIVE
    this.tokens = this.state === InstanceState.LEFT ? noTokens : tokenList(init.tokens ?? noTokens)
    this.zone = init.zone ?? ''
    this.registeredTimestamp = int64(init.registeredTimestamp ?? 0)
    this.id = init.id ?? ''
    this.readOnlyUpdatedTimestamp = int64(init.readOnlyUpdatedTimestamp ?? 0)
    this.readOnly = init.readOnly ?? false
    this.versions = init.versions ?? noVersions
    this.unknown = init.unknown ?? noBytes
    this.encoded = undefined
    this.received = undefined
  }

  /** This entry with other values in some fields. */
  with(changes: InstanceInit): InstanceDesc {
    return new InstanceDesc({ ...this.fields(), ...changes })
  }

  /** The fields as a plain object. */
  fields(): InstanceFields {
    const { encoded: _encoded, received: _received, ...fields } = this
    return fields
  }

  /** A removed instance: travels between stores so that older news of it cannot bring it back. */
  get isTombstone(): boolean {
    return this.state === InstanceState.LEFT
  }

  /**
   * Says nothing that anybody would accept: an empty slot counts as an entry dated 0, and only something newer, or a
   * removal of the same date, beats it (ring spec 2.1).
   */
  get isVoid(): boolean {
    return this.timestamp < 0 || (this.timestamp === 0 && !this.isTombstone)
  }
}

/** Whether two lists hold the same tokens in the same order. */
export function sameTokens(a: Uint32Array, b: Uint32Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

/** Tokens ascending and without duplicates; the same array when it is so already. */
export function tokenList(tokens: Uint32Array | readonly number[]): Uint32Array {
  const list = tokens instanceof Uint32Array ? tokens : Uint32Array.from(tokens)
  if (isStrictlyAscending(list)) return list
  const sorted = list.slice().sort()
  let count = 0
  for (const token of sorted) if (count === 0 || sorted[count - 1] !== token) sorted[count++] = token
  return sorted.slice(0, count)
}

function isStrictlyAscending(list: Uint32Array): boolean {
  for (let index = 1; index < list.length; index++) if (list[index - 1]! >= list[index]!) return false
  return true
}

/** The one form that a value has, so that equal values are the same. */
function int64(value: Int64): Int64 {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number within 2^53: ${value}`)
    return value === 0 ? 0 : value
  }
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(`beyond 64 bits: ${value}`)
  return asInt64(value)
}

/** The one form that a value has, so that equal values are the same. */
export const asInt64 = (value: bigint): Int64 => (Number.isSafeInteger(Number(value)) ? Number(value) : value)
