/** Everything that can happen to the machine. Messages arrive decoded; garbage never gets here. */
import type { PacketMessage, PushPull, StreamMessage } from '@hearsay/wire'
import type { Broadcast } from './broadcast.ts'

/** Identifies one stream exchange, ours or a peer's. Chosen by the machine for outgoing ones, by the driver (negative numbers) for incoming ones. */
export type ExchangeId = number

/** Identifies one command of the application, chosen by the driver; echoed in `settle`. */
export type RequestId = number

/** The door in. */
export type Input =
  /** Once, first: install the own record (before any other input) and arm the loops. */
  | { readonly kind: 'start' }
  /** One datagram's messages, in order. Byte fields are lent for the call. */
  | { readonly kind: 'packet'; readonly from: string; readonly messages: readonly PacketMessage[] }
  /** A peer dialled and its request was read. */
  | {
      readonly kind: 'stream-request'
      readonly exchange: ExchangeId
      readonly from: string
      readonly message: StreamMessage
    }
  /** The reply to a request of ours was read. */
  | { readonly kind: 'stream-reply'; readonly exchange: ExchangeId; readonly message: StreamMessage }
  /** A request of ours got no usable reply. `contacted`: the dial had succeeded. */
  | {
      readonly kind: 'stream-failed'
      readonly exchange: ExchangeId
      readonly contacted: boolean
      readonly reason: string
    }
  /** A fire-and-forget stream (a reliable user message) was handed to the operating system. */
  | { readonly kind: 'stream-done'; readonly exchange: ExchangeId }
  /** Something is due: exactly one due timer fires; the driver asks again. */
  | { readonly kind: 'deadline' }
  /** How late the event loop ran inside the window that just ended, in milliseconds. Feeds the health score. */
  | { readonly kind: 'lag'; readonly lagMs: number }
  /** Exchange states with these addresses (resolved already). Settles with `JoinOutcome`. */
  | { readonly kind: 'join'; readonly request: RequestId; readonly addresses: readonly string[] }
  /** Announce the departure. Settles with `LeaveOutcome`. */
  | { readonly kind: 'leave'; readonly request: RequestId; readonly timeoutMs: number }
  /** Come back after a departure, one incarnation above it. Settles with `RejoinOutcome`. */
  | { readonly kind: 'rejoin'; readonly request: RequestId }
  /** Whom to turn to when nobody is left (DIV-36), resolved already. */
  | { readonly kind: 'set-seeds'; readonly addresses: readonly string[] }
  /** Exchange states with this many random members now. */
  | { readonly kind: 'push-pull'; readonly count: number }
  /** Exchange states with this member now, if it is alive or suspect. */
  | { readonly kind: 'exchange'; readonly node: string }
  /** The application's answer to a `merge-ask`. */
  | { readonly kind: 'merge-answer'; readonly ask: number; readonly accept: boolean }
  /** New metadata, announced with a higher incarnation. Settles with `SpreadOutcome`. */
  | { readonly kind: 'update-meta'; readonly request: RequestId; readonly meta: Uint8Array; readonly timeoutMs: number }
  /** Queue for gossip. */
  | { readonly kind: 'broadcast'; readonly item: Broadcast }
  /** One user message to one member: by packet, or reliably on a stream. Settles with `SendOutcome`. */
  | {
      readonly kind: 'send'
      readonly request: RequestId
      readonly to: string
      readonly payload: Uint8Array
      readonly reliable: boolean
    }
  /** One ping outside the detector. Settles with `PingOutcome`. */
  | { readonly kind: 'ping'; readonly request: RequestId; readonly node: string; readonly address: string }
  /** Drop every timer and queued item; no output follows. */
  | { readonly kind: 'stop' }

/** What became of one address of a join. */
export type SeedOutcome =
  /** `confirmed`: the other side was seen to list this member as alive (DIV-33). */
  | { readonly address: string; readonly ok: true; readonly confirmed: boolean }
  | { readonly address: string; readonly ok: false; readonly reason: string }

/** What became of a command. */
export type Outcome =
  | { readonly type: 'join'; readonly seeds: readonly SeedOutcome[] }
  | { readonly type: 'leave'; readonly result: 'transmitted' | 'superseded' | 'no-peers' | 'timeout' }
  | { readonly type: 'rejoin'; readonly result: 'done' | 'not-left' }
  | { readonly type: 'update-meta'; readonly result: 'transmitted' | 'superseded' | 'no-peers' | 'timeout' }
  | {
      readonly type: 'send'
      readonly result: 'sent' | 'unknown-member' | 'failed' | 'too-large'
      readonly reason?: string
    }
  | { readonly type: 'ping'; readonly result: 'answered' | 'no-answer'; readonly rttMs?: number }
  | {
      readonly type: 'rejected'
      readonly code: 'LEFT' | 'STOPPED' | 'META_TOO_LONG' | 'INCARNATION_EXHAUSTED'
      readonly reason: string
    }

export type { PushPull }
