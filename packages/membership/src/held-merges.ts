/** Join exchanges that wait for the application's consent (membership spec 9.2: the merge hook may be asynchronous). */
import { formatAddress, type NodeState, type PushPull } from '@hearsay/wire'
import type { Member, MemberStatus } from './member.ts'
import type { Outbox } from './outbox.ts'
import { StateNumber } from './peer-table.ts'
import type { ExchangeEnd } from './push-pull.ts'

/** States held at once: each may be as large as a state can be. */
export const MAX_HELD_MERGES = 8

/** A state that is about to be merged. */
export interface HeldMerge {
  readonly remote: PushPull
  readonly join: boolean
  readonly from: string
  /** The other side answered at `from`, where we had asked; one who asks comes from an address that says nothing. */
  readonly isAnswer: boolean
  readonly onEnd: ((end: ExchangeEnd) => void) | undefined
}

const statusOf = new Map<number, MemberStatus>(
  Object.entries(StateNumber).map(([status, number]) => [number, status as MemberStatus]),
)
const noBytes = new Uint8Array(0)

/** By the number under which the application was asked. */
export class HeldMerges {
  readonly #out: Outbox
  readonly #held = new Map<number, HeldMerge>()
  #nextAsk = 1

  constructor(out: Outbox) {
    this.#out = out
  }

  /** Asks. False when too many wait. */
  ask(merge: HeldMerge): boolean {
    if (this.#held.size >= MAX_HELD_MERGES) {
      this.#out.ignored('too-many-merges', merge.from)
      return false
    }
    const ask = this.#nextAsk++
    // What came off the wire is lent for the call only.
    const nodes = Array.from(merge.remote.nodes, owned)
    const remote = { ...merge.remote, nodes, userState: merge.remote.userState.slice() }
    this.#held.set(ask, { ...merge, remote })
    this.#out.push({ kind: 'merge-ask', ask, members: nodes.map(asMember), from: merge.from })
    return true
  }

  take(ask: number): HeldMerge | undefined {
    const held = this.#held.get(ask)
    this.#held.delete(ask)
    return held
  }

  stop(): void {
    this.#held.clear()
  }
}

const owned = (node: NodeState): NodeState => ({
  ...node,
  address: node.address?.slice() ?? null,
  meta: node.meta?.slice() ?? null,
})

/** Every entry is shown, also one whose state nobody knows and which will not be merged: it is there to be objected to. */
const asMember = (node: NodeState): Member => ({
  name: node.name,
  address: formatAddress(node.address ?? noBytes, node.port),
  meta: node.meta?.slice() ?? noBytes,
  status: statusOf.get(node.state) ?? 'dead',
  incarnation: node.incarnation,
  versions: node.versions,
  statusSinceMs: Number.NEGATIVE_INFINITY,
  rttMs: undefined,
  isSelf: false,
})
