/** Compressed messages (wire spec 2.6), on packets and streams. */
import { type ByteReader, DecodeError } from '@hearsay/encoding'
import { expandMessage } from '../compression.ts'
import type { DropReason } from '../drop.ts'
import { type Compressed, compressed } from '../messages/stream-bodies.ts'
import { dumpBody, type Title } from './fields.ts'
import type { Pen } from './sheet.ts'
import { bytesText } from './text.ts'

/** Dumps the wrapper, from the reader's position behind the type byte. Throws `DecodeError`. */
export function dumpCompressed(pen: Pen, reader: ByteReader, title: Pick<Title, 'start' | 'value'>): Compressed {
  return dumpBody(pen, reader, compressed, { ...title, name: 'compress' }).body
}

/** What became of expanding. */
export type Expanded =
  | { readonly ok: true; readonly pen: Pen }
  | { readonly ok: false; readonly reason: DropReason; readonly detail: string }

/** Expands into a layer of its own. */
export function expand(pen: Pen, wrapper: Compressed, maxBytes: number): Expanded {
  try {
    const message = expandMessage(wrapper, maxBytes)
    const size = wrapper.data?.length ?? 0
    const ratio = size === 0 ? '' : `, ${(message.length / size).toFixed(2)} times the ${bytesText(size)}`
    return { ok: true, pen: pen.layer('expanded', message, `${bytesText(message.length)}${ratio}`) }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    return { ok: false, reason: error.reason === 'too-large' ? 'too-large' : 'compression', detail: error.message }
  }
}
