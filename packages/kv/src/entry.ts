import type { AnyValueType, UnixMs } from './contract.ts'
import { encodePair } from './frames.ts'
import { asUnixMs } from './time.ts'

/** The deletion time of an entry that was never deleted (kv spec 3.2). */
export const NEVER: UnixMs = asUnixMs(0)

/** What an {@link Entry} is made of. */
export interface EntryFields {
  readonly key: string
  readonly type: AnyValueType
  /** The merged value, tombstones included. Immutable, of the type's own state. */
  readonly state: unknown
  /** Local counter: 1 when first stored, one more with each effective merge. Never on the wire (kv spec 3.2). */
  readonly version: number
  /** Marked for deletion; the purge takes it away later. */
  readonly deleted: boolean
  /** When it was deleted; {@link NEVER} if it was not. */
  readonly deletedAt: UnixMs
  /** Our own wall clock at the last effective merge. */
  readonly updatedAt: UnixMs
}

/**
 * One version of one key. Immutable: an effective merge makes a new entry, so what is derived from it (its bytes, the
 * value without tombstones) is computed once for each version.
 */
export class Entry implements EntryFields {
  readonly key: string
  readonly type: AnyValueType
  readonly state: unknown
  readonly version: number
  readonly deleted: boolean
  readonly deletedAt: UnixMs
  readonly updatedAt: UnixMs
  #visible: { readonly state: unknown } | undefined
  #encoded: { readonly pair: Uint8Array; readonly sizeBytes: number } | undefined

  constructor(fields: EntryFields) {
    this.key = fields.key
    this.type = fields.type
    this.state = fields.state
    this.version = fields.version
    this.deleted = fields.deleted
    this.deletedAt = fields.deletedAt
    this.updatedAt = fields.updatedAt
  }

  /** What readers see: the state without any tombstone (kv spec 3.4). */
  get visible(): unknown {
    this.#visible ??= { state: this.type.dropTombstones(this.state, undefined).state }
    return this.#visible.state
  }

  /** The whole entry as a key-value pair of the wire. The same array each time: read only. Throws if the type cannot encode its own state. */
  get pair(): Uint8Array {
    return this.#encode().pair
  }

  /** Size of the encoded value, in bytes. Throws as {@link pair} does. */
  get sizeBytes(): number {
    return this.#encode().sizeBytes
  }

  #encode() {
    if (this.#encoded === undefined) {
      const value = this.type.encode(this.state)
      this.#encoded = { pair: encodeEntryPair(this, value), sizeBytes: value.length }
    }
    return this.#encoded
  }
}

/** Whether its type can encode an entry's state. */
export function isEncodable(entry: Entry): boolean {
  try {
    return entry.pair.length > 0
  } catch {
    return false
  }
}

/** What an entry is made of, to make another from. */
export const fieldsOf = ({ key, type, state, version, deleted, deletedAt, updatedAt }: Entry): EntryFields => ({
  key,
  type,
  state,
  version,
  deleted,
  deletedAt,
  updatedAt,
})

/** A pair that carries `value`, which may be the whole state or only a change, under the flags of `entry`. */
export function encodeEntryPair(entry: Entry, value: Uint8Array): Uint8Array {
  return encodePair({
    key: entry.key,
    value,
    codecId: entry.type.codecId,
    deleted: entry.deleted,
    updateTimeMs: entry.deletedAt,
  })
}
