/** Claims about members, from whatever source: judged, applied, spread, told. Guards are named as in membership spec 1.3–1.5. */
import { type Alive, type Dead, formatAddress, nameSize, Part, type Suspect, type Versions } from '@hearsay/wire'
import type { Context } from './context.ts'
import { ACCUSATION_CEILING, MAX_INCARNATION, MAX_MEMBERS, MAX_META_BYTES, MAX_NAME_BYTES } from './limits.ts'
import type { Evidence } from './member.ts'
import { judge } from './precedence.ts'
import type { Peer } from './record.ts'
import type { Self } from './self.ts'
import { suspicionTimes } from './suspicion.ts'

type Source = Evidence['source']

/** Applies claims to the table. */
export class Claims {
  readonly #context: Context
  readonly #self: Self

  constructor(context: Context, self: Self) {
    this.#context = context
    this.#self = self
  }

  /** "I am here, like this." */
  alive(message: Alive, source: Source, now: number, from?: string): void {
    const { table, out, policy } = this.#context
    const claim = acceptable(message)
    if (typeof claim === 'string') return out.ignored(claim, from)
    if (policy.incarnationCeiling && claim.incarnation > MAX_INCARNATION)
      return out.ignored('incarnation-ceiling', from)
    const port = this.#context.portOf(claim.port)
    const endpoint = formatAddress(claim.address, port)
    const known = table.get(claim.node)
    if (known?.isSelf) return this.#aboutSelf(claim, endpoint, from)
    // As in Go: a known member at its known address is left in peace (wire spec 6.3).
    if (endpoint !== known?.endpoint && this.#context.isAllowed?.(claim.address) === false)
      return out.ignored('address-not-allowed', from)
    if (!known) return this.#newcomer(claim, port, endpoint, source, now, from)
    if (endpoint !== known.endpoint && !this.#reclaimable(known, now)) {
      out.event('conflict', known, { source }, endpoint)
      return out.ignored('A9', from)
    }
    const moved = endpoint !== known.endpoint
    if (!moved && judge(known, 'alive', claim.incarnation) === 'stale') {
      this.#echo(known, now)
      return out.ignored('A10', from)
    }
    if (moved) table.setEndpoint(known, claim.address.slice(), port, endpoint)
    this.#accept(known, claim, moved, source, now)
  }

  /** An accusation. */
  suspect(message: Suspect, source: Source, now: number, from?: string): void {
    const { table, out, queue, suspicions, tuning } = this.#context
    const peer = this.#accused(message, from)
    if (!peer) return
    if (peer.isSelf)
      return this.#self.hasLeft || message.incarnation < peer.incarnation
        ? out.ignored('S2', from)
        : this.#self.refute(message.incarnation)
    const verdict = judge(peer, 'suspect', message.incarnation)
    if (verdict === 'stale') return out.ignored('S2', from)
    peer.evidence = Math.max(peer.evidence, message.incarnation)
    if (verdict === 'note') return out.ignored('S4', from)
    const episode = suspicions.get(peer.name)
    if (episode) {
      if (suspicions.confirm(episode, message.from)) queue.control(peer.name, new Part({ ...message }))
      else out.ignored('S3', from)
      return
    }
    queue.control(peer.name, new Part({ ...message }))
    peer.incarnation = message.incarnation
    table.setStatus(peer, 'suspect', now)
    suspicions.begin(peer.name, message.from, suspicionTimes(tuning, table.size), now)
    out.event('suspect', peer, { source, accuser: message.from })
  }

  /** A verdict, or a good-bye. */
  dead(message: Dead, source: Source, now: number, from?: string): void {
    const { table, out, queue, suspicions } = this.#context
    const peer = this.#accused(message, from)
    if (!peer) return
    if (peer.isSelf)
      return this.#self.hasLeft || message.incarnation < peer.incarnation
        ? out.ignored('D2', from)
        : this.#self.refute(message.incarnation)
    const verdict = judge(peer, 'dead', message.incarnation)
    if (verdict === 'stale') return out.ignored('D2', from)
    peer.evidence = Math.max(peer.evidence, message.incarnation)
    if (verdict === 'note') return out.ignored('D4', from)
    const episode = suspicions.end(peer.name)
    queue.control(peer.name, new Part({ ...message }))
    peer.incarnation = message.incarnation
    const left = message.from === message.node
    table.setStatus(peer, left ? 'left' : 'dead', now)
    const confirmations =
      episode === undefined ? {} : { confirmedBy: [...episode.confirmedBy], suspectedForMs: now - episode.startedAtMs }
    out.event(left ? 'leave' : 'fail', peer, { source, ...(left ? {} : { accuser: message.from, ...confirmations }) })
  }

  /** The suspicion that ran out becomes a verdict of our own. */
  expire(now: number): void {
    const episode = this.#context.suspicions.first()
    const peer = episode && this.#context.table.get(episode.name)
    if (!episode || !peer) return
    this.dead(
      { type: 'dead', incarnation: peer.incarnation, node: peer.name, from: this.#context.self.name },
      'suspicion-timeout',
      now,
    )
  }

  #newcomer(claim: AcceptableAlive, port: number, endpoint: string, source: Source, now: number, from?: string): void {
    const { table, out } = this.#context
    // A phantom with incarnation 0 would be remembered as dead without ever having lived (DIV-3).
    if (claim.incarnation === 0) return out.ignored('A6', from)
    if (table.size >= MAX_MEMBERS) return out.ignored('too-many-members', from)
    const peer: Peer = {
      name: claim.node,
      isSelf: false,
      address: claim.address.slice(),
      port,
      endpoint,
      meta: new Uint8Array(0),
      versions: null,
      incarnation: 0,
      evidence: 0,
      status: 'dead',
      statusSinceMs: Number.NEGATIVE_INFINITY,
      rttMs: undefined,
      echoedAtMs: Number.NEGATIVE_INFINITY,
    }
    table.add(peer)
    this.#accept(peer, claim, false, source, now)
  }

  #accept(peer: Peer, claim: AcceptableAlive, moved: boolean, source: Source, now: number): void {
    const { table, out, queue, suspicions } = this.#context
    suspicions.end(peer.name)
    const meta = claim.meta?.slice() ?? new Uint8Array(0)
    const { address, port } = peer
    queue.control(peer.name, new Part({ ...claim, address, port, meta: claim.meta === null ? null : meta }))
    const before = peer.status
    const changed = !sameBytes(peer.meta, meta) || !sameVersions(peer.versions, claim.versions)
    peer.meta = meta
    peer.versions = claim.versions
    peer.incarnation = claim.incarnation
    // A take-over starts the name's history anew.
    peer.evidence = moved ? claim.incarnation : Math.max(peer.evidence, claim.incarnation)
    table.setStatus(peer, 'alive', now)
    if (before === 'dead' || before === 'left') out.event('join', peer, { source })
    else {
      if (before === 'suspect') out.event('alive', peer, { source })
      if (changed) out.event('update', peer, { source })
    }
  }

