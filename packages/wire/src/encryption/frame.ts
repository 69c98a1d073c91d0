/** Encrypted messages on streams (wire spec 3.3): a type byte, the size of the body, the body. */
import { labelBytes } from '../label.ts'
import { MAX_FRAME_BYTES } from '../limits.ts'
import { MessageType } from '../message.ts'
import { bodySize, openBody, sealInto } from './body.ts'
import type { Sealing } from './encryption.ts'

/** Type byte and size. */
export const FRAME_HEADER_BYTES = 5

/** A message as an encrypted frame. The size and the label are authenticated with it. */
export function sealFrame(message: Uint8Array, label: string, { key, version, nonce }: Sealing): Uint8Array {
  const sizeBytes = bodySize(message.length, version)
  const frame = new Uint8Array(FRAME_HEADER_BYTES + sizeBytes)
  frame[0] = MessageType.encrypt
  new DataView(frame.buffer).setUint32(1, sizeBytes)
  sealInto(frame, message, key, frameAad(frame, label), version, nonce)
  return frame
}

/** Whether a message as it stands on a stream is a frame that no peer will take. */
export const isFrameTooLarge = (bytes: Uint8Array): boolean =>
  bytes[0] === MessageType.encrypt && bytes.length - FRAME_HEADER_BYTES > MAX_FRAME_BYTES

/** The size of the body, from the header of a frame. */
export const frameBodyBytes = (header: Uint8Array): number =>
  new DataView(header.buffer, header.byteOffset).getUint32(1)

/** The message in a whole frame; `undefined` when no key opens it. */
export const openFrame = (frame: Uint8Array, label: string, keys: readonly Uint8Array[]): Uint8Array | undefined =>
  openBody(frame.subarray(FRAME_HEADER_BYTES), keys, frameAad(frame, label))

function frameAad(frame: Uint8Array, label: string): Uint8Array {
  const name = labelBytes(label)
  const aad = new Uint8Array(FRAME_HEADER_BYTES + name.length)
  aad.set(frame.subarray(0, FRAME_HEADER_BYTES))
  aad.set(name, FRAME_HEADER_BYTES)
  return aad
}
