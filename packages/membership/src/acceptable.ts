/** Which alives say enough to make a record of (A2, DIV-44, wire spec P40). */
import { type Alive, nameSize, type Versions } from '@hearsay/wire'
import { MAX_META_BYTES, MAX_NAME_BYTES } from './limits.ts'

/** An alive with everything in it that a record needs. */
export type AcceptableAlive = Alive & { readonly address: Uint8Array; readonly versions: Versions }

/** Why not, by guard; `undefined` when it is acceptable. */
export function objection(message: Alive): string | undefined {
  const { address, versions, meta, node } = message
  if (versions === null) return 'versions-missing'
  if (versions.protocolMin === 0 || versions.protocolMax === 0 || versions.protocolMin > versions.protocolMax)
    return 'A2'
  if (address === null || (address.length !== 4 && address.length !== 16)) return 'address-length'
  if (meta !== null && meta.length > MAX_META_BYTES) return 'meta-too-long'
  if (node === '' || (node.length > MAX_NAME_BYTES / 4 && nameSize(node) > MAX_NAME_BYTES)) return 'name-length'
  return undefined
}

/** Whether it says enough, as a type. */
export const isAcceptable = (message: Alive): message is AcceptableAlive => objection(message) === undefined
