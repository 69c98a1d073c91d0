/** The bytes that `hearsay decode` looks at: hex from the command line, a file or standard input. */
import { closeSync, openSync, readSync } from 'node:fs'

/** What is read of a file or of standard input, as hex or raw. No packet or push/pull in use comes near it. */
export const MAX_INPUT_BYTES = 64 * 1024 * 1024

/** Bytes, or half a sentence on why there are none. */
export type Input = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly problem: string }

/** All of a file, or of standard input for 0, unless it is above {@link MAX_INPUT_BYTES}. */
export function readInput(source: string | 0): Input {
  try {
    const file = source === 0 ? 0 : openSync(source, 'r')
    try {
      return readBounded(file)
    } finally {
      if (file !== 0) closeSync(file)
    }
  } catch (error) {
    return { ok: false, problem: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})` }
  }
}

function readBounded(file: number): Input {
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const chunk = new Uint8Array(64 * 1024)
    const count = readSync(file, chunk)
    if (count === 0) return { ok: true, bytes: Buffer.concat(chunks) }
    size += count
    if (size > MAX_INPUT_BYTES) return { ok: false, problem: `has more than ${MAX_INPUT_BYTES} bytes` }
    chunks.push(chunk.subarray(0, count))
  }
}

/** Bytes that are hex if they are text, and meant as they are if not: no packet and no stream begins like text. */
export function detectHex(bytes: Uint8Array): Input {
  const isText = bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d)
  return isText ? parseHex(new TextDecoder().decode(bytes)) : { ok: true, bytes }
}

/** Pairs of hex digits in any case, with white space, colons, commas or `0x` between them. */
export function parseHex(text: string): Input {
  // Of the same length, so that positions stay true.
  const digits = text.replace(/0x|\\x/gi, '  ').replace(/[\s:,]/g, ' ')
  const foreign = /[^0-9a-f ]/i.exec(digits)
  if (foreign)
    return { ok: false, problem: `is no hex at ${position(text, foreign.index)}: ${JSON.stringify(foreign[0])}` }
  const pairs = digits.replaceAll(' ', '')
  if (pairs.length % 2 !== 0) return { ok: false, problem: `has ${pairs.length} hex digits, an odd number` }
  return { ok: true, bytes: new Uint8Array(Buffer.from(pairs, 'hex')) }
}

function position(text: string, index: number): string {
  const before = text.slice(0, index).split('\n')
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`
}
