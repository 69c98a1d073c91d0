/** The cluster label before packets and streams (wire spec 2.3, 3.2, 6.1). */
import { encodeText, equalBytes } from '@hearsay/encoding'
import type { Drop } from './drop.ts'
import { MAX_LABEL_BYTES } from './limits.ts'
import { MessageType } from './message.ts'

/**
 * What to do with labels of others. `strict`: only ours. `stripped-by-proxy`: none may come, somebody in front has checked
 * and removed it. `ignore`: any or none, the way to move a running cluster to another label.
 */
export type LabelMode = 'strict' | 'stripped-by-proxy' | 'ignore'

const encoded = new Map<string, Uint8Array>()
const noBytes = new Uint8Array(0)

/** What stands before everything that is sent under a label: nothing for an empty one. Throws a `RangeError` above 255 bytes. */
export function labelHeader(label: string): Uint8Array {
  if (label === '') return noBytes
  let header = encoded.get(label)
  if (!header) {
    const text = encodeText(label)
    if (text.length > MAX_LABEL_BYTES)
      throw new RangeError(`a label has at most ${MAX_LABEL_BYTES} bytes, not ${text.length}`)
    header = Uint8Array.of(MessageType.hasLabel, text.length, ...text)
    // A process has one label, or a few: never one from outside.
    if (encoded.size > 64) encoded.clear()
    encoded.set(label, header)
  }
  return header
}

/** A label as it is authenticated and compared: without the header. */
export const labelBytes = (label: string): Uint8Array => (label === '' ? noBytes : labelHeader(label).subarray(2))

/** Bytes that a label adds to a packet. */
export const labelOverheadBytes = (label: string): number => labelHeader(label).length

/** The label at the start of some bytes, or why there is none that can be read. */
export type LabelRead =
  | { readonly kind: 'label'; readonly label: Uint8Array; readonly sizeBytes: number }
  | { readonly kind: 'need-more' }
  | { readonly kind: 'malformed'; readonly drop: Drop }

/** Reads the header; no header is an empty label. */
export function readLabel(bytes: Uint8Array): LabelRead {
  if (bytes.length === 0) return { kind: 'need-more' }
  if (bytes[0] !== MessageType.hasLabel) return { kind: 'label', label: noBytes, sizeBytes: 0 }
  if (bytes.length < 2) return { kind: 'need-more' }
  const length = bytes[1]!
  if (length === 0)
    return {
      kind: 'malformed',
      drop: { reason: 'label-malformed', offset: 1, detail: 'a label header with an empty label' },
    }
  if (bytes.length < 2 + length) return { kind: 'need-more' }
  return { kind: 'label', label: bytes.subarray(2, 2 + length), sizeBytes: 2 + length }
}

/** Whether a label that came is acceptable (wire spec 6.1); otherwise why not. */
export function judgeLabel(received: Uint8Array, ours: string, mode: LabelMode): Drop | undefined {
  if (mode === 'ignore') return undefined
  const wanted = mode === 'strict' ? labelBytes(ours) : noBytes
  if (equalBytes(received, wanted)) return undefined
  return { reason: 'label-mismatch', offset: 0, detail: `it came ${named(received)}, but ${named(wanted)} is wanted` }
}

function named(label: Uint8Array): string {
  return label.length === 0 ? 'without a label' : `with the label ${JSON.stringify(new TextDecoder().decode(label))}`
}
