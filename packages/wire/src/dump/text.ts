/** Values as text for a person. Whatever the bytes are, the text drives no terminal and ends no line. */
import { decodeText } from '@hearsay/encoding'
import { canonicalIp, formatAddress } from '../address.ts'
import type { Bytes, Versions } from '../message.ts'

/** Bytes of a value that are shown as text. */
export const MAX_PREVIEW_BYTES = 48

/** `1 byte`, `2 bytes`. */
export const bytesText = (count: number): string => `${count} ${count === 1 ? 'byte' : 'bytes'}`

/** In quotes, with what cannot be seen escaped; bytes that are no text appear as `\x80`. Long texts are cut, and say so. */
export function quoted(text: string): string {
  // A cut must not halve a character.
  const start = [...text.slice(0, 2 * MAX_PREVIEW_BYTES)].slice(0, MAX_PREVIEW_BYTES).join('')
  const shown = `"${harmless(start.replace(/["\\]/g, '\\$&'))}"`
  return start.length === text.length ? shown : `${shown}… (${text.length} characters)`
}

/** Text in which what cannot be seen, or drives a terminal, is escaped. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, escaped)

function escaped(character: string): string {
  const point = character.codePointAt(0)!
  // How `decodeText` keeps a byte that is no UTF-8.
  if (point >= 0xdc80 && point <= 0xdcff) return `\\x${(point - 0xdc00).toString(16)}`
  return `\\u{${point.toString(16)}}`
}

/** Opaque bytes: how many, and what of them is printable, between bars. */
export function preview(bytes: Bytes): string {
  if (bytes === null) return 'nil'
  if (bytes.length === 0) return 'empty'
  let shown = ''
  for (const byte of bytes.subarray(0, MAX_PREVIEW_BYTES))
    shown += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
  return `${bytesText(bytes.length)} |${shown}|${bytes.length > MAX_PREVIEW_BYTES ? '…' : ''}`
}

/** An address without its port; what is none is shown as bytes. */
export function ipText(ip: Bytes): string {
  if (ip === null || ip.length === 0) return preview(ip)
  if (ip.length !== 4 && ip.length !== 16) return `${bytesText(ip.length)}, no IP address`
  const text = formatAddress(ip, 0).replace(/^\[?(.*?)\]?:0$/, '$1')
  return ip.length === 16 && canonicalIp(ip).length === 4 ? `${text} (in 16 bytes)` : text
}

/** The versions of a member, named. `raw` are the bytes they were read from. */
export function versionsText(versions: Versions | null, raw: Bytes): string {
  if (versions === null) return raw === null ? 'nil' : `${bytesText(raw.length)}, too short: read as none`
  const { protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent } = versions
  const text = `protocol ${protocolMin}–${protocolMax}, speaks ${protocolCurrent}; delegate ${delegateMin}–${delegateMax}, speaks ${delegateCurrent}`
  return raw && raw.length > 6 ? `${text}; ${bytesText(raw.length - 6)} more, ignored` : text
}

/** Bytes that should be text, in quotes. */
export const quotedBytes = (bytes: Uint8Array): string => quoted(decodeText(bytes))

/** Eight hex digits. */
export const hex32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
