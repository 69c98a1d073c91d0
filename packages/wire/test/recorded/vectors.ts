/** The recordings of interop/vectors: what five versions of the Go library made of the same inputs. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { decodeText, fromHex, toHex } from '@hearsay/encoding'

/** A pinned version of the library, and the folder with what it was recorded to do. */
export interface Library {
  readonly module: string
  readonly version: string
  readonly vectors: string
}

/** Bytes in a line: nil, hex, or a rule that makes them. */
export type BytesForm =
  | null
  | string
  | { readonly count: number; readonly fill: string }
  | { readonly lcg: number; readonly mask: number }
  | { readonly hex: string }

/** Stands for bytes that are too long to be written down. */
export interface Digest {
  readonly sizeBytes: number
  readonly crc32: string
  readonly sha256: string
}

/** One line. */
export interface Vector {
  readonly id: string
  readonly lib: string
  // biome-ignore lint/suspicious/noExplicitAny: each kind of line has its own fields, and a wrong one fails the comparison
  readonly settings: Record<string, any>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly in: Record<string, any> & { readonly type: string }
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly out: any
  readonly note?: string
}

const interop = join(import.meta.dirname, '../../../../interop')

/** All that are recorded. */
export const libraries: readonly Library[] = JSON.parse(
  readFileSync(join(interop, 'go/vector-recorder/libraries.json'), 'utf8'),
)

const read = new Map<string, readonly Vector[]>()

/** The lines of one file of a library, such as `messages`. None when it was not recorded. */
export function vectorsOf({ vectors }: Library, file: string): readonly Vector[] {
  const path = join(interop, 'vectors', vectors, `${file}.jsonl`)
  let lines = read.get(path)
  if (!lines) {
    const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
    lines = text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Vector)
    read.set(path, lines)
  }
  return lines
}

/** The lines with inputs of one type; throws when there are none, since then nothing would be compared. */
export function vectorsOfType(library: Library, file: string, type: string): readonly Vector[] {
  const lines = vectorsOf(library, file).filter(({ in: { type: each } }) => each === type)
  if (lines.length === 0) throw new Error(`${library.vectors} has no recording of ${type}`)
  return lines
}

/** The bytes that a form stands for. */
export function bytesOf(form: BytesForm): Uint8Array | null {
  if (form === null) return null
  if (typeof form === 'string') return fromHex(form)
  if ('hex' in form) return fromHex(form.hex)
  if ('lcg' in form) return generated(form.lcg, form.mask)
  return new Uint8Array(form.count).fill(Number.parseInt(form.fill, 16))
}

/** The text that a form stands for: the form itself, unless it is no valid UTF-8. */
export const textOf = (form: string | Exclude<BytesForm, null>): string =>
  typeof form === 'string' ? form : decodeText(bytesOf(form)!)

/** Bytes as a line writes them, so that they can be compared with one: hex, or the digest of long ones. */
export const formOf = (bytes: Uint8Array): string | Digest =>
  bytes.length <= LONGEST_HEX_BYTES ? toHex(bytes) : digestOf(bytes)

const LONGEST_HEX_BYTES = 4096

const digestOf = (bytes: Uint8Array): Digest => ({
  sizeBytes: bytes.length,
  crc32: crc32(bytes).toString(16).padStart(8, '0'),
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

/** The generator of wire spec, Appendix A. */
function generated(count: number, mask: number): Uint8Array {
  const bytes = new Uint8Array(count)
  let x = 1
  for (let at = 0; at < count; at++) {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff
    bytes[at] = (x >> 16) & mask
  }
  return bytes
}
