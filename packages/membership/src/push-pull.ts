/** Anti-entropy (membership spec 5): two members exchange everything they know; each merges on its own. */
import type { KnownNames, NodeState, NodeStates, PushPull, StreamMessage, Versions } from '@hearsay/wire'
import type { Claims } from './claims.ts'
import type { Context } from './context.ts'
import { type HeldMerge, HeldMerges } from './held-merges.ts'
import { indices, isLive, isLivePeer, NOBODY, type PeerTable, StateNumber } from './peer-table.ts'
import { pickForRound, type Routing } from './routing.ts'
import { disagreement, strictDisagreement } from './version-check.ts'

const NEVER = Number.POSITIVE_INFINITY
/** From this size on, rounds become rarer (membership spec 5.1). */
const SCALE_THRESHOLD = 32

/** The period in a cluster of `n` records: doubled above 32, tripled above 64, … */
export function scaledIntervalMs(intervalMs: number, n: number): number {
  let factor = 1
  while (SCALE_THRESHOLD * 2 ** (factor - 1) < n) factor++
  return intervalMs * factor
}

/** What became of an exchange that we began. */
export type ExchangeEnd =
  /** `remote` is what the other side sent; `sawUs`: it lists this member as alive. */
  | { readonly ok: true; readonly sawUs: boolean; readonly remote: PushPull }
  | { readonly ok: false; readonly reason: string }

type OnEnd = (end: ExchangeEnd) => void

interface Exchange {
  readonly to: string
  readonly join: boolean
  /** Who must be in the answer: an address may belong to somebody else by now (DIV-36). */
  readonly expected: string | undefined
  readonly onEnd: OnEnd | undefined
}

/** How an exchange of states is asked for. */
export interface AntiEntropyOptions {
  readonly localState: (join: boolean) => Uint8Array
  /** The application decides on the members of a join exchange: ask it (`merge-ask`), and wait for its answer. */
  readonly asksBeforeMerge: boolean
}

/** Exchanges states, in both roles. */
export class AntiEntropy {
  readonly #context: Context
  readonly #claims: Claims
  readonly #options: AntiEntropyOptions
  readonly #exchanges = new Map<number, Exchange>()
  readonly #held: HeldMerges
  #tickAt = NEVER
  /** In Go the random delay comes before the first period, not instead of it. */
  #isStaggering = false

  constructor(context: Context, claims: Claims, options: AntiEntropyOptions) {
    this.#context = context
    this.#claims = claims
    this.#options = options
    this.#held = new HeldMerges(context.out)
  }

  start(now: number): void {
    const { tuning, policy, random } = this.#context
    if (tuning.pushPull.intervalMs <= 0) return
    this.#tickAt = now + tuning.pushPull.intervalMs * random()
    this.#isStaggering = !policy.trueStagger
  }

  stop(): void {
    this.#tickAt = NEVER
    this.#exchanges.clear()
    this.#held.stop()
  }

  get nextAt(): number {
    return this.#tickAt
  }

