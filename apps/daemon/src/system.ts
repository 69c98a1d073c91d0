/** Clock, chance and host of the daemon. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

/** This machine's name. */
export const hostName = (): string => hostname()

/** Eight hex digits, as dskit puts behind a name (kv spec 4.1). */
export const randomSuffix = (): string => randomBytes(4).toString('hex')

/** Now, in ISO 8601 with milliseconds. */
export const timestamp = (): string => new Date().toISOString()

/** Monotonic milliseconds. */
export const monotonicMs = (): number => performance.now()
