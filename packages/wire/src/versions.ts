/** The six version bytes of a member, between bytes and record (wire spec 4.1). */
import type { Versions } from './message.ts'

/** Bytes of the vector. */
export const VERSIONS_BYTES = 6

/** What memberlist announces by default. */
export const defaultVersions: Versions = {
  protocolMin: 1,
  protocolMax: 5,
  protocolCurrent: 2,
  delegateMin: 0,
  delegateMax: 0,
  delegateCurrent: 0,
}

const none: Versions = {
  protocolMin: 0,
  protocolMax: 0,
  protocolCurrent: 0,
  delegateMin: 0,
  delegateMax: 0,
  delegateCurrent: 0,
}

/** Writes six bytes at `at`; six zeros for `null`, since a shorter vector crashes some Go peers (wire spec, Appendix D). */
export function putVersions(target: Uint8Array, at: number, versions: Versions | null): number {
  const { protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent } = versions ?? none
  target[at] = protocolMin
  target[at + 1] = protocolMax
  target[at + 2] = protocolCurrent
  target[at + 3] = delegateMin
  target[at + 4] = delegateMax
  target[at + 5] = delegateCurrent
  return at + VERSIONS_BYTES
}

/** The record of what begins at `start`; `null` for fewer than six bytes. Further bytes are ignored. */
export function decodeVersions(bytes: Uint8Array | null, start = 0): Versions | null {
  if (bytes === null || bytes.length < start + VERSIONS_BYTES) return null
  return {
    protocolMin: bytes[start]!,
    protocolMax: bytes[start + 1]!,
    protocolCurrent: bytes[start + 2]!,
    delegateMin: bytes[start + 3]!,
    delegateMax: bytes[start + 4]!,
    delegateCurrent: bytes[start + 5]!,
  }
}