  #aboutSelf(claim: AcceptableAlive, endpoint: string, from?: string): void {
    const { self, out } = this.#context
    if (this.#self.hasLeft) return out.ignored('A1', from)
    if (endpoint !== self.endpoint) {
      out.event('conflict', self, { source: 'gossip' }, endpoint)
      return out.ignored('A9', from)
    }
    if (claim.incarnation < self.incarnation) return out.ignored('A11', from)
    const same = sameBytes(self.meta, claim.meta ?? new Uint8Array(0)) && sameVersions(self.versions, claim.versions)
    if (claim.incarnation === self.incarnation && same) return out.ignored('A12', from)
    this.#self.refute(claim.incarnation)
  }

  #accused(message: Suspect | Dead, from?: string): Peer | undefined {
    const { table, out, policy } = this.#context
    if (policy.incarnationCeiling && message.incarnation >= ACCUSATION_CEILING) {
      out.ignored('incarnation-ceiling', from)
      return undefined
    }
    // It would be queued and passed on as it is (DIV-44).
    if (nameSize(message.from) > MAX_NAME_BYTES) {
      out.ignored('name-length', from)
      return undefined
    }
    const peer = table.get(message.node)
    if (!peer) out.ignored(message.type === 'suspect' ? 'S1' : 'D1', from)
    return peer
  }

  #reclaimable(peer: Peer, now: number): boolean {
    const { deadNodeReclaimMs } = this.#context.tuning
    return (
      peer.status === 'left' ||
      (peer.status === 'dead' && deadNodeReclaimMs > 0 && now - peer.statusSinceMs > deadNodeReclaimMs)
    )
  }

  /** Tells a member that is evidently alive what it must refute (DIV-11). */
  #echo(peer: Peer, now: number): void {
    const { policy, out, queue, tuning, self } = this.#context
    if (!policy.echoAccusations || peer.status === 'alive' || now - peer.echoedAtMs < tuning.gossip.toTheDeadMs / 3)
      return
    peer.echoedAtMs = now
    const accusation: Suspect | Dead =
      peer.status === 'suspect'
        ? { type: 'suspect', incarnation: peer.evidence, node: peer.name, from: self.name }
        : {
            type: 'dead',
            incarnation: peer.evidence,
            node: peer.name,
            from: peer.status === 'left' ? peer.name : self.name,
          }
    queue.control(peer.name, new Part(accusation))
    out.send(peer.endpoint, [accusation], 'gossip')
  }
}

/** An alive with everything in it that a record needs. */
type AcceptableAlive = Alive & { readonly address: Uint8Array; readonly versions: Versions }

/** The message, or the name of the guard that refuses it (A2, DIV-44, wire spec P40). */
function acceptable(message: Alive): AcceptableAlive | string {
  const { address, versions, meta, node } = message
  if (versions === null) return 'versions-missing'
  if (versions.protocolMin === 0 || versions.protocolMax === 0 || versions.protocolMin > versions.protocolMax)
    return 'A2'
  if (address === null || (address.length !== 4 && address.length !== 16)) return 'address-length'
  if (meta !== null && meta.length > MAX_META_BYTES) return 'meta-too-long'
  if (node === '' || (node.length > MAX_NAME_BYTES / 4 && nameSize(node) > MAX_NAME_BYTES)) return 'name-length'
  return { ...message, address, versions }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

function sameVersions(a: Versions | null, b: Versions | null): boolean {
  if (a === null || b === null) return a === b
  return (
    a.protocolMin === b.protocolMin &&
    a.protocolMax === b.protocolMax &&
    a.protocolCurrent === b.protocolCurrent &&
    a.delegateMin === b.delegateMin &&
    a.delegateMax === b.delegateMax &&
    a.delegateCurrent === b.delegateCurrent
  )
}
