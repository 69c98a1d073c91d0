/** What the story and its members say to each other, over the channel between their processes. */

/** How a member is started. */
export interface MemberOrders {
  readonly name: string
  readonly join: readonly string[]
  readonly ringKey: string
  /** `gossip`: differences only. `push-pull`: full states only. `both`: as in production. */
  readonly travel: 'gossip' | 'push-pull' | 'both'
  /** Serve the live page as well. */
  readonly page: boolean
}

/** What a member can be asked. */
export type Question =
  | { readonly ask: 'report' }
  /** Take part in the ring, with this many tokens. */
  | { readonly ask: 'register'; readonly tokens: number }
  /** Change the own part of the ring: take no new work. */
  | { readonly ask: 'pause' }
  /** Leave the ring and the cluster, then end. */
  | { readonly ask: 'leave' }

/** One instance as a member's own copy of the ring has it. */
export interface InstanceReport {
  readonly id: string
  readonly state: string
  readonly tokens: number
  readonly healthy: boolean
  readonly readOnly: boolean
}

/** Everything the story wants to know of one member. */
export interface MemberReport {
  readonly name: string
  readonly address: string
  readonly page: string | undefined
  readonly members: readonly { readonly name: string; readonly status: string }[]
  readonly instances: readonly InstanceReport[]
  /** Digest of what the ring means: equal exactly when two copies are. */
  readonly hash: string
  readonly counters: Counters
}

/** How changes came in: by differences, and by full states. */
export interface Counters {
  readonly broadcastsReceived: number
  readonly broadcastBytesReceived: number
  readonly statesReceived: number
  readonly stateBytesReceived: number
}

/** From the story to a member. */
export interface Request {
  readonly id: number
  readonly question: Question
}

/** From a member to the story. Times are milliseconds since the epoch, comparable between processes of one machine. */
export type Notice =
  | { readonly type: 'up'; readonly at: number; readonly report: MemberReport }
  | { readonly type: 'answer'; readonly id: number; readonly at: number; readonly report: MemberReport }
  | { readonly type: 'ring'; readonly at: number; readonly report: MemberReport }
  | {
      readonly type: 'member'
      readonly at: number
      readonly event: string
      readonly name: string
      readonly accuser: string | undefined
    }
  | { readonly type: 'trouble'; readonly id: number | undefined; readonly message: string }
