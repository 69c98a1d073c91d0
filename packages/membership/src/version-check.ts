/** Do all members understand each other (membership spec 5.3, DIV-32)? */
import type { NodeState, Versions } from '@hearsay/wire'
import { isLive, type Peer, StateNumber } from './record.ts'

const noVersions: Versions = {
  protocolMin: 0,
  protocolMax: 0,
  protocolCurrent: 0,
  delegateMin: 0,
  delegateMax: 0,
  delegateCurrent: 0,
}

/** What the check found: entries of the other side that do not fit, and the first reason. */
export interface Disagreement {
  readonly offenders: ReadonlySet<NodeState>
  readonly reason: string | undefined
}

/**
 * What every living member understands is the range between the highest minimum and the lowest maximum; what each
 * living member speaks must lie in it. Dead entries have no say. O(remote + local): both may have as many entries as
 * there can be members.
 */
export function disagreement(remote: readonly NodeState[], local: readonly Peer[]): Disagreement {
  const protocol = new Common()
  const delegate = new Common()
  for (const peer of local) {
    if (!isLive(peer) || peer.versions === null) continue
    const { protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent } = peer.versions
    protocol.add(protocolMin, protocolMax, protocolCurrent)
    delegate.add(delegateMin, delegateMax, delegateCurrent)
  }
  const offenders = new Set<NodeState>()
  let reason: string | undefined
  for (const node of remote) {
    if (node.state !== StateNumber.alive && node.state !== StateNumber.suspect) continue
    const versions = node.versions ?? noVersions
    const { protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent } = versions
    const fits =
      protocol.fits(protocolMin, protocolMax, protocolCurrent) &&
      delegate.fits(delegateMin, delegateMax, delegateCurrent)
    if (fits && node.versions !== null) continue
    offenders.add(node)
    reason ??=
      `member ${node.name} speaks protocol ${protocolCurrent} and delegate protocol ${delegateCurrent}, ` +
      'which lie outside of what members here understand'
  }
  return { offenders, reason }
}

/** What all living members here understand of one protocol, and the range of what they speak. Nobody: everything fits. */
class Common {
  #highestMin = Number.NEGATIVE_INFINITY
  #lowestMax = Number.POSITIVE_INFINITY
  #lowestCurrent = Number.POSITIVE_INFINITY
  #highestCurrent = Number.NEGATIVE_INFINITY

  add(min: number, max: number, current: number): void {
    this.#highestMin = Math.max(this.#highestMin, min)
    this.#lowestMax = Math.min(this.#lowestMax, max)
    this.#lowestCurrent = Math.min(this.#lowestCurrent, current)
    this.#highestCurrent = Math.max(this.#highestCurrent, current)
  }

  /** A member with these is understood by all here, and understands all. */
  fits(min: number, max: number, current: number): boolean {
    return (
      current >= this.#highestMin &&
      current <= this.#lowestMax &&
      this.#lowestCurrent >= min &&
      this.#highestCurrent <= max
    )
  }
}
