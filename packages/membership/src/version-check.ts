/** Do all members understand each other (membership spec 5.3, DIV-32)? */
import type { NodeState, Versions } from '@hearsay/wire'
import { StateNumber } from './peer-table.ts'

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
export function disagreement(remote: Iterable<NodeState>, living: Iterable<Versions | null>): Disagreement {
  const offenders = new Set<NodeState>()
  let reason: string | undefined
  let common: { readonly protocol: Common; readonly delegate: Common } | undefined
  for (const node of remote) {
    if (node.state !== StateNumber.alive && node.state !== StateNumber.suspect) continue
    // Not before it is needed: mostly there is nothing new, and then nobody here need be looked at.
    common ??= commonOf(living)
    const { protocol, delegate } = common
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

/** What the living understand together. */
function commonOf(living: Iterable<Versions | null>): { readonly protocol: Common; readonly delegate: Common } {
  const protocol = new Common()
  const delegate = new Common()
  let latest: Versions | null = null
  for (const versions of living) {
    // Most members speak what the one before spoke.
    if (versions === null || versions === latest) continue
    latest = versions
    const { protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent } = versions
    protocol.add(protocolMin, protocolMax, protocolCurrent)
    delegate.add(delegateMin, delegateMax, delegateCurrent)
  }
  return { protocol, delegate }
}

/** A record as the strict check sees it. */
export interface SpokenVersions {
  readonly isAlive: boolean
  readonly versions: Versions | null
}

/**
 * memberlist's check: the range is that of the alive, but everybody on both sides must lie in it, the dead included. The
 * first that does not fails the exchange; `undefined` when all do.
 */
export function strictDisagreement(remote: Iterable<NodeState>, local: readonly SpokenVersions[]): string | undefined {
  const theirs = Array.from(remote, ({ name, state, versions }) => ({
    name,
    isAlive: state === StateNumber.alive,
    versions,
  }))
  const all = [...theirs, ...local.map((spoken) => ({ name: 'of this side', ...spoken }))]
  const range = { protocolMin: 0, protocolMax: 255, delegateMin: 0, delegateMax: 255 }
  for (const { isAlive, versions } of all) {
    if (!isAlive || versions === null) continue
    range.protocolMin = Math.max(range.protocolMin, versions.protocolMin)
    range.protocolMax = Math.min(range.protocolMax, versions.protocolMax)
    range.delegateMin = Math.max(range.delegateMin, versions.delegateMin)
    range.delegateMax = Math.min(range.delegateMax, versions.delegateMax)
  }
  for (const { name, versions } of all) {
    const { protocolCurrent, delegateCurrent } = versions ?? noVersions
    if (protocolCurrent < range.protocolMin || protocolCurrent > range.protocolMax)
      return `member ${name} speaks protocol ${protocolCurrent}, outside of ${range.protocolMin} to ${range.protocolMax}`
    if (delegateCurrent < range.delegateMin || delegateCurrent > range.delegateMax)
      return `member ${name} speaks delegate protocol ${delegateCurrent}, outside of ${range.delegateMin} to ${range.delegateMax}`
  }
  return undefined
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
