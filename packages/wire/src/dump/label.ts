/** The label in front of packets and requests (wire spec 2.3, 3.2). */
import { readLabel } from '../label.ts'
import type { Pen } from './sheet.ts'
import { quotedBytes } from './text.ts'

/** Dumps the header from `start`, if there is one that can be read. Returns the label, empty where none came, and where it ends. */
export function dumpLabel(
  pen: Pen,
  start: number,
  end: number,
): { readonly label: Uint8Array; readonly end: number } | undefined {
  const read = readLabel(pen.bytes.subarray(start, end))
  if (read.kind !== 'label') return undefined
  if (read.sizeBytes > 0) pen.entry(start, start + read.sizeBytes, 'label', quotedBytes(read.label))
  return { label: read.label, end: start + read.sizeBytes }
}
