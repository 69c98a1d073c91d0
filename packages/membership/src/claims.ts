/** Claims about members, from whatever source: judged, applied, spread, told. Guards are named as in membership spec 1.3–1.5. */
import { type Alive, type Dead, formatAddress, nameSize, Part, type Suspect } from '@hearsay/wire'
import { type AcceptableAlive, isAcceptable, objection } from './acceptable.ts'
import type { AccusationEcho } from './accusation-echo.ts'
import type { Context } from './context.ts'
import { ACCUSATION_CEILING, MAX_INCARNATION, MAX_MEMBERS, MAX_NAME_BYTES } from './limits.ts'
import type { Evidence, Member } from './member.ts'
import { NOBODY, type PeerIndex } from './peer-table.ts'
import { judge } from './precedence.ts'
import type { Reaper } from './reap.ts'
import type { Rejoins } from './rejoin.ts'
import type { Self } from './self.ts'
import { type Episode, SuspicionTimetable } from './suspicion.ts'
import type { Takeovers } from './takeover.ts'
import { type Tombstones, verdictOf } from './tombstones.ts'
import { sameVersions } from './version-pool.ts'

type Source = Evidence['source']

/** Who is told of what becomes of members. */
export interface ClaimsParts {
  readonly self: Self
  readonly reaper: Reaper
  readonly tombstones: Tombstones
  readonly echo: AccusationEcho
  readonly takeovers: Takeovers
  readonly rejoins: () => Rejoins
  /** Has a member looked at soon: its place is contested. */
  readonly contested: (peer: PeerIndex, now: number) => void
  /** The application's veto (A4). */
  readonly mayJoin: ((candidate: Member) => boolean) | undefined
}

const noBytes = new Uint8Array(0)

/** Applies claims to the table. */
export class Claims {
  readonly #context: Context
  readonly #parts: ClaimsParts
  readonly #times: SuspicionTimetable

  constructor(context: Context, parts: ClaimsParts) {
    this.#context = context
    this.#parts = parts
    this.#times = new SuspicionTimetable(context.tuning, context.research)
  }

