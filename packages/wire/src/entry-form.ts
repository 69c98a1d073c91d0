/**
 * Entries of a push/pull in the form in which everybody writes them: all fields in order, byte fields as raw strings,
 * numbers unsigned. One message has thousands of them, so they are written and read without a look into a schema. What
 * comes in any other form is for the codec of `messages/stream-bodies.ts`, from which nothing here may differ.
 */
import { encodedKey } from './field-key.ts'
import type { Bytes, NodeState, Versions } from './message.ts'
import { putBytes, putInt, putText, putUint, textFieldRoom } from './msgpack-writing.ts'
import { decodeName } from './names.ts'
import { decodeVersions, putVersions, VERSIONS_BYTES } from './versions.ts'

const MAP_OF_SEVEN = 0x87
const NIL = 0xc0
const RAW_OF_VERSIONS = 0xa0 | VERSIONS_BYTES

/** Bytes that are always the same: compared and written as two words of four bytes, which overlap when they are fewer than eight. */
interface Mark {
  readonly first: number
  readonly last: number
  readonly size: number
}

function mark(...bytes: readonly number[]): Mark {
  const view = new DataView(Uint8Array.from(bytes).buffer)
  return { first: view.getInt32(0), last: view.getInt32(bytes.length - 4), size: bytes.length }
}

// What stands in front of each value: the first has the map's header too, and versions always have the same one.
const ADDRESS = mark(MAP_OF_SEVEN, ...encodedKey('Addr'))
const INCARN = mark(...encodedKey('Incarnation').subarray(0, 6))
const ATION = mark(...encodedKey('Incarnation').subarray(6))
const META = mark(...encodedKey('Meta'))
const NAME = mark(...encodedKey('Name'))
const PORT = mark(...encodedKey('Port'))
const STATE = mark(...encodedKey('State'))
const VERSIONS = mark(...encodedKey('Vsn'), RAW_OF_VERSIONS)

/** From the state to the end. */
const KIND_BYTES = 1 + VERSIONS.size + VERSIONS_BYTES

/** Bytes, and a view of the same ones. */
export interface Words {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export const wordsOf = (bytes: Uint8Array): Words => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
})

/** What an entry takes at most, without the content of its name, address and metadata. */
const ENTRY_ROOM_BYTES = 96

/** Room that an entry needs at most. */
export const entryRoom = ({ name, address, meta }: NodeState): number =>
  ENTRY_ROOM_BYTES + textFieldRoom(name) + (address?.length ?? 0) + (meta?.length ?? 0)

/** Writes an entry at `start`, where there is {@link entryRoom}; returns the offset behind it. */
export function putEntry({ bytes, view }: Words, start: number, node: NodeState): number {
  let at = putBytes(bytes, putMark(view, start, ADDRESS), node.address)
  at = putUint(bytes, putMark(view, putMark(view, at, INCARN), ATION), node.incarnation)
  at = putBytes(bytes, putMark(view, at, META), node.meta)
  at = putText(bytes, putMark(view, at, NAME), node.name)
  at = putUint(bytes, putMark(view, at, PORT), node.port)
  at = putInt(bytes, putMark(view, at, STATE), node.state)
  return putVersions(bytes, putMark(view, at, VERSIONS), node.versions)
}

/** Where the entry that begins at `start` ends; -1 when it has another form, or is not all there before `end`. */
export function entryEnd({ bytes, view }: Words, start: number, end: number): number {
  const address = pastMark(view, start, end, ADDRESS)
  const incarnation = pastMark(view, pastMark(view, pastRaw(bytes, address, end), end, INCARN), end, ATION)
  const meta = pastMark(view, pastUint(bytes, incarnation, end, 4), end, META)
  const name = pastMark(view, pastRaw(bytes, meta, end), end, NAME)
  const port = pastMark(view, pastRaw(bytes, name, end), end, PORT)
  const state = pastMark(view, pastUint(bytes, port, end, 2), end, STATE)
  const versions = pastMark(view, pastUint(bytes, state, end, 0), end, VERSIONS)
  return versions < 0 || versions + VERSIONS_BYTES > end ? -1 : versions + VERSIONS_BYTES
}

/** Whether two entries, given by their ends, are of the same state and versions: these are what they end with. */
export function isOfKind(bytes: Uint8Array, end: number, otherEnd: number): boolean {
  for (let back = KIND_BYTES; back > 0; back--) if (bytes[end - back] !== bytes[otherEnd - back]) return false
  return true
}

