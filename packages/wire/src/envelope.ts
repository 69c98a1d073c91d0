/** What surrounds a packet on the network: today the label; encryption goes between label and plaintext. */
import type { Drop } from './drop.ts'
import { judgeLabel, type LabelMode, labelHeader, readLabel } from './label.ts'

/** What a sender surrounds its packets with. */
export interface Seal {
  readonly label: string
}

/** A packet's plaintext, ready for the network. */
export function sealPacket(payload: Uint8Array, { label }: Seal): Uint8Array {
  const header = labelHeader(label)
  if (header.length === 0) return payload
  const packet = new Uint8Array(header.length + payload.length)
  packet.set(header)
  packet.set(payload, header.length)
  return packet
}

/** A packet's plaintext (lent), or why it was refused. */
export type Opened = { readonly ok: true; readonly payload: Uint8Array } | { readonly ok: false; readonly drop: Drop }

/** Takes the surroundings off a datagram. Never throws. */
export function openPacket(
  datagram: Uint8Array,
  { label, labelMode }: Seal & { readonly labelMode: LabelMode },
): Opened {
  if (datagram.length === 0) return { ok: false, drop: { reason: 'empty', offset: 0, detail: 'an empty datagram' } }
  const read = readLabel(datagram)
  if (read.kind === 'malformed') return { ok: false, drop: read.drop }
  if (read.kind === 'need-more')
    return {
      ok: false,
      drop: { reason: 'label-malformed', offset: datagram.length, detail: 'the label header is cut short' },
    }
  const drop = judgeLabel(read.label, label, labelMode)
  return drop ? { ok: false, drop } : { ok: true, payload: datagram.subarray(read.sizeBytes) }
}