  /** "I am here, like this." */
  alive(claim: Alive, source: Source, now: number, from?: string): void {
    const { table, out, policy } = this.#context
    if (!isAcceptable(claim)) return out.ignored(objection(claim)!, from)
    if (policy.incarnationCeiling && claim.incarnation > MAX_INCARNATION)
      return out.ignored('incarnation-ceiling', from)
    const peer = table.find(claim.node)
    const port = this.#context.portOf(claim.port)
    if (peer === table.selfIndex) return this.#aboutSelf(claim, port, source, from)
    if (this.#parts.mayJoin && !this.#parts.mayJoin(candidate(claim, port))) return out.ignored('A4', from)
    const isThere = peer !== NOBODY && table.isAt(peer, claim.address, port)
    // As in Go: a known member at its known address is left in peace (wire spec 6.3).
    if (!isThere && this.#context.isAllowed?.(claim.address) === false) return out.ignored('address-not-allowed', from)
    if (peer === NOBODY) return this.#newcomer(claim, port, source, now, from)
    if (!isThere) return this.#mover(peer, claim, port, source, now, from)
    if (judge(table, peer, 'alive', claim.incarnation) === 'stale') {
      if (table.status(peer) !== 'alive') this.#echo(peer, now)
      return out.ignored('A10', from)
    }
    this.#accept(peer, claim, source, now)
  }

  /** An accusation. `isDecisive`: whoever was asked did not answer, so that nobody else's word is waited for (DIV-14). */
  suspect(message: Suspect, source: Source, now: number, from?: string, isDecisive = false): void {
    const { table, out, queue, suspicions } = this.#context
    const peer = this.#accused(message, source, from)
    if (peer === NOBODY) return
    if (peer === table.selfIndex) return this.#accusedSelf(message.incarnation, 'S2', from)
    const verdict = judge(table, peer, 'suspect', message.incarnation)
    if (verdict === 'stale') return out.ignored('S2', from)
    this.#remember(peer, message.incarnation)
    if (verdict === 'note') return out.ignored('S4', from)
    const episode = suspicions.get(peer)
    if (episode) {
      if (suspicions.confirm(episode, message.from)) queue.control(peer, new Part(message))
      else out.ignored('S3', from)
      return
    }
    queue.control(peer, new Part(message))
    this.#raise(peer, message.incarnation)
    table.setStatus(peer, 'suspect', now)
    suspicions.begin(peer, message.from, this.#times.of(table.size, isDecisive), now)
    out.event('suspect', peer, { source, accuser: message.from })
  }

  /** A verdict, or a good-bye. */
  dead(message: Dead, source: Source, now: number, from?: string): void {
    const { table, out, queue, suspicions } = this.#context
    const peer = this.#accused(message, source, from)
    if (peer === NOBODY) return
    if (peer === table.selfIndex) return this.#accusedSelf(message.incarnation, 'D2', from)
    const verdict = judge(table, peer, 'dead', message.incarnation)
    if (verdict === 'stale') return out.ignored('D2', from)
    this.#remember(peer, message.incarnation)
    if (verdict === 'note') return out.ignored('D4', from)
    const episode = suspicions.end(peer)
    queue.control(peer, new Part(message))
    this.#raise(peer, message.incarnation)
    const left = message.from === message.node
    table.setStatus(peer, left ? 'left' : 'dead', now)
    this.#parts.reaper.note(peer, now)
    if (!left) this.#parts.rejoins().bury(peer, now)
    out.event(left ? 'leave' : 'fail', peer, left ? { source } : failure(message.from, source, episode, now))
  }

  /** The suspicion that ran out becomes a verdict of our own. */
  expire(now: number): void {
    const { suspicions, table, self } = this.#context
    const episode = suspicions.first
    if (!episode) return
    const { peer } = episode
    if (!table.has(peer)) return void suspicions.end(peer)
    const incarnation = table.incarnation(peer)
    this.dead({ type: 'dead', incarnation, node: table.name(peer), from: self.name }, 'suspicion-timeout', now)
  }

  /** Nobody answered where a member that left had been: the name may move. */
  moveOn(now: number): void {
    const { table } = this.#context
    const takeover = this.#parts.takeovers.expired(now)
    if (!takeover) return
    const { claim, source } = takeover
    const peer = table.find(claim.node)
    const port = this.#context.portOf(claim.port)
    if (peer === NOBODY) this.#newcomer(claim, port, source, now)
    else if (this.#isReclaimable(peer, now)) this.#move(peer, claim, port, source, now)
  }

  /** The old one answered a question of ours. True if it was one. */
  stayed(seqNo: number): boolean {
    const { table, out } = this.#context
    const takeover = this.#parts.takeovers.answered(seqNo)
    if (!takeover) return false
    const { claim, source } = takeover
    const peer = table.find(claim.node)
    const endpoint = formatAddress(claim.address, this.#context.portOf(claim.port))
    if (peer !== NOBODY) out.event('conflict', peer, { source }, endpoint)
    return true
  }

  #newcomer(claim: AcceptableAlive, port: number, source: Source, now: number, from?: string): void {
    const { table, out, self } = this.#context
    // A phantom with incarnation 0 would be remembered as dead without ever having lived (DIV-3).
    if (claim.incarnation === 0) return out.ignored('A6', from)
    if (table.size >= MAX_MEMBERS) return out.ignored('too-many-members', from)
    const stone = this.#parts.tombstones.get(claim.node, now)
    if (stone && claim.incarnation <= stone.evidence) {
      const endpoint = formatAddress(claim.address, port)
      // Hearsay about one who is gone; or it came back and does not know what is said of it.
      if (endpoint === stone.endpoint) {
        this.#parts.echo.tell(verdictOf(claim.node, stone, self.name), endpoint, now)
        return out.ignored('A10', from)
      }
    }
    this.#parts.tombstones.remove(claim.node)
    const peer = table.add({
      name: claim.node,
      address: claim.address,
      port,
      meta: noBytes,
      versions: null,
      incarnation: 0,
      evidence: 0,
      status: 'dead',
      statusSinceMs: Number.NEGATIVE_INFINITY,
    })
    this.#accept(peer, claim, source, now)
  }

  /** A known name at another address. */
  #mover(peer: PeerIndex, claim: AcceptableAlive, port: number, source: Source, now: number, from?: string): void {
    const { table, out, policy } = this.#context
    if (!this.#isReclaimable(peer, now)) {
      out.event('conflict', peer, { source }, formatAddress(claim.address, port))
      out.ignored('A9', from)
      if (policy.provenTakeover && claim.incarnation > table.incarnation(peer)) this.#parts.contested(peer, now)
      return
    }
    // Go would take it, and then believe nothing of it that is not newer (invariant 10).
    if (policy.provenTakeover && claim.incarnation === 0) return out.ignored('A6', from)
    if (policy.provenTakeover && table.status(peer) === 'left' && !this.#context.isAuthenticated()) {
      if (!this.#parts.takeovers.ask(peer, claim, source, now)) out.ignored('takeover-pending', from)
      return
    }
    this.#move(peer, claim, port, source, now)
  }

  #move(peer: PeerIndex, claim: AcceptableAlive, port: number, source: Source, now: number): void {
    const { table, out, policy, self } = this.#context
    const evidence = table.evidence(peer)
    const left = table.status(peer) === 'left'
    table.setEndpoint(peer, claim.address, port)
    // A take-over starts the name's history anew.
    table.setEvidence(peer, claim.incarnation)
    this.#accept(peer, claim, source, now)
    // What is still said about the predecessor would hit the newcomer: it is told what it must outbid (DIV-4).
    if (policy.provenTakeover && claim.incarnation <= evidence) {
      const from = left ? claim.node : self.name
      out.send(table.endpoint(peer), [{ type: 'dead', incarnation: evidence, node: claim.node, from }], 'gossip')
    }
  }

  #accept(peer: PeerIndex, claim: AcceptableAlive, source: Source, now: number): void {
    const { table, out, queue, suspicions, policy } = this.#context
    const before = table.status(peer)
    const isBack = before === 'dead' || before === 'left'
    const neighbour = isBack && policy.provenTakeover ? table.findAt(table.address(peer), table.port(peer)) : NOBODY
    suspicions.end(peer)
    this.#parts.rejoins().exhume(peer)
    const { node, incarnation, versions } = claim
    const meta = claim.meta ?? noBytes
    const own: Alive = {
      type: 'alive',
      incarnation,
      node,
      address: this.#addressOf(peer),
      port: table.port(peer),
      // An empty one cannot be changed by whoever lent it.
      meta: claim.meta === null || meta.length === 0 ? claim.meta : meta.slice(),
      versions,
    }
    queue.control(peer, new Part(own))
    const newVersions = !sameVersions(table.versions(peer), claim.versions)
    const newMeta = !table.hasMeta(peer, meta)
    if (newVersions) table.setVersions(peer, claim.versions)
    if (newMeta) table.setMeta(peer, meta)
    table.setIncarnation(peer, claim.incarnation)
    table.setEvidence(peer, Math.max(table.evidence(peer), claim.incarnation))
    table.setStatus(peer, 'alive', now)
    if (isBack) out.event('join', peer, { source })
    else {
      if (before === 'suspect') out.event('alive', peer, { source })
      if (newVersions || newMeta) out.event('update', peer, { source })
    }
    // Two names at one address: one of them is a former name (DIV-14).
    if (neighbour !== NOBODY && neighbour !== peer) this.#parts.contested(neighbour, now)
  }

  /**
   * As it was first heard of, not as it comes now (DIV-2). Of two forms of one address a record never takes the other, so
   * that the copy which a queued alive has of it will do.
   */
  #addressOf(peer: PeerIndex): Uint8Array {
    const { table, queue } = this.#context
    const queued = queue.about(peer)?.message
    const known = queued?.type === 'alive' ? queued.address : null
    return known !== null && table.isAt(peer, known, table.port(peer)) ? known : table.address(peer).slice()
  }

  #aboutSelf(claim: AcceptableAlive, port: number, source: Source, from?: string): void {
    const { table, out } = this.#context
    const { selfIndex } = table
    const { self } = this.#parts
    if (self.hasLeft) return out.ignored('A1', from)
    if (!table.isAt(selfIndex, claim.address, port)) {
      if (this.#context.isAllowed?.(claim.address) === false) return out.ignored('address-not-allowed', from)
      out.event('conflict', selfIndex, { source }, formatAddress(claim.address, port))
      return out.ignored('A9', from)
    }
    const incarnation = table.incarnation(selfIndex)
    if (claim.incarnation < incarnation) return out.ignored('A11', from)
    const same =
      table.hasMeta(selfIndex, claim.meta ?? noBytes) && sameVersions(table.versions(selfIndex), claim.versions)
    if (claim.incarnation === incarnation && same) return out.ignored('A12', from)
    self.refute(claim.incarnation)
  }

  #accusedSelf(incarnation: number, guard: string, from?: string): void {
    const { table, out } = this.#context
    const { self } = this.#parts
    if (self.hasLeft || incarnation < table.incarnation(table.selfIndex)) out.ignored(guard, from)
    else self.refute(incarnation)
  }

