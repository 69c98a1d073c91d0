/** What surrounds a packet on the network: the label, then encryption, then the plaintext (wire spec 2.1, 2.2). */
import type { Drop, DropReason } from './drop.ts'
import { bodySize, ENCRYPTION_OVERHEAD_BYTES, openBody, sealInto } from './encryption/body.ts'
import { type Encryption, insists, openingKeys, sealing } from './encryption/encryption.ts'
import { judgeLabel, type LabelMode, labelBytes, labelHeader, readLabel } from './label.ts'
import { MessageType } from './message.ts'
import { plainBytes } from './plain-bytes.ts'

/** What a sender surrounds its packets with. */
export interface Seal {
  readonly label: string
  /** Default: nothing is encrypted. */
  readonly encryption?: Encryption
}

/** A packet's plaintext, ready for the network. */
export function sealPacket(payload: Uint8Array, { label, encryption }: Seal): Uint8Array {
  const header = labelHeader(label)
  const seal = sealing(encryption)
  if (header.length === 0 && !seal) return payload
  const packet = new Uint8Array(header.length + (seal ? bodySize(payload.length, seal.version) : payload.length))
  packet.set(header)
  if (seal) sealInto(packet, payload, seal.key, labelBytes(label), seal.version, seal.nonce)
  else packet.set(payload, header.length)
  return packet
}

/** A packet's plaintext (lent), or why it was refused. */
export type Opened = { readonly ok: true; readonly payload: Uint8Array } | { readonly ok: false; readonly drop: Drop }

/** How datagrams of others are treated. */
export interface OpenOptions extends Seal {
  readonly labelMode: LabelMode
}

/** Takes the surroundings off a datagram. Never throws. */
export function openPacket(datagram: Uint8Array, { label, labelMode, encryption }: OpenOptions): Opened {
  if (datagram.length === 0) return refused('empty', 0, 'an empty datagram')
  // Sockets give Buffers, whose slice() does not copy: whoever keeps a field of a message would keep all of the packet.
  const bytes = plainBytes(datagram)
  const read = readLabel(bytes)
  if (read.kind === 'malformed') return { ok: false, drop: read.drop }
  if (read.kind === 'need-more') return refused('label-malformed', datagram.length, 'the label header is cut short')
  const drop = judgeLabel(read.label, label, labelMode)
  if (drop) return { ok: false, drop }
  const { sizeBytes } = read
  const body = bytes.subarray(sizeBytes)
  const keys = openingKeys(encryption)
  if (keys.length === 0)
    return looksEncrypted(body)
      ? refused('encrypted', sizeBytes, 'it looks encrypted, and no key is installed here')
      : { ok: true, payload: body }
  const payload = openBody(body, keys, labelBytes(label))
  if (payload) return { ok: true, payload }
  if (!insists(encryption)) return { ok: true, payload: body }
  return looksPlain(body)
    ? refused('not-encrypted', sizeBytes, 'it is not encrypted, which is insisted on here')
    : refused(
        'decrypt-failed',
        sizeBytes,
        'no installed key opens it: another key, another label, or damage on the way',
      )
}

function refused(reason: DropReason, offset: number, detail: string): Opened {
  return { ok: false, drop: { reason, offset, detail } }
}

/**
 * Where nobody decrypts, an encrypted body starts like a ping or an indirect ping that no decoder can read. Telling them
 * apart changes no outcome, only what is said about it.
 */
const looksEncrypted = (body: Uint8Array): boolean =>
  body[0]! <= MessageType.indirectPing && body.length >= ENCRYPTION_OVERHEAD_BYTES[1] && !isStruct(body[1]!)

/** Whether what could not be opened was never sealed, as far as one can tell. */
const looksPlain = (body: Uint8Array): boolean =>
  body.length > 0 && (body[0]! > MessageType.indirectPing || (body.length > 1 && isMapWithKey(body)))

/** Headers with which a body may start: maps, arrays, nil. */
const isStruct = (header: number): boolean =>
  (header >= 0x80 && header <= 0x9f) || (header >= 0xdc && header <= 0xdf) || header === 0xc0

/** A small map whose first key is a short text with a capital, as in every ping; one random nonce in 4,500 looks like that. */
const isMapWithKey = (body: Uint8Array): boolean =>
  body[1]! >> 4 === 0x8 && body[2]! >= 0xa4 && body[2]! <= 0xac && body[3]! >= 0x41 && body[3]! <= 0x5a
