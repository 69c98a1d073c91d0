/** Bytes that are not all UTF-8, as text that turns back into the same bytes. */

/** Engines take only so many arguments at once. */
const UNITS_AT_ONCE = 4096

/** Decodes one byte after the other: what is UTF-8 as such, each other byte as U+DC00 and itself. No exception is a part of it. */
export function decodeBroken(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length)
  let count = 0
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!
    const length = sequenceLength(bytes, at, first)
    if (length === 0) units[count++] = 0xdc00 + first
    else if (length === 1) units[count++] = first
    else if (length === 2) units[count++] = ((first & 0x1f) << 6) | (bytes[at + 1]! & 0x3f)
    else if (length === 3)
      units[count++] = ((first & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f)
    else {
      const point =
        ((first & 0x07) << 18) |
        ((bytes[at + 1]! & 0x3f) << 12) |
        ((bytes[at + 2]! & 0x3f) << 6) |
        (bytes[at + 3]! & 0x3f)
      units[count++] = 0xd7c0 + (point >>> 10)
      units[count++] = 0xdc00 | (point & 0x3ff)
    }
    at += length || 1
  }
  let text = ''
  for (let at = 0; at < count; at += UNITS_AT_ONCE)
    text += String.fromCharCode.apply(
      null,
      units.subarray(at, Math.min(count, at + UNITS_AT_ONCE)) as unknown as number[],
    )
  return text
}

/** Length of the valid UTF-8 sequence at `at` (Unicode 3.9, table 3-7); 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number, first: number): number {
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (at + length > bytes.length) return 0
  const second = bytes[at + 1]!
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < least || second > most) return 0
  for (let index = 2; index < length; index++) if ((bytes[at + index]! & 0xc0) !== 0x80) return 0
  return length
}
