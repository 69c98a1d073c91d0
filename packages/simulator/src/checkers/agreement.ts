/** Whether two beliefs are the same. */
import type { Member } from '@hearsay/membership'
import type { ReferenceRecord } from './reference.ts'

/** Whether the machine believes what it must. */
export function agrees(expected: Readonly<ReferenceRecord> | undefined, after: Member | undefined): boolean {
  if (!expected || !after) return expected === undefined && after === undefined
  return (
    expected.status === after.status && expected.incarnation === after.incarnation && expected.address === after.address
  )
}

/** Whether two snapshots of one name show the same record. */
export function sameRecord(a: Member, b: Member): boolean {
  return (
    a.status === b.status &&
    a.incarnation === b.incarnation &&
    a.address === b.address &&
    a.statusSinceMs === b.statusSinceMs &&
    sameBytes(a.meta, b.meta)
  )
}

/** Byte by byte. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]))
