/** `hearsay keygen`. */
import { randomBytes } from 'node:crypto'

/** Sizes of AES keys, in bytes (wire spec: encryption). */
export const keySizesBytes = [16, 24, 32] as const

/** A new encryption key in base64, as `-memberlist.encryption-key` and memberlist's own tools take it. */
export const keygen = (sizeBytes: (typeof keySizesBytes)[number] = 32): string =>
  `${randomBytes(sizeBytes).toString('base64')}\n`
