/**
 * A store as one piece of bytes, to outlive its process. Big-endian:
 *
 *     48 53 4b 56        "HSKV"
 *     01                 version of this layout
 *     <8>                when it was taken, Unix milliseconds
 *     <4> <n>            length of what follows, and a full state (kv spec 2.4): every key, deleted ones included
 *     <4>                CRC-32 of all before
 */
import { crc32 } from 'node:zlib'
import type { UnixMs } from './contract.ts'
import { KvError } from './errors.ts'
import type { KvPair } from './frames.ts'
import { decodeFullState, encodeFullState } from './full-state.ts'
import { asUnixMs } from './time.ts'

const MAGIC = 0x48534b56
const VERSION = 1
const HEADER_BYTES = 17
const CHECKSUM_BYTES = 4

/** What was in a snapshot. Values are views of its bytes. */
export interface Snapshot {
  readonly takenAt: UnixMs
  readonly pairs: readonly KvPair[]
}

/** The bytes of a snapshot of these pairs, each as `encodePair` makes it. */
export function encodeSnapshot(pairs: readonly Uint8Array[], takenAt: UnixMs): Uint8Array {
  const state = encodeFullState(pairs)
  const bytes = new Uint8Array(HEADER_BYTES + state.length + CHECKSUM_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setUint8(4, VERSION)
  view.setBigUint64(5, BigInt(Math.floor(takenAt)))
  view.setUint32(13, state.length)
  bytes.set(state, HEADER_BYTES)
  view.setUint32(bytes.length - CHECKSUM_BYTES, crc32(bytes.subarray(0, bytes.length - CHECKSUM_BYTES)))
  return bytes
}

/** The twin of {@link encodeSnapshot}. Throws SNAPSHOT_DAMAGED, saying how, for anything else. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES) throw damaged(`${bytes.length} bytes are too few`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0) !== MAGIC) throw damaged('it does not begin as one does')
  if (view.getUint8(4) !== VERSION) throw damaged(`its layout is of version ${view.getUint8(4)}, not ${VERSION}`)
  const length = view.getUint32(13)
  if (bytes.length !== HEADER_BYTES + length + CHECKSUM_BYTES) throw damaged('its length is not what it says')
  const end = HEADER_BYTES + length
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end)) throw damaged('its checksum is wrong')
  const { pairs, fault } = decodeFullState(bytes.subarray(HEADER_BYTES, end))
  if (fault !== undefined) throw damaged(fault.detail)
  return { takenAt: asUnixMs(Number(view.getBigUint64(5))), pairs }
}

const damaged = (how: string): KvError => new KvError('SNAPSHOT_DAMAGED', `no snapshot of a store: ${how}`)
