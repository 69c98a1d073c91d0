/** Whose user message is it? (docs/adr/0004) */
import { decodePair } from '@hearsay/kv'

/** True for a complete, well-formed pair of the store: key and codec present, nothing left over. */
export function isStorePair(payload: Uint8Array): boolean {
  const pair = decodePair(payload)
  return pair !== undefined && pair.key !== '' && pair.codecId !== ''
}
