/** Everything the machine may ask for. It never does any of it itself. */
import type { Part, StreamMessage } from '@hearsay/wire'
import type { MessageSource } from './delegate.ts'
import type { ExchangeId, Outcome, RequestId } from './input.ts'
import type { Member, MemberEvent } from './member.ts'

/** Why the machine ignored something it was told; counted by reason (the guard of membership spec 1, or a bound of ours). */
export type IgnoreReason = string

/** The door out. The driver does them in order. */
export type Effect =
  /** One packet of these parts. Budgeted already: only label and encryption are still to come. */
  | {
      readonly kind: 'send-packet'
      readonly to: string
      readonly parts: readonly Part[]
      /** The recipient is known to understand a checksum (its protocolMax is 5 or more). */
      readonly checksum: boolean
      readonly lane: 'probe' | 'gossip'
    }
  /** Dial, send, and, where `expectReply`, read one reply; then close. Everything within `timeoutMs` a phase. */
  | {
      readonly kind: 'open-stream'
      readonly exchange: ExchangeId
      readonly to: string
      readonly message: StreamMessage
      readonly expectReply: boolean
      readonly timeoutMs: number
    }
  /** Answer an incoming stream and finish it; without a message just close it. */
  | { readonly kind: 'close-stream'; readonly exchange: ExchangeId; readonly reply: StreamMessage | undefined }
  /** Forget an outgoing exchange; its result no longer matters. */
  | { readonly kind: 'abandon-stream'; readonly exchange: ExchangeId }
  | { readonly kind: 'event'; readonly event: MemberEvent }
  /** A probe was answered directly and in time (the ping hook; membership spec 9.1). */
  | { readonly kind: 'ping-complete'; readonly member: Member; readonly rttMs: number; readonly payload: Uint8Array }
  /** Whether these may be merged in, is for the application to say: answer with `merge-answer`. */
  | { readonly kind: 'merge-ask'; readonly ask: number; readonly members: readonly Member[]; readonly from: string }
  | { readonly kind: 'user-message'; readonly payload: Uint8Array; readonly source: MessageSource }
  | {
      readonly kind: 'remote-state'
      readonly state: Uint8Array
      readonly join: boolean
      readonly source: MessageSource
    }
  | { readonly kind: 'settle'; readonly request: RequestId; readonly outcome: Outcome }
  | { readonly kind: 'ignored'; readonly reason: IgnoreReason; readonly from: string | undefined }
  | { readonly kind: 'health'; readonly score: number }
