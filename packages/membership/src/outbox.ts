/** Effects of the input at hand, in order; and how messages become packets. */
import { MAX_COMPOUND_PARTS, MAX_PART_BYTES, type PacketMessage, Part } from '@hearsay/wire'
import type { BroadcastQueue, TransmitLimits } from './broadcast-queue.ts'
import type { Effect } from './effect.ts'
import type { Evidence, MemberEvent } from './member.ts'
import { NOBODY, type PeerIndex, type PeerTable, snapshot } from './peer-table.ts'

/** Bytes of a compound's header, of each part's length, and of a checksum (wire spec 2.5, 2.7). */
const COMPOUND_BYTES = 2
const PART_BYTES = 2
const CHECKSUM_BYTES = 5
/** From this protocol version on members understand a checksum. */
const CHECKSUM_PROTOCOL = 5

/** What a packet may hold. */
export interface PacketSpace {
  /** The transport's packet budget, in bytes. */
  readonly budgetBytes: number
  /** What label and encryption will add, in bytes: asked for each packet, since keys come and go. */
  readonly overheadBytes: () => number
}

/** Never pushed to. */
const nothing: Effect[] = []

/** Collects effects. */
export class Outbox {
  #effects = nothing
  readonly #space: PacketSpace
  readonly #table: PeerTable
  readonly #queue: BroadcastQueue
  readonly #limits: () => TransmitLimits
  readonly #userShare: number

  constructor(
    space: PacketSpace,
    table: PeerTable,
    queue: BroadcastQueue,
    limits: () => TransmitLimits,
    userShare: number,
  ) {
    this.#space = space
    this.#table = table
    this.#queue = queue
    this.#limits = limits
    this.#userShare = userShare
  }

  /** What was collected; the outbox is empty afterwards. */
  drain(): readonly Effect[] {
    const effects = this.#effects
    this.#effects = nothing
    return effects
  }

  push(effect: Effect): void {
    // Most inputs have one effect, and an array that is pushed to has room for many.
    if (this.#effects === nothing) this.#effects = [effect]
    else this.#effects.push(effect)
  }

  ignored(reason: string, from?: string): void {
    this.push({ kind: 'ignored', reason, from })
  }

  event(type: MemberEvent['type'], peer: PeerIndex, evidence: Evidence, claimedBy?: string): void {
    const member = snapshot(this.#table, peer)
    const event: MemberEvent =
      claimedBy === undefined ? { type, member, evidence } : { type, member, evidence, claimedBy }
    this.push({ kind: 'event', event })
  }

  /** The largest message that a packet can hold, whoever it goes to. */
  get maxPartBytes(): number {
    return this.#space.budgetBytes - this.#space.overheadBytes() - COMPOUND_BYTES - CHECKSUM_BYTES - PART_BYTES
  }

  /** Exactly these messages, with nothing else in the packet. */
  send(to: string, messages: readonly PacketMessage[], lane: 'probe' | 'gossip'): void {
    const parts = messages.map((message) => new Part(message))
    this.#packet(to, this.#takesChecksum(this.#table.findEndpoint(to)), parts, lane)
  }

  /** A message, and whatever waits in the queue and fits beside it. */
  sendWithBroadcasts(to: string, message: PacketMessage, lane: 'probe' | 'gossip'): void {
    const checksum = this.#takesChecksum(this.#table.findEndpoint(to))
    const base = new Part(message)
    if (this.#queue.isEmpty) return this.#packet(to, checksum, [base], lane)
    const room = this.#room(checksum) - base.sizeBytes - PART_BYTES
    const extra = this.#queue.fill(room, PART_BYTES, MAX_COMPOUND_PARTS - 1, this.#userShare, this.#limits())
    this.#packet(to, checksum, [base, ...extra], lane)
  }

  /** One packet full of broadcasts for a member; false when nothing waits that fits. */
  gossip(to: string, peer: PeerIndex): boolean {
    const checksum = this.#takesChecksum(peer)
    const parts = this.#queue.fill(
      this.#room(checksum),
      PART_BYTES,
      MAX_COMPOUND_PARTS,
      this.#userShare,
      this.#limits(),
    )
    if (parts.length === 0) return false
    this.#packet(to, checksum, parts, 'gossip')
    return true
  }

  /** Bytes that parts and their lengths may take together. */
  #room(checksum: boolean): number {
    return this.#space.budgetBytes - this.#space.overheadBytes() - COMPOUND_BYTES - (checksum ? CHECKSUM_BYTES : 0)
  }

  #packet(to: string, checksum: boolean, parts: readonly Part[], lane: 'probe' | 'gossip'): void {
    // A part beyond the 16-bit length of a compound travels alone (DIV-30).
    const rest = parts.some(isLarge) ? parts.filter((part) => !isLarge(part)) : parts
    if (rest.length > 0) this.push({ kind: 'send-packet', to, parts: rest, checksum, lane })
    if (rest !== parts)
      for (const part of parts) if (isLarge(part)) this.push({ kind: 'send-packet', to, parts: [part], checksum, lane })
  }

  /** Members that are not known get none: they may not understand it. */
  #takesChecksum(peer: PeerIndex): boolean {
    return peer !== NOBODY && (this.#table.versions(peer)?.protocolMax ?? 0) >= CHECKSUM_PROTOCOL
  }
}

const isLarge = (part: Part): boolean => part.sizeBytes > MAX_PART_BYTES
