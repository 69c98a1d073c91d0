/**
 * Deterministic tokens that spread the keys evenly (ring spec 7.3): the tokens of an instance follow from the number
 * at the end of its id and from the position of its zone, and are the same in every program that speaks dskit.
 */
import { compareText } from '@hearsay/encoding'
import { RingError } from '../errors.ts'
import { tokenList } from '../instance-ring/instance-desc.ts'
import { PriorityQueue } from './priority-queue.ts'
import type { TokenGenerator } from './random-tokens.ts'

/** Tokens of one instance, always. */
export const SPREAD_TOKENS = 512
/** Zones a ring may have. Tokens of one zone are alike modulo this, so that zones never collide. */
export const MAX_SPREAD_ZONES = 8

const RING_SIZE = 2 ** 32
/** Where the ring wraps: the last multiple of the number of zones. */
const TOP = RING_SIZE - MAX_SPREAD_ZONES

/**
 * The generator for one instance. `zones` are all zones of the ring, 1 to 8; `instanceId` ends in a dash and decimal
 * digits. Of the 512 tokens those not taken, the smallest first, at most `count`. Throws {@link RingError}
 * TOKENS_IMPOSSIBLE when id or zone do not fit.
 */
export function spreadMinimizingTokens(instanceId: string, zone: string, zones: readonly string[]): TokenGenerator {
  const sorted = [...new Set(zones)].sort(compareText)
  if (sorted.length < 1 || sorted.length > MAX_SPREAD_ZONES)
    throw new RingError('TOKENS_IMPOSSIBLE', `zones: 1 to ${MAX_SPREAD_ZONES} wanted, ${sorted.length} given`)
  const zoneIndex = sorted.indexOf(zone)
  if (zoneIndex < 0) throw new RingError('TOKENS_IMPOSSIBLE', `zone ${JSON.stringify(zone)} is not among the zones`)
  const instanceIndex = instanceIndexOf(instanceId)
  let all: Uint32Array | undefined
  return {
    generate(count, taken) {
      all ??= new SpreadTable(zoneIndex).tokensOf(instanceIndex)
      return all.filter((token) => !taken.has(token)).slice(0, Math.max(0, count))
    },
  }
}

/** The number behind the last dash. Throws {@link RingError} TOKENS_IMPOSSIBLE when there is none. */
export function instanceIndexOf(instanceId: string): number {
  const digits = /^.*-(\d+)$/s.exec(instanceId)?.[1]
  const index = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(index))
    throw new RingError('TOKENS_IMPOSSIBLE', `unable to extract instance id from ${JSON.stringify(instanceId)}`)
  return index
}

/** A token, and where the keys that it owns begin. */
interface OwnedGap {
  readonly token: number
  from: number
  size: number
}

interface Donor {
  readonly index: number
  /** Keys owned, whole numbers below 2^33. */
  owned: number
  readonly gaps: PriorityQueue<OwnedGap>
}

/** The tokens of one zone's instances, worked out in order and remembered, so that going on costs only what is new. */
export class SpreadTable {
  readonly #zone: number
  readonly #donors = new PriorityQueue<Donor>((a, b) => a.owned > b.owned || (a.owned === b.owned && a.index > b.index))
  /** In order of creation. */
  readonly #tokens: Uint32Array[] = []

  /** `zone` is the position of the zone among all, 0 to 7. */
  constructor(zone: number) {
    this.#zone = zone
  }

  /** The 512 tokens of an instance, ascending. */
  tokensOf(instance: number): Uint32Array {
    return tokenList(this.creationOrder(instance))
  }

  /** The 512 tokens of an instance in the order in which they are created. */
  creationOrder(instance: number): Uint32Array {
    while (this.#tokens.length <= instance) this.#tokens.push(this.#next(this.#tokens.length))
    return this.#tokens[instance]!
  }

  #next(index: number): Uint32Array {
    const created = new Uint32Array(SPREAD_TOKENS)
    const gaps = new PriorityQueue<OwnedGap>((a, b) => a.size > b.size || (a.size === b.size && a.token > b.token))
    const owned = index === 0 ? this.#fillFirst(created, gaps) : this.#fillFromOthers(index, created, gaps)
    this.#donors.push({ index, owned, gaps })
    return created
  }

  /** The first instance's tokens lie at equal distances. */
  #fillFirst(created: Uint32Array, gaps: PriorityQueue<OwnedGap>): number {
    const size = RING_SIZE / SPREAD_TOKENS
    for (let at = 0; at < SPREAD_TOKENS; at++) {
      const token = at * size + this.#zone
      created[at] = token
      gaps.push({ token, from: (token - size + RING_SIZE) % RING_SIZE, size })
    }
    return RING_SIZE
  }

  /** Every later one takes a piece of the largest gap of whoever owns most. */
  #fillFromOthers(index: number, created: Uint32Array, gaps: PriorityQueue<OwnedGap>): number {
    const target = RING_SIZE / (index + 1)
    const aside: Donor[] = []
    let got = 0
    for (let at = 0; at < SPREAD_TOKENS; at++) {
      const share = Math.floor(Math.trunc(target - got) / (SPREAD_TOKENS - at))
      const step = share - (share % MAX_SPREAD_ZONES)
      const { donor, gap } = this.#richest(step, aside)
      const token = placeToken(gap, step)
      const before = gap.size
      gaps.push({ token, from: gap.from, size: distance(gap.from, token) })
      gap.from = token
      gap.size = distance(token, gap.token)
      donor.gaps.sinkHead()
      donor.owned -= before - gap.size
      this.#donors.sinkHead()
      got += before - gap.size
      created[at] = token
    }
    for (const donor of aside) this.#donors.push(donor)
    return got
  }

  /** Whoever owns most and has a gap larger than the step; those who own much in small pieces are set aside. */
  #richest(step: number, aside: Donor[]): { donor: Donor; gap: OwnedGap } {
    for (;;) {
      const donor = this.#donors.head
      if (donor === undefined || donor.owned <= step)
        throw new RingError('TOKENS_IMPOSSIBLE', 'no instance owns enough keys to give some away')
      const gap = donor.gaps.head!
      if (gap.size > step) return { donor, gap }
      aside.push(this.#donors.pop()!)
    }
  }
}

/**
 * Where a token goes that takes `step` keys from the start of a gap. Crossing the top of the ring it lands eight
 * further than plain addition would: so does dskit.
 */
export function placeToken(gap: { readonly from: number; readonly token: number }, step: number): number {
  const { from, token } = gap
  const isPossible =
    step >= MAX_SPREAD_ZONES &&
    step % MAX_SPREAD_ZONES === 0 &&
    from % MAX_SPREAD_ZONES === token % MAX_SPREAD_ZONES &&
    distance(from, token) > step
  if (!isPossible)
    throw new RingError('TOKENS_IMPOSSIBLE', `no token takes ${step} keys from the gap between ${from} and ${token}`)
  const room = (TOP - from) >>> 0
  return room < step ? step - room : (from + step) >>> 0
}

function distance(from: number, to: number): number {
  return from < to ? to - from : RING_SIZE - from + to
}