  #accused(message: Suspect | Dead, source: Source, from?: string): PeerIndex {
    const { table, out, policy } = this.#context
    // What we found out ourselves is no rumour: or a member that was driven up there could never be found dead.
    const isRumour = source === 'gossip' || source === 'push-pull'
    if (policy.incarnationCeiling && isRumour && message.incarnation >= ACCUSATION_CEILING) {
      out.ignored('incarnation-ceiling', from)
      return NOBODY
    }
    // It would be queued and passed on as it is (DIV-44).
    if (message.from.length > MAX_NAME_BYTES / 4 && nameSize(message.from) > MAX_NAME_BYTES) {
      out.ignored('name-length', from)
      return NOBODY
    }
    const peer = table.find(message.node)
    if (peer === NOBODY) out.ignored(message.type === 'suspect' ? 'S1' : 'D1', from)
    return peer
  }

  /** An accusation was applied; evidence is never below it. */
  #raise(peer: PeerIndex, incarnation: number): void {
    const { table } = this.#context
    table.setIncarnation(peer, incarnation)
    if (incarnation > table.evidence(peer)) table.setEvidence(peer, incarnation)
  }

  #remember(peer: PeerIndex, incarnation: number): void {
    const { table, policy } = this.#context
    if (policy.evidenceMemory && incarnation > table.evidence(peer)) table.setEvidence(peer, incarnation)
  }

  #isReclaimable(peer: PeerIndex, now: number): boolean {
    const { table, tuning } = this.#context
    const status = table.status(peer)
    return (
      status === 'left' ||
      (status === 'dead' && tuning.deadNodeReclaimMs > 0 && now - table.statusSinceMs(peer) > tuning.deadNodeReclaimMs)
    )
  }

  #echo(peer: PeerIndex, now: number): void {
    const { table, self } = this.#context
    const node = table.name(peer)
    const incarnation = table.evidence(peer)
    const status = table.status(peer)
    const accusation: Suspect | Dead =
      status === 'suspect'
        ? { type: 'suspect', incarnation, node, from: self.name }
        : { type: 'dead', incarnation, node, from: status === 'left' ? node : self.name }
    this.#parts.echo.tell(accusation, table.endpoint(peer), now)
  }
}

/** What is known of a failure, the suspicion before it included. */
const failure = (accuser: string, source: Source, episode: Episode | undefined, now: number): Evidence =>
  episode === undefined
    ? { source, accuser }
    : { source, accuser, confirmedBy: episode.confirmedBy, suspectedForMs: now - episode.startedAtMs }

/** What an alive would make of a member, for the application to judge. */
const candidate = (claim: AcceptableAlive, port: number): Member => ({
  name: claim.node,
  address: formatAddress(claim.address, port),
  meta: claim.meta?.slice() ?? noBytes,
  status: 'alive',
  incarnation: claim.incarnation,
  versions: claim.versions,
  statusSinceMs: Number.NEGATIVE_INFINITY,
  rttMs: undefined,
  isSelf: false,
})
