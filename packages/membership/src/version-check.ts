/** Do all members understand each other (membership spec 5.3, DIV-32)? */
import type { NodeState, Versions } from '@hearsay/wire'
import { type Peer, StateNumber } from './record.ts'

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
 * living member speaks must lie in it. Dead entries have no say.
 */
export function disagreement(remote: readonly NodeState[], local: readonly Peer[]): Disagreement {
  const ours = local
    .filter((peer) => peer.status === 'alive' || peer.status === 'suspect')
    .flatMap((peer) => peer.versions ?? [])
  const theirs = remote.filter((node) => node.state === StateNumber.alive || node.state === StateNumber.suspect)
  const offenders = new Set<NodeState>()
  let reason: string | undefined
  for (const node of theirs) {
    const versions = node.versions ?? noVersions
    const misfit = ours.find((other) => !understands(other, versions) || !understands(versions, other))
    if (misfit === undefined && node.versions !== null) continue
    offenders.add(node)
    reason ??=
      `member ${node.name} speaks protocol ${versions.protocolCurrent} and delegate protocol ${versions.delegateCurrent}, ` +
      'which lie outside of what members here understand'
  }
  return { offenders, reason }
}

function understands(listener: Versions, speaker: Versions): boolean {
  return (
    speaker.protocolCurrent >= listener.protocolMin &&
    speaker.protocolCurrent <= listener.protocolMax &&
    speaker.delegateCurrent >= listener.delegateMin &&
    speaker.delegateCurrent <= listener.delegateMax
  )
}
