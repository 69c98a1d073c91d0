/** What a machine is made from. */
import type { Versions } from '@hearsay/wire'
import type { MachineHooks } from './hooks.ts'
import type { PacketSpace } from './outbox.ts'
import type { PeerRecord, PeerTable } from './peer-table.ts'
import type { Policy } from './policy.ts'
import type { Research } from './research.ts'
import type { Routing } from './routing.ts'
import type { Tuning } from './tuning.ts'

/** What a machine is made from. */
export interface MachineOptions {
  readonly self: {
    readonly name: string
    /** 4 or 16 bytes; one form for the lifetime of the name (wire spec 6.3). */
    readonly address: Uint8Array
    readonly port: number
    readonly meta: Uint8Array
    readonly versions: Versions
  }
  /** What a port of 0 in a message means (wire spec 6.3). Default: the own port. */
  readonly bindPort?: number
  /** Whether members may have, and claims about them come from, an address of 4 or 16 bytes. Default: any. */
  readonly isAllowed?: (ip: Uint8Array) => boolean
  /** Whether what arrives is authenticated; asked each time, since keys come and go. Default: it is not. */
  readonly isAuthenticated?: () => boolean
  readonly tuning: Tuning
  readonly packet: PacketSpace
  readonly initialIncarnation: number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** The application's part of a push/pull, asked when one leaves. */
  readonly localState: (join: boolean) => Uint8Array
  readonly hooks?: MachineHooks
  /** Whom gossip ticks and periodic push/pulls may go to. Default: anybody. */
  readonly routing?: Routing
  readonly policy?: Partial<Policy>
  /** For experiments only. */
  readonly research?: Partial<Research>
  /** Where records are kept, the own one among them. Default: columns of this machine's own. */
  readonly table?: (self: PeerRecord) => PeerTable
  /** Whether the start is announced. Default true; false when the table holds a cluster that knows of it. */
  readonly announce?: boolean
}