  /** One round with random members that are alive. */
  tick(now: number): void {
    const { tuning } = this.#context
    this.#tickAt = now + this.#periodMs(tuning.pushPull.intervalMs)
    if (!this.#isStaggering) this.#sync(tuning.pushPull.nodes, this.#context.routing)
    this.#isStaggering = false
  }

  /** Exchanges with some random members that are alive. */
  syncWith(count: number): void {
    this.#sync(count, undefined)
  }

  /** Exchanges with one member, unless it is gone, or an exchange with it that we began is still under way. */
  exchangeWith(name: string): void {
    const { table } = this.#context
    const peer = table.find(name)
    if (peer === NOBODY || !isLivePeer(table, peer)) return
    const to = table.endpoint(peer)
    for (const exchange of this.#exchanges.values()) if (exchange.to === to) return
    this.begin(to, false)
  }

  /** Starts an exchange. With `expected`, nothing is merged unless that name is in the answer. */
  begin(to: string, join: boolean, onEnd?: OnEnd, expected?: string): void {
    const exchange = this.#context.nextExchange()
    this.#exchanges.set(exchange, { to, join, expected, onEnd })
    const { out, tuning } = this.#context
    out.push({
      kind: 'open-stream',
      exchange,
      to,
      message: this.state(join),
      expectReply: true,
      timeoutMs: tuning.streamTimeoutMs,
    })
  }

  /** A peer's request: our state goes out before theirs is merged, so it cannot contain their news. */
  serve(exchange: number, from: string, request: PushPull, now: number): void {
    this.#context.out.push({ kind: 'close-stream', exchange, reply: this.state(request.join) })
    this.#admit({ remote: request, join: request.join, from, isAnswer: false, onEnd: undefined }, now)
  }

  /** The reply to a request of ours. True if the exchange was one of these. */
  replied(exchange: number, message: StreamMessage, now: number): boolean {
    const ours = this.#exchanges.get(exchange)
    if (!ours) return false
    this.#exchanges.delete(exchange)
    const { to, join, expected, onEnd } = ours
    if (message.type !== 'push-pull') {
      const answer = message.type === 'error' ? `: ${message.error}` : ` with ${message.type}`
      onEnd?.({ ok: false, reason: `${to} refused${answer}` })
    } else if (expected !== undefined && !speaksFor(message, expected))
      onEnd?.({ ok: false, reason: `${to} does not know ${expected}` })
    else this.#admit({ remote: message, join, from: to, isAnswer: true, onEnd }, now)
    return true
  }

  /** No usable reply came. True if the exchange was one of these. */
  failed(exchange: number, reason: string): boolean {
    const ours = this.#exchanges.get(exchange)
    if (!ours) return false
    this.#exchanges.delete(exchange)
    ours.onEnd?.({ ok: false, reason })
    return true
  }

  /** The application's word on a merge that waits for it. */
  decided(ask: number, accept: boolean, now: number): void {
    const held = this.#held.take(ask)
    if (!held) return
    if (accept) return this.#merge(held, now)
    this.#context.out.ignored('merge-refused', held.from)
    held.onEnd?.({ ok: false, reason: `the members at ${held.from} were refused by this application` })
  }

  /** Everything we know. */
  state(join: boolean): PushPull {
    const { table } = this.#context
    return { type: 'push-pull', join, nodes: table.states(), userState: this.#options.localState(join) }
  }

  /** What must hold before anything is merged: versions that fit, and then the application's consent to a join. */
  #admit(merge: HeldMerge, now: number): void {
    const { table, policy } = this.#context
    const asks = merge.join && this.#options.asksBeforeMerge
    if (!policy.lenientVersions) {
      const local = Array.from(indices(table), (peer) => ({
        isAlive: table.status(peer) === 'alive',
        versions: table.versions(peer),
      }))
      const reason = strictDisagreement(merge.remote.nodes, local)
      if (reason !== undefined) return this.#disagree(merge, reason)
    } else if (asks) {
      // What cannot be merged anyway is nothing to decide.
      const { nodes } = merge.remote
      const { reason } = disagreement(kindsOf(table.news(nodes), nodes), this.#livingVersions())
      if (reason !== undefined) return this.#disagree(merge, reason)
    }
    if (!asks) return this.#merge(merge, now)
    if (!this.#held.ask(merge)) merge.onEnd?.({ ok: false, reason: 'too many members wait to be admitted' })
  }

  #disagree({ from, onEnd }: HeldMerge, reason: string): void {
    this.#context.out.ignored('versions-disagree', from)
    onEnd?.({ ok: false, reason })
  }

  #merge(merge: HeldMerge, now: number): void {
    const { remote, join, from, isAnswer, onEnd } = merge
    const { out, table, self, policy } = this.#context
    const states = remote.nodes
    const news = table.news(states)
    // Read twice, and what a table hands out may be read once only.
    let nodes = news === states || !policy.lenientVersions ? news : Array.from(news)
    let offenders = nobody
    if (policy.lenientVersions) {
      const { reason } = disagreement(kindsOf(nodes, states), this.#livingVersions())
      // A joiner must fit everybody; later, one poisoned entry must not stop the rest (DIV-32).
      if (reason !== undefined && join) return this.#disagree(merge, reason)
      if (reason !== undefined) {
        // An entry that is made when it is read is another one the next time.
        nodes = Array.from(nodes)
        offenders = disagreement(nodes, this.#livingVersions()).offenders
      }
    }
    /** What they say of this member. */
    let said: number | undefined
    const take = (node: NodeState): void => {
      if (said === undefined && node.name === self.name) said = node.state
      if (offenders.has(node)) out.ignored('versions-disagree', from)
      else this.#entry(node, self.name, from, now)
    }
    if (nodes === states && states.visit) states.visit(namesOf(table), take)
    else for (const node of nodes) take(node)
    if (remote.userState.length > 0) {
      const member = isAnswer ? this.#memberAt(from) : undefined
      out.push({ kind: 'remote-state', state: remote.userState, join, source: { from, channel: 'stream', member } })
    }
    if (!onEnd) return
    if (news !== states) said = stateOf(remote, self.name)
    onEnd({ ok: true, sawUs: said === StateNumber.alive, remote })
  }

  #memberAt(endpoint: string): string | undefined {
    const { table } = this.#context
    const peer = table.findEndpoint(endpoint)
    return peer === NOBODY ? undefined : table.name(peer)
  }

  #sync(count: number, routing: Routing | undefined): void {
    const { table, random } = this.#context
    const isCandidate = (peer: number): boolean => table.status(peer) === 'alive' && peer !== table.selfIndex
    for (const peer of pickForRound(table, count, isCandidate, random, routing)) this.begin(table.endpoint(peer), false)
  }

  *#livingVersions(): Generator<Versions | null, void> {
    const { table } = this.#context
    let latest: Versions | null = null
    for (let peer = 0; peer < table.capacity; peer++) {
      if (!table.has(peer) || !isLive(table, peer)) continue
      const versions = table.versions(peer)
      // Most members speak what the one before spoke.
      if (versions !== latest) yield versions
      latest = versions
    }
  }

  #periodMs(intervalMs: number): number {
    return scaledIntervalMs(intervalMs, this.#context.table.size)
  }

  #entry(node: NodeState, selfName: string, from: string, now: number): void {
    const { name, incarnation } = node
    switch (node.state) {
      case StateNumber.alive: {
        const { address, port, meta, versions } = node
        return this.#claims.alive(
          { type: 'alive', incarnation, node: name, address, port, meta, versions },
          'push-pull',
          now,
          from,
        )
      }
      // Another's opinion that a member is dead only starts a suspicion, in our own name.
      case StateNumber.suspect:
      case StateNumber.dead:
        return this.#claims.suspect(
          { type: 'suspect', incarnation, node: name, from: selfName },
          'push-pull',
          now,
          from,
        )
      case StateNumber.left:
        return this.#claims.dead({ type: 'dead', incarnation, node: name, from: name }, 'push-pull', now, from)
      default:
        this.#context.out.ignored('state-unknown', from)
    }
  }
}

const nobody: ReadonlySet<NodeState> = new Set()

/** As many of some entries as it takes to judge the versions of all: of a whole state it may be known which these are. */
const kindsOf = (entries: Iterable<NodeState>, states: NodeStates): Iterable<NodeState> =>
  entries === states ? (states.kinds ?? entries) : entries

const namesOf = (table: PeerTable): KnownNames => ({
  find: (name) => table.find(name),
  name: (peer) => (peer < table.capacity ? table.name(peer) : undefined),
})

/** What a state says of a member; `undefined` when it does not know it. */
export function stateOf(state: PushPull, name: string): number | undefined {
  for (const node of state.nodes) if (node.name === name) return node.state
  return undefined
}

/** A member says of itself that it is alive or has left; anything else is what others say of one who is not there. */
function speaksFor(state: PushPull, name: string): boolean {
  const says = stateOf(state, name)
  return says === StateNumber.alive || says === StateNumber.left
}
