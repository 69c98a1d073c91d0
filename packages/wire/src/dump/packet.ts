/** Packets, from the datagram to the fields of their messages (wire spec 2). */
import { decodeText } from '@hearsay/encoding'
import { Keyring } from '../encryption/keyring.ts'
import { type OpenOptions, openPacket } from '../envelope.ts'
import { type LabelMode, labelBytes } from '../label.ts'
import { MAX_DECOMPRESSED_BYTES } from '../limits.ts'
import type { Dump, DumpOptions } from './dump.ts'
import { dumpPacketFrame } from './framing.ts'
import { dumpLabel } from './label.ts'
import { PayloadWalk } from './payload.ts'
import { dumpSealed, openWith } from './sealed.ts'
import { type Pen, Sheet } from './sheet.ts'

/** How a packet is looked at. */
export interface PacketDumpOptions extends DumpOptions {
  /** What is thought of labels of others. Default `ignore`: any is shown. */
  readonly labelMode?: LabelMode
}

/**
 * Explains a datagram. Total: whatever the bytes are, it returns, and shows what can be made of them. Its problems are
 * what `openPacket` and `decodePacket` refuse with the same settings; where those stop at the first fault of an outer
 * layer, it goes on if there is more to be seen. Throws `KeyringError` for keys that are none, and a `RangeError` for a
 * label above 255 bytes.
 */
export function dumpPacket(bytes: Uint8Array, options: PacketDumpOptions = {}): Dump {
  const settings = {
    ...options,
    labelMode: options.labelMode ?? 'ignore',
    encryption: { keyring: new Keyring(options.keys), verifyIncoming: options.verifyIncoming ?? true },
  }
  const sheet = new Sheet('packet', bytes)
  const pen = sheet.pen()
  if (options.framing === 'dskit') dumpPacketFrame(pen, (start, end) => dumpDatagram(pen, start, end, settings))
  else dumpDatagram(pen, 0, bytes.length, settings)
  return sheet.finish()
}

type Settings = PacketDumpOptions & Pick<Required<OpenOptions>, 'labelMode' | 'encryption'>

function dumpDatagram(pen: Pen, start: number, end: number, settings: Settings): void {
  const datagram = pen.bytes.subarray(start, end)
  const header = dumpLabel(pen, start, end)
  const received = header ? decodeText(header.label) : ''
  const own = settings.label ?? received
  const open = (options: Pick<OpenOptions, 'label' | 'labelMode'>) => {
    const opened = openPacket(datagram, { ...options, encryption: settings.encryption })
    if (!opened.ok) pen.problem(opened.drop.reason, start + opened.drop.offset, opened.drop.detail)
    return opened
  }
  let label = own
  let opened = open({ label, labelMode: settings.labelMode })
  if (!header) return pen.rest(start, end, 'unreadable', opened.ok ? '' : opened.drop.detail)
  if (!opened.ok && opened.drop.reason === 'label-mismatch') {
    // Others would read on: with the label that came.
    label = received
    opened = open({ label, labelMode: 'ignore' })
  }
  const { keyring } = settings.encryption
  const sealed = openWith(pen.bytes.subarray(header.end, end), keyring.keys(), labelBytes(label))
  const walk = new PayloadWalk(settings.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES)
  if (sealed) {
    dumpSealed(pen, header.end, end)
    const inner = pen.layer('decrypted', sealed.plaintext, sealed.by)
    walk.payload(inner, 0, inner.bytes.length)
  } else if (opened.ok || opened.drop.reason === 'not-encrypted') walk.payload(pen, header.end, end)
  else dumpSealed(pen, header.end, end)
}
