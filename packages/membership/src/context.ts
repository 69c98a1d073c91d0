/** What the parts of the machine share. Each part keeps its own state; this is only the table they sit around. */
import type { Versions } from '@hearsay/wire'
import type { Awareness } from './awareness.ts'
import type { BroadcastQueue } from './broadcast-queue.ts'
import type { Outbox } from './outbox.ts'
import type { PeerTable } from './peer-table.ts'
import type { Policy } from './policy.ts'
import type { Research } from './research.ts'
import type { Routing } from './routing.ts'
import type { Suspicions } from './suspicion.ts'
import type { Tuning } from './tuning.ts'

/** What never changes about the local member. */
export interface Identity {
  readonly name: string
  readonly address: Uint8Array
  readonly port: number
  /** `ip:port` in canonical form. */
  readonly endpoint: string
  readonly versions: Versions
}

/** Shared by reference; built once by the machine. */
export interface Context {
  readonly tuning: Tuning
  readonly policy: Policy
  readonly research: Research
  readonly random: () => number
  readonly table: PeerTable
  readonly self: Identity
  /** The port that a port in a message stands for. */
  portOf(port: number): number
  /** Whether an address of 4 or 16 bytes may take part; `undefined` when all may. */
  readonly isAllowed: ((ip: Uint8Array) => boolean) | undefined
  /** Whether what arrives was authenticated, so that a departure can be believed (DIV-9). */
  isAuthenticated(): boolean
  /** Whom periodic rounds may go to; `undefined`: anybody. */
  readonly routing: Routing | undefined
  /** Somebody wants to hear of answered pings. */
  readonly tellsPings: boolean
  readonly queue: BroadcastQueue
  readonly out: Outbox
  readonly awareness: Awareness
  readonly suspicions: Suspicions
  /** A number for a ping that was not used lately. */
  nextSeqNo(): number
  /** A number for an outgoing stream. */
  nextExchange(): number
}
