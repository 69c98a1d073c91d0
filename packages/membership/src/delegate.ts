/**
 * How an application, above all the key-value store, rides on membership. The store satisfies this by shape; neither
 * package imports the other.
 */
import type { Broadcast } from './broadcast.ts'
import type { Member } from './member.ts'

/** Where a user message came from. The sender's name is not on the wire. */
export interface MessageSource {
  /** Address of the datagram or stream. */
  readonly from: string
  readonly channel: 'packet' | 'stream'
  /**
   * The member at that address, whose own word it then is: of a packet, and of the answer to an exchange that we began. Whoever
   * opens a stream comes from an address that says nothing.
   */
  readonly member?: string | undefined
}

/** What membership offers to a delegate. */
export interface DelegateHost {
  /** Queue something for gossip. */
  broadcast(item: Broadcast): void
  /** Members that are alive or suspect, oneself included. */
  memberCount(): number
  /** Names of the other members that are alive or suspect. */
  memberNames(): readonly string[]
  /** Exchange states now with this member, if it is alive or suspect. */
  exchangeWith(name: string): void
  /** Exchange states now with so many random members that are alive, beside the schedule. */
  requestPushPull(count: number): void
}

/** A push/pull that asks to be merged. */
export interface MergeRequest {
  /** Always true: only exchanges that join somebody are asked about, in both roles. */
  readonly join: boolean
  /** Whom the other side is: the address of its stream. */
  readonly from: string
}

/**
 * What a delegate may answer and may want to know. What throws, or rejects, is counted and logged: it stands for a veto
 * where a veto can be given, else for nothing.
 *
 * Answers (`alive`, `meta`, `pingPayload`, `localState`) are asked for in the middle of a change: they are synchronous, and
 * calls to the member from inside of them take effect afterwards. Of several delegates the first that has something to say
 * is taken; a veto of any counts. Notifications (`conflict`, `onPing`) come in order, after the change, and may call
 * anything. `onMessage` and `mergeRemoteState` come at once, after the change, since their bytes are only lent.
 */
export interface Delegate {
  /** Called once, before any other hook. */
  attach?(host: DelegateHost): void
  /** A user message. `payload` is lent for the call. */
  onMessage?(payload: Uint8Array, source: MessageSource): void
  /** Our part of a push/pull. Empty: nothing to say. There is room for one on the wire: the first delegate's that has any. */
  localState?(join: boolean): Uint8Array
  /** The other side's part, when not empty. `state` is lent for the call. Every delegate gets it. */
  mergeRemoteState?(state: Uint8Array, join: boolean, source: MessageSource): void
  /** Whether to believe that a member is alive, as it says. Asked for each such message, stale ones too; never about oneself. */
  alive?(member: Member): boolean
  /**
   * Whether to merge what another member knows, when one of us joins the other. It may take its time, within the stream's
   * timeout; then it counts as a veto. The veto is one-sided: the other side has merged our state already, and gossip may still bring
   * its members in; `alive` keeps somebody out for good.
   */
  merge?(members: readonly Member[], request: MergeRequest): boolean | Promise<boolean>
  /** The own metadata, at most 512 bytes: asked at the start, and by `updateMeta()` without bytes. */
  meta?(): Uint8Array
  /** What the answer to a ping carries, at most 512 bytes. */
  pingPayload?(): Uint8Array
  /** A probe was answered directly and in time. `payload` is the other side's `pingPayload`. */
  onPing?(member: Member, rttMs: number, payload: Uint8Array): void
  /** Another address claims the name of a member, and is not believed. */
  conflict?(existing: Member, claimedBy: string): void
}
