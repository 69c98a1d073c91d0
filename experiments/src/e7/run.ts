/** One update in one cluster. */
import { lan } from '@hearsay/membership'
import type { Observer, SimNode } from '@hearsay/simulator'
import { formed } from '../profiles/formed.ts'
import type { ProfileName } from '../profiles/profile.ts'
import { seedOf } from '../statistics/random.ts'
import { percentileOfSorted } from '../statistics/summary.ts'

/** What to run. */
export interface Dissemination {
  readonly size: number
  readonly profile: ProfileName
  /** Share of packets lost, from the update on. */
  readonly loss: number
  readonly repetition: number
  /** Nobody probes: what is spread is spread by gossip ticks alone. */
  readonly isGossipOnly?: boolean
  readonly bytes?: boolean
}

/** When it was where. Times in seconds after the update. */
export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly last: number
  /** Members that did not hear of it. */
  readonly missed: number
  /** Sent for each member, until all was quiet. */
  readonly copies: number
  readonly trace: string
  /** When each member heard of it, in order; every so manieth of them. */
  readonly curve: readonly number[]
}

/** Anything up to this after the phases are spread: the update falls anywhere between ticks. */
const START_MS = 2000
/** Who has not heard of it by then missed it; the next push/pull comes later. */
const LIMIT_MS = 15_000
/** Every transmit limit is reached by then. */
const QUIET_MS = 3000
const CURVE_POINTS = 50

/** Lets one member change its metadata, and watches. */
export function disseminate({
  size,
  profile,
  loss,
  repetition,
  isGossipOnly = false,
  bytes = false,
}: Dissemination): Spread {
  const tuning = isGossipOnly ? { ...lan, probe: { ...lan.probe, intervalMs: 0 } } : lan
  const cluster = formed({ seed: seedOf('e7', size, loss, repetition), size, profile, tuning, bytes })
  const { world, network } = cluster
  const random = world.random('e7')
  const origin = cluster.nodes[Math.floor(random() * size)]!
  const watch = new Watch(origin)
  cluster.run(START_MS + random() * 1000)
  cluster.observe(watch)
  if (loss > 0) network.setLoss('all', 'all', loss)
  const startedMs = world.now
  origin.updateMeta(new Uint8Array([1]))
  world.runUntil(() => watch.times.length === size - 1, startedMs + LIMIT_MS)
  cluster.run(world.now + QUIET_MS)
  const times = watch.times.map((at) => (at - startedMs) / 1000)
  const step = Math.max(1, Math.floor(times.length / CURVE_POINTS))
  return {
    p50: reached(times, size, 0.5),
    p99: reached(times, size, 0.99),
    last: times.at(-1)!,
    missed: size - 1 - times.length,
    copies: watch.copies / size,
    trace: cluster.trace.hash(),
    curve: times.filter((_, index) => index % step === step - 1),
  }
}

/** When a share of the others had it. */
const reached = (times: readonly number[], size: number, share: number): number =>
  times.length === size - 1
    ? percentileOfSorted(times, share)
    : (times[Math.ceil(share * (size - 1)) - 1] ?? times.at(-1)!)

/** Notes who hears of the update when, and every copy that is sent. */
class Watch implements Observer {
  readonly times: number[] = []
  copies = 0
  readonly #origin: SimNode
  readonly #informed = new Set<number>()

  constructor(origin: SimNode) {
    this.#origin = origin
  }

  afterInput: NonNullable<Observer['afterInput']> = (node, _input, effects, now) => {
    if (effects.length === 0 || node === this.#origin || this.#informed.has(node.index)) return
    for (const effect of effects) {
      if (effect.kind !== 'event' || effect.event.member.name !== this.#origin.name) continue
      if (effect.event.member.incarnation < 2) continue
      this.#informed.add(node.index)
      this.times.push(now)
      return
    }
  }

  packet: NonNullable<Observer['packet']> = (_from, _to, fate, parts) => {
    if (fate !== 'sent') return
    for (let at = 0; at < parts.length; at++) {
      const { message } = parts[at]!
      if (message.type === 'alive' && message.node === this.#origin.name && message.incarnation > 1) this.copies++
    }
  }
}
