/** One of the two peers under test, as the probe sees it. */
import { createHash } from 'node:crypto'

/** What a peer tells its application. Payloads as {@link payloadText} has them. */
export type Told =
  | { readonly kind: 'message'; readonly payload: string }
  | { readonly kind: 'remote-state'; readonly payload: string; readonly join: boolean }
  | { readonly kind: 'join' | 'leave' | 'update' | 'conflict'; readonly name: string }

/** A peer, running. */
export interface Target {
  readonly side: 'go' | 'ours'
  readonly host: string
  readonly port: number
  /** Calls back for everything from now on. */
  onTold(listener: (told: Told) => void): void
  /** Dials an address and exchanges states; whether that worked. */
  join(address: string): Promise<boolean>
  /** Whether it is still there. */
  readonly isGone: boolean
  close(): Promise<void>
}

/** Up to here a payload is told whole. */
const MAX_SHOWN_BYTES = 64 << 10

/** Hex, or size and digest when it is long. */
export const payloadText = (bytes: Uint8Array): string =>
  bytes.length <= MAX_SHOWN_BYTES
    ? `"${Buffer.from(bytes).toString('hex')}"`
    : digestText(bytes.length, createHash('sha256').update(bytes).digest('hex'))

/** Of a long payload, as {@link payloadText} has it. */
export const digestText = (sizeBytes: number, sha256: string): string => `${sizeBytes} bytes (${sha256.slice(0, 8)})`
