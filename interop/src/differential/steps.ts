/** What can happen to a member, one step at a time: plain JSON, so that a failing sequence can be printed and replayed. */
import * as bytes from '../../hostile/bytes.ts'
import { bytesOf } from './hex.ts'
import type { MemberSettings } from './observation.ts'

/** What a member says of itself, or another of it. Bytes are hex; absent fields are nil. */
export interface Claim {
  readonly node: string
  readonly incarnation: number
  /** 4 or 16 bytes. */
  readonly address: string
  readonly port: number
  readonly meta?: string
  /** Up to six bytes; absent: nil. */
  readonly versions?: string
}

/** One entry of a state. */
export interface Entry extends Claim {
  /** 0 alive, 1 suspect, 2 dead, 3 left; others are to be ignored. */
  readonly state: number
}

/** A state of another member. */
export interface State {
  readonly join: boolean
  readonly entries: readonly Entry[]
  readonly userState: string
}

/** Where a ping or a request to ping is to be answered; absent: to whence it came. */
export interface Source {
  readonly address: string
  readonly port: number
  readonly node: string
}

/** What a stream that the member opened is answered with. */
export type Answer =
  | { readonly kind: 'refused' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'error' }
  | { readonly kind: 'state'; readonly state: State }

/** A message in a packet. */
export type Message =
  | ({ readonly kind: 'alive' } & Claim)
  | { readonly kind: 'suspect' | 'dead'; readonly node: string; readonly incarnation: number; readonly by: string }
  | { readonly kind: 'ping'; readonly seqNo: number; readonly node: string; readonly source?: Source }
  | {
      readonly kind: 'indirect-ping'
      readonly seqNo: number
      readonly target: string
      readonly port: number
      readonly node: string
      readonly nack: boolean
      readonly source?: Source
    }
  /** `own`: which of the pings that the member sent is meant, from 0; one that it never sent for numbers above. */
  | { readonly kind: 'ack'; readonly own: number; readonly payload: string }
  | { readonly kind: 'nack'; readonly own: number }
  | { readonly kind: 'user'; readonly payload: string }

/** One step. */
export type Step =
  | { readonly op: 'packet'; readonly from: string; readonly messages: readonly Message[] }
  | { readonly op: 'state'; readonly state: State }
  | { readonly op: 'stream-ping'; readonly seqNo: number; readonly node: string }
  | { readonly op: 'stream-user'; readonly payload: string }
  | { readonly op: 'join'; readonly to: string; readonly answer: Answer }
  | { readonly op: 'gossip' }
  | { readonly op: 'ping'; readonly node: string; readonly to: string }
  | { readonly op: 'update-meta'; readonly meta: string }
  | { readonly op: 'leave' }
  | { readonly op: 'send'; readonly node: string; readonly payload: string; readonly reliable: boolean }
  | { readonly op: 'wait'; readonly ms: number }

/** A member, and what happens to it. */
export interface Sequence {
  readonly settings: MemberSettings
  readonly steps: readonly Step[]
}

const blob = (hex: string | undefined): bytes.Encoded => (hex === undefined ? bytes.nil : bytes.raw(bytesOf(hex)))

const sourceFields = (source: Source | undefined): bytes.Fields =>
  source === undefined
    ? {}
    : {
        SourceAddr: bytes.raw(bytesOf(source.address)),
        SourcePort: bytes.uint(source.port),
        SourceNode: bytes.raw(source.node),
      }

/** A message's bytes; `seqNoOf` is the number of one of the member's own pings. */
export function messageBytes(message: Message, seqNoOf: (own: number) => number): Uint8Array {
  switch (message.kind) {
    case 'alive':
      return bytes.alive(message.node, message.incarnation, claimFields(message))
    case 'suspect':
      return bytes.suspect(message.node, message.incarnation, message.by)
    case 'dead':
      return bytes.dead(message.node, message.incarnation, message.by)
    case 'ping':
      return bytes.ping(message.seqNo, { Node: bytes.raw(message.node), ...sourceFields(message.source) })
    case 'indirect-ping':
      return bytes.indirectPing(message.seqNo, {
        Target: bytes.raw(bytesOf(message.target)),
        Port: bytes.uint(message.port),
        Node: bytes.raw(message.node),
        Nack: message.nack ? bytes.yes : bytes.no,
        ...sourceFields(message.source),
      })
    case 'ack':
      return bytes.ack(seqNoOf(message.own), { Payload: bytes.raw(bytesOf(message.payload)) })
    case 'nack':
      return bytes.nack(seqNoOf(message.own))
    case 'user':
      return bytes.user(bytesOf(message.payload))
  }
}

const claimFields = ({ address, port, meta, versions }: Claim): bytes.Fields => ({
  Addr: bytes.raw(bytesOf(address)),
  Port: bytes.uint(port),
  Meta: blob(meta),
  Vsn: blob(versions),
})

/** A packet of these messages. */
export function packetBytes(messages: readonly Message[], seqNoOf: (own: number) => number): Uint8Array {
  const parts = messages.map((message) => messageBytes(message, seqNoOf))
  if (parts.length === 1) return parts[0]!
  return bytes.cat([7, parts.length], ...parts.map((part) => bytes.u16(part.length)), ...parts)
}

/** A state as it stands on a stream. */
export const stateBytes = ({ join, entries, userState }: State): Uint8Array =>
  bytes.pushPull(
    entries.map((entry) => bytes.nodeState(entry.node, entry.incarnation, entry.state, claimFields(entry))),
    { join, state: bytesOf(userState) },
  )

/** An error as it stands on a stream. */
export const errorBytes = (): Uint8Array => bytes.message(13, { Error: bytes.raw('no') })

/** A ping as it stands on a stream. */
export const streamPingBytes = (seqNo: number, node: string): Uint8Array => bytes.ping(seqNo, { Node: bytes.raw(node) })

/** A user message as it stands on a stream. */
export const streamUserBytes = (payload: string): Uint8Array => bytes.streamUser(bytesOf(payload))
