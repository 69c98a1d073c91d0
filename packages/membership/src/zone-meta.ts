/** A member's zone and role in its metadata, as dskit writes them (kv spec 6.1). */

/** Roles by number. Others are kept, and are no bridges. */
export const ZoneRole = { member: 1, bridge: 2 } as const
/** Zones are at most so long, in UTF-8. */
export const MAX_ZONE_BYTES = 16

const VERSION = 1
const HEADER_BYTES = 3

/** Where a member is, and whether it speaks with other zones. */
export interface ZonePlace {
  /** Empty: unknown. */
  readonly zone: string
  /** A number of {@link ZoneRole}. */
  readonly role: number
}

const nowhere: ZonePlace = { zone: '', role: ZoneRole.member }
const utf8 = new TextEncoder()
const text = new TextDecoder()

/** Metadata that say so. dskit ignores what stands behind: `tail` is the application's own. The zone must fit, see {@link isZone}. */
export function encodeZoneMeta({ zone, role }: ZonePlace, tail: Uint8Array = new Uint8Array(0)): Uint8Array {
  const name = utf8.encode(zone)
  const meta = new Uint8Array(HEADER_BYTES + name.length + tail.length)
  meta.set([VERSION, role, name.length])
  meta.set(name, HEADER_BYTES)
  meta.set(tail, HEADER_BYTES + name.length)
  return meta
}

/** What metadata say; anything that is not of that form says nothing. */
export function decodeZoneMeta(meta: Uint8Array): ZonePlace {
  if (meta.length < HEADER_BYTES || meta[0] !== VERSION) return nowhere
  const [role, length] = [meta[1]!, meta[2]!]
  const isWhole = length > 0 && meta.length >= HEADER_BYTES + length
  return { role, zone: isWhole ? text.decode(meta.subarray(HEADER_BYTES, HEADER_BYTES + length)) : '' }
}

/** Whether a zone can be announced: 1 to 16 bytes. */
export const isZone = (zone: string): boolean => zone !== '' && utf8.encode(zone).length <= MAX_ZONE_BYTES
