import { decodePair, type KvPair } from './frames.ts'

/** Width of the length before each pair, big-endian. */
const LENGTH_BYTES = 4

/** What could be read of a full state. Pairs before a fault are good (kv spec 2.4). */
export interface DecodedFullState {
  /** Values are views of the state they came in. */
  readonly pairs: readonly KvPair[]
  /** Pairs passed over: no bytes in them, or no key. */
  readonly skippedCount: number
  /** Where reading stopped, and why; `undefined`: all was read. */
  readonly fault: { readonly offset: number; readonly detail: string } | undefined
}

/** The user state of a push/pull: each pair behind its length (kv spec 2.4). Without pairs it is empty. */
export function encodeFullState(pairs: readonly Uint8Array[]): Uint8Array {
  const state = new Uint8Array(pairs.reduce((total, pair) => total + LENGTH_BYTES + pair.length, 0))
  const view = new DataView(state.buffer)
  let offset = 0
  for (const pair of pairs) {
    view.setUint32(offset, pair.length)
    state.set(pair, offset + LENGTH_BYTES)
    offset += LENGTH_BYTES + pair.length
  }
  return state
}

/** The twin of {@link encodeFullState}. Never throws. */
export function decodeFullState(state: Uint8Array): DecodedFullState {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength)
  const pairs: KvPair[] = []
  let skippedCount = 0
  let offset = 0
  const stopped = (detail: string): DecodedFullState => ({ pairs, skippedCount, fault: { offset, detail } })
  while (offset < state.length) {
    const rest = state.length - offset - LENGTH_BYTES
    if (rest < 0) return stopped('trailing bytes that are no length')
    const length = view.getUint32(offset)
    if (length > rest) return stopped(`a pair of ${length} bytes where ${rest} are left`)
    const start = offset + LENGTH_BYTES
    const pair = decodePair(state.subarray(start, start + length))
    if (pair === undefined) return stopped('a pair that cannot be parsed')
    if (pair.key === '') skippedCount++
    else pairs.push(pair)
    offset = start + length
  }
  return { pairs, skippedCount, fault: undefined }
}
