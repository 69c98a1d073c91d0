/** Bytes as text: sequences are plain JSON. */

/** Hex to bytes. */
export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

/** Bytes to hex; nothing for Go's nil. */
export const hexOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('hex')
