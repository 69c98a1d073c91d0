/** The epidemics of Demers et al., as small machines over the choice of a partner. */
import { BroadcastQueue, type TransmitLimits } from './inside.ts'
import { type Spread, Tally } from './rounds.ts'
import type { Choice } from './sites.ts'

/** What an epidemic is made from. */
export interface EpidemicOptions {
  readonly sites: number
  readonly k: number
  readonly choose: Choice
  /** Uniform in [0, 1), for coins. */
  readonly random: () => number
}

/** Push: who knows it tells one site a round, until `losesInterest` says so. */
function push(
  { sites, choose }: EpidemicOptions,
  losesInterest: (site: number, targetKnew: boolean) => boolean,
): Spread {
  const tally = new Tally(sites)
  let hot = [0]
  for (let round = 1; hot.length > 0; round++) {
    const next: number[] = []
    for (const site of hot) {
      const target = choose(site)
      const knew = tally.knewBefore(target, round)
      if (tally.arrive(target, round)) next.push(target)
      if (!losesInterest(site, knew)) next.push(site)
    }
    hot = next
  }
  return tally.result()
}

/** Interest is lost after k contacts in a row with sites that knew it already. */
export function pushCounter(options: EpidemicOptions): Spread {
  const inVain = new Uint8Array(options.sites)
  return push(options, (site, targetKnew) => {
    inVain[site] = targetKnew ? inVain[site]! + 1 : 0
    return inVain[site]! >= options.k
  })
}

/** Interest is lost with a chance of 1/k after each contact, whatever the other site knew. */
export function pushCoin(options: EpidemicOptions): Spread {
  return push(options, () => options.random() * options.k < 1)
}

/**
 * Pull: every site asks one other a round. A site that was asked in vain by all who asked it in a round counts one, and
 * starts over when any of them needed it; it loses interest at k.
 */
export function pullCounter({ sites, k, choose }: EpidemicOptions): Spread {
  const tally = new Tally(sites)
  const hot = new Uint8Array(sites)
  const inVain = new Uint8Array(sites)
  hot[0] = 1
  for (let round = 1, interested = 1; interested > 0; round++) {
    const asked = new Uint8Array(sites)
    const needed = new Uint8Array(sites)
    const informed: number[] = []
    for (let site = 0; site < sites; site++) {
      const source = choose(site)
      if (hot[source] === 0) continue
      asked[source] = 1
      if (tally.arrive(site, round)) {
        needed[source] = 1
        informed.push(site)
      }
    }
    for (let site = 0; site < sites; site++) {
      if (asked[site] === 0) continue
      inVain[site] = needed[site] === 1 ? 0 : inVain[site]! + 1
      if (inVain[site]! < k) continue
      hot[site] = 0
      interested--
    }
    for (const site of informed) hot[site] = 1
    interested += informed.length
  }
  return tally.result()
}

const PACKET_BYTES = 1400

/** Push with the broadcast queue: each site sends what its queue gives it, and the queue forgets it after k times. */
export function pushQueue({ sites, k, choose }: EpidemicOptions): Spread {
  const tally = new Tally(sites)
  const limits: TransmitLimits = { control: k, local: k, relayed: k, user: k }
  const queues = new Map<number, BroadcastQueue>()
  const inform = (site: number): void => {
    const queue = new BroadcastQueue()
    queue.payload({ key: 'update', names: [], version: 1, class: 'user', payload: new Uint8Array(32) })
    queues.set(site, queue)
  }
  inform(0)
  for (let round = 1; queues.size > 0; round++) {
    const informed: number[] = []
    for (const [site, queue] of queues) {
      if (queue.fill(PACKET_BYTES, 2, 255, 0, limits).length === 0) throw new Error('a queue gave nothing')
      const target = choose(site)
      if (tally.arrive(target, round)) informed.push(target)
      if (queue.isEmpty) queues.delete(site)
    }
    for (const site of informed) inform(site)
  }
  return tally.result()
}
