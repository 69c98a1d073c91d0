/** Names of members, as they are on the wire. */
import { TextCache, textSize } from '@hearsay/encoding'

/** Bytes of a name that is sent. One that came keeps its size, also where its bytes were no UTF-8. */
export const nameSize = (name: string): number => textSize(name)

const cache = new TextCache()

/** The text from `start` to `end`: `decodeText`, for texts that come again and again, as names do. */
export const decodeName = (bytes: Uint8Array, start: number, end: number): string => cache.decode(bytes, start, end)
