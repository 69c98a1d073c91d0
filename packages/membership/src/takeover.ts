/** A name that wants to move (DIV-9): whether the one who is said to have left is really gone is asked, not assumed. */
import type { Dead } from '@hearsay/wire'
import type { AcceptableAlive } from './acceptable.ts'
import type { Context } from './context.ts'
import { DeadlineHeap, type Due } from './deadline-heap.ts'
import type { Evidence } from './member.ts'
import type { PeerIndex } from './peer-table.ts'

/** Names asked about at once. Further moves wait until they are announced again. */
export const MAX_TAKEOVERS = 64

/** A claim that waits for an answer from the old address. */
export interface Takeover {
  readonly claim: AcceptableAlive
  readonly source: Evidence['source']
  readonly seqNo: number
}

/** Moves under way. */
export class Takeovers {
  readonly #context: Context
  readonly #byName = new Map<string, Due<Takeover>>()
  readonly #bySeqNo = new Map<number, string>()
  readonly #due = new DeadlineHeap<Takeover>()

  constructor(context: Context) {
    this.#context = context
  }

  get nextAt(): number {
    return this.#due.nextAt
  }

  /** Asks at the old address. False when too many are asked already, or this one is. */
  ask(peer: PeerIndex, claim: AcceptableAlive, source: Takeover['source'], now: number): boolean {
    const { table, out, self, tuning } = this.#context
    if (this.#byName.size >= MAX_TAKEOVERS || this.#byName.has(claim.node)) return false
    const seqNo = this.#context.nextSeqNo()
    const kept: AcceptableAlive = { ...claim, address: claim.address.slice(), meta: claim.meta?.slice() ?? null }
    this.#byName.set(claim.node, this.#due.add(now + tuning.probe.timeoutMs, { claim: kept, source, seqNo }))
    this.#bySeqNo.set(seqNo, claim.node)
    const farewell: Dead = { type: 'dead', incarnation: table.evidence(peer), node: claim.node, from: claim.node }
    out.send(
      table.endpoint(peer),
      [
        {
          type: 'ping',
          seqNo,
          node: claim.node,
          sourceAddress: self.address,
          sourcePort: self.port,
          sourceNode: self.name,
        },
        farewell,
      ],
      'probe',
    )
    return true
  }

  /** The old one answered: it is there. Gives what is not to be believed; `undefined` if this was no answer of ours. */
  answered(seqNo: number): Takeover | undefined {
    const name = this.#bySeqNo.get(seqNo)
    return name === undefined ? undefined : this.end(name)
  }

  /** Nobody answered in time: the move may take place. */
  expired(now: number): Takeover | undefined {
    return this.#due.nextAt <= now ? this.end(this.#due.first!.claim.node) : undefined
  }

  /** The name is not in question any more. */
  end(name: string): Takeover | undefined {
    const due = this.#byName.get(name)
    if (!due) return undefined
    this.#due.remove(due)
    this.#byName.delete(name)
    this.#bySeqNo.delete(due.item.seqNo)
    return due.item
  }

  stop(): void {
    this.#byName.clear()
    this.#bySeqNo.clear()
    this.#due.clear()
  }
}