/**
 * The entry that begins at `start` and was found to end. Byte fields are lent; versions equal to `latest`, and a name
 * equal to `guess`, are the very same.
 */
export function entryAt(bytes: Uint8Array, start: number, latest: Versions | null, guess?: string): NodeState {
  const end = bytes.length
  const address = start + ADDRESS.size
  const incarnation = pastRaw(bytes, address, end) + INCARN.size + ATION.size
  const meta = pastUint(bytes, incarnation, end, 4) + META.size
  const name = pastRaw(bytes, meta, end) + NAME.size
  const nameEnd = pastRaw(bytes, name, end)
  const port = nameEnd + PORT.size
  const state = pastUint(bytes, port, end, 2) + STATE.size
  const versions = state + 1 + VERSIONS.size
  return {
    name: nameAt(bytes, contentOf(bytes, name), nameEnd, guess),
    address: bytesAt(bytes, address, incarnation - INCARN.size - ATION.size),
    port: uintAt(bytes, port),
    meta: bytesAt(bytes, meta, name - NAME.size),
    incarnation: uintAt(bytes, incarnation),
    state: bytes[state]!,
    versions: latest !== null && isSame(bytes, versions, latest) ? latest : decodeVersions(bytes, versions),
  }
}

function putMark(view: DataView, at: number, { first, last, size }: Mark): number {
  view.setInt32(at, first)
  view.setInt32(at + size - 4, last)
  return at + size
}

// Each of these says where something ends that begins at `at`, or -1; an `at` of -1 stays that. What ends behind `end` is
// found out by whatever must follow.

function pastMark(view: DataView, at: number, end: number, { first, last, size }: Mark): number {
  if (at < 0 || at + size > end) return -1
  return view.getInt32(at) === first && view.getInt32(at + size - 4) === last ? at + size : -1
}

/** A raw string, or nil. */
function pastRaw(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0 || at >= end) return -1
  const tag = bytes[at]!
  if (tag >= 0xa0 && tag <= 0xbf) return at + 1 + (tag & 0x1f)
  if (tag === 0xda) return at + 3 + ((bytes[at + 1]! << 8) | bytes[at + 2]!)
  return tag === NIL ? at + 1 : -1
}

/** An unsigned integer of at most 0, 1, 2 or 4 bytes behind its first. */
function pastUint(bytes: Uint8Array, at: number, end: number, most: number): number {
  if (at < 0 || at >= end) return -1
  const tag = bytes[at]!
  if (tag < 0x80) return at + 1
  const width = tag >= 0xcc && tag <= 0xce ? 1 << (tag - 0xcc) : most + 1
  return width > most ? -1 : at + 1 + width
}

const nameAt = (bytes: Uint8Array, start: number, end: number, guess: string | undefined): string =>
  guess !== undefined && isText(bytes, start, end, guess) ? guess : decodeName(bytes, start, end)

/** Whether these bytes are that text, of ASCII alone. From behind: names differ in their ends. */
function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false
  let all = 0
  for (let index = text.length - 1; index >= 0; index--) {
    const byte = bytes[start + index]!
    if (text.charCodeAt(index) !== byte) return false
    all |= byte
  }
  return all < 0x80
}

/** Where the content begins of a raw string; of nil, where it ends. */
const contentOf = (bytes: Uint8Array, at: number): number => at + (bytes[at] === 0xda ? 3 : 1)

const bytesAt = (bytes: Uint8Array, at: number, end: number): Bytes =>
  bytes[at] === NIL ? null : bytes.subarray(contentOf(bytes, at), end)

function uintAt(bytes: Uint8Array, at: number): number {
  const tag = bytes[at]!
  if (tag < 0x80) return tag
  if (tag === 0xcc) return bytes[at + 1]!
  if (tag === 0xcd) return (bytes[at + 1]! << 8) | bytes[at + 2]!
  return ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0
}

const isSame = (bytes: Uint8Array, at: number, versions: Versions): boolean =>
  bytes[at] === versions.protocolMin &&
  bytes[at + 1] === versions.protocolMax &&
  bytes[at + 2] === versions.protocolCurrent &&
  bytes[at + 3] === versions.delegateMin &&
  bytes[at + 4] === versions.delegateMax &&
  bytes[at + 5] === versions.delegateCurrent
