/**
 * Text that may not be UTF-8. Go strings are any bytes, and a member's name must survive being read and sent on. Bytes
 * that are not valid UTF-8 become lone surrogates U+DC80 … U+DCFF and turn back into the same bytes.
 */
import { decodeBroken } from './broken-text.ts'
import { compareBytes } from './bytes.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes losslessly the bytes from `start` to `end`: `encodeText(decodeText(b))` equals `b` for all bytes. */
export function decodeText(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return (end - start <= SHORT_TEXT_BYTES ? shortAscii(bytes, start, end) : undefined) ?? longText(bytes, start, end)
}

/** Encodes as UTF-8; lone surrogates U+DC80 … U+DCFF become the bytes they stand for. */
export function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(textSize(text))
  writeText(bytes, 0, text)
  return bytes
}

/** Writes what {@link encodeText} makes at `offset`; returns the offset behind it. There must be {@link textSize} bytes of room. */
export function writeText(target: Uint8Array, offset: number, text: string): number {
  let at = offset
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) target[at++] = unit
    else if (unit < 0x800) {
      target[at++] = 0xc0 | (unit >>> 6)
      target[at++] = 0x80 | (unit & 0x3f)
    } else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1))) {
      const point = 0x10000 + ((unit - 0xd800) << 10) + (text.charCodeAt(++index) - 0xdc00)
      target[at++] = 0xf0 | (point >>> 18)
      target[at++] = 0x80 | ((point >>> 12) & 0x3f)
      target[at++] = 0x80 | ((point >>> 6) & 0x3f)
      target[at++] = 0x80 | (point & 0x3f)
    } else if (unit >= 0xdc80 && unit <= 0xdcff) target[at++] = unit - 0xdc00
    else {
      // Any other lone surrogate is no character: U+FFFD, as encoders do.
      const point = unit >= 0xd800 && unit <= 0xdfff ? 0xfffd : unit
      target[at++] = 0xe0 | (point >>> 12)
      target[at++] = 0x80 | ((point >>> 6) & 0x3f)
      target[at++] = 0x80 | (point & 0x3f)
    }
  }
  return at
}

/** Bytes of {@link encodeText}, without making them. */
export function textSize(text: string): number {
  let size = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) size += 1
    else if (unit < 0x800) size += 2
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1))) {
      size += 4
      index++
    } else size += unit >= 0xdc80 && unit <= 0xdcff ? 1 : 3
  }
  return size
}

/** Order of two texts by the bytes of their UTF-8 form, as Go compares strings: negative, zero or positive. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left === right) continue
    // UTF-16 sorts surrogates below U+E000 … U+FFFF, UTF-8 sorts what they stand for above, or, for a loose byte, anywhere
    // above ASCII: only then look closer.
    if ((left < 0xd800 && right < 0xd800) || left < 0x80 || right < 0x80) return left - right
    return compareBytes(encodeText(a), encodeText(b))
  }
  return a.length - b.length
}

/** Up to this many bytes, a loop over ASCII beats a call of a decoder. */
const SHORT_TEXT_BYTES = 24

// The units of a text of each length, until it is made of them: all at once, since joining pieces costs more.
const unitsOfLength = Array.from({ length: SHORT_TEXT_BYTES + 1 }, (_, length) => Array.from({ length }, () => 0))

function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  const units = unitsOfLength[end - start]
  if (units === undefined) return undefined
  let all = 0
  for (let index = 0; index < units.length; index++) {
    const byte = bytes[start + index]!
    all |= byte
    units[index] = byte
  }
  return all < 0x80 ? String.fromCharCode.apply(null, units) : undefined
}

// Node's own decoder, when there is one: a quarter of the call that `TextDecoder` is. It puts U+FFFD for what is broken.
const { utf8Slice } = (globalThis.Buffer?.prototype ?? {}) as { utf8Slice?(start: number, end: number): string }

function longText(bytes: Uint8Array, start: number, end: number): string {
  if (utf8Slice) {
    const text = utf8Slice.call(bytes as Uint8Array & Buffer, start, end)
    return text.includes('\ufffd') ? decodeBroken(bytes.subarray(start, end)) : text
  }
  const window = bytes.subarray(start, end)
  try {
    return strict.decode(window)
  } catch {
    return decodeBroken(window)
  }
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff
