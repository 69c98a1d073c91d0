import type { PacketMessage } from '../message.ts'

/** Exact encoded size of a message, the type byte included, without making its bytes. */
export function encodedSize(message: PacketMessage): number {
  throw new Error(`not written yet: ${message.type}`)
}

/** The encoded message, type byte first. */
export function encodeMessage(message: PacketMessage): Uint8Array {
  throw new Error(`not written yet: ${message.type}`)
}
