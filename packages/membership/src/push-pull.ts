/** Anti-entropy (membership spec 5): two members exchange everything they know; each merges on its own. */
import type { NodeState, PushPull, StreamMessage } from '@hearsay/wire'
import type { Claims } from './claims.ts'
import type { Context } from './context.ts'
import type { Deadline } from './deadline.ts'
import { pick } from './random-pick.ts'
import { type Peer, StateNumber } from './record.ts'
import { disagreement } from './version-check.ts'

/** From this size on, rounds become rarer (membership spec 5.1). */
const SCALE_THRESHOLD = 32

/** The period in a cluster of `n` records: doubled above 32, tripled above 64, … */
export function scaledIntervalMs(intervalMs: number, n: number): number {
  let factor = 1
  while (SCALE_THRESHOLD * 2 ** (factor - 1) < n) factor++
  return intervalMs * factor
}

/** What became of an exchange that we began. */
export type ExchangeEnd = { readonly ok: true } | { readonly ok: false; readonly reason: string }

interface Exchange {
  readonly to: string
  readonly join: boolean
  readonly onEnd: ((end: ExchangeEnd) => void) | undefined
}

/** Exchanges states, in both roles. */
export class AntiEntropy {
  readonly #context: Context
  readonly #claims: Claims
  readonly #localState: (join: boolean) => Uint8Array
  readonly #exchanges = new Map<number, Exchange>()
  #tickAt: number | undefined

  constructor(context: Context, claims: Claims, localState: (join: boolean) => Uint8Array) {
    this.#context = context
    this.#claims = claims
    this.#localState = localState
  }

  start(now: number): void {
    const { intervalMs } = this.#context.tuning.pushPull
    if (intervalMs > 0) this.#tickAt = now + intervalMs * this.#context.random()
  }

  stop(): void {
    this.#tickAt = undefined
    this.#exchanges.clear()
  }

  nextDeadline(): Deadline | undefined {
    return this.#tickAt === undefined ? undefined : { at: this.#tickAt, reason: 'push-pull' }
  }

  /** One round with random members that are alive. */
  tick(now: number): void {
    const { tuning, table, random } = this.#context
    this.#tickAt = now + scaledIntervalMs(tuning.pushPull.intervalMs, table.size)
    for (const peer of pick(
      table.all(),
      tuning.pushPull.nodes,
      (each) => each.status === 'alive' && !each.isSelf,
      random,
    ))
      this.begin(peer.endpoint, false)
  }

  /** Starts an exchange. */
  begin(to: string, join: boolean, onEnd?: (end: ExchangeEnd) => void): void {
    const exchange = this.#context.nextExchange()
    this.#exchanges.set(exchange, { to, join, onEnd })
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
    this.#merge(request, request.join, from, now)
  }

  /** The reply to a request of ours. True if the exchange was one of these. */
  replied(exchange: number, message: StreamMessage, now: number): boolean {
    const ours = this.#exchanges.get(exchange)
    if (!ours) return false
    this.#exchanges.delete(exchange)
    if (message.type === 'push-pull') {
      const end = this.#merge(message, ours.join, ours.to, now)
      ours.onEnd?.(end)
    } else {
      const answer = message.type === 'error' ? `: ${message.error}` : ` with ${message.type}`
      ours.onEnd?.({ ok: false, reason: `${ours.to} refused${answer}` })
    }
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

  /** Everything we know. */
  state(join: boolean): PushPull {
    return {
      type: 'push-pull',
      join,
      nodes: this.#context.table.all().map(toNodeState),
      userState: this.#localState(join),
    }
  }

  #merge(remote: PushPull, join: boolean, from: string, now: number): ExchangeEnd {
    const { out, table, self } = this.#context
    const { offenders, reason } = disagreement(remote.nodes, table.all())
    // A joiner must fit everybody; later, one poisoned entry must not stop the rest (DIV-32).
    if (reason !== undefined && join) {
      out.ignored('versions-disagree', from)
      return { ok: false, reason }
    }
    for (const node of remote.nodes) {
      if (offenders.has(node)) out.ignored('versions-disagree', from)
      else this.#entry(node, self.name, from, now)
    }
    if (remote.userState.length > 0)
      out.push({ kind: 'remote-state', state: remote.userState, join, source: { from, channel: 'stream' } })
    return { ok: true }
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

function toNodeState({ name, address, port, meta, incarnation, status, versions }: Peer): NodeState {
  return {
    name,
    address,
    port,
    meta: meta.length === 0 ? null : meta,
    incarnation,
    state: StateNumber[status],
    versions,
  }
}
