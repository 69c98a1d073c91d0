/**
 * Zone-aware gossip (kv spec 6.2): members speak within their zone, a few bridges with the bridges of others, so that less
 * crosses zones. Where a zone has no living bridge, everybody speaks with everybody.
 */
import { isLive, NOBODY, type PeerIndex, type PeerTable } from './peer-table.ts'
import type { RoundChoice, Routing } from './routing.ts'
import { decodeZoneMeta, type ZonePlace, ZoneRole } from './zone-meta.ts'

/** Counters of a {@link ZoneRouting}. */
export interface ZoneRoutingMetrics {
  /** Rounds that were chosen for. */
  readonly choices: number
  /** Of them, those without a filter, since a zone had no bridge. Not counted until the member has joined. */
  readonly skipped: number
}

const anybody: RoundChoice = { isCandidate: () => true, preferred: NOBODY }

/** Routes by the zones that members announce. */
export class ZoneRouting implements Routing {
  readonly #own: ZonePlace
  /** Before a member has tried its seeds it knows too little to miss a bridge. */
  hasJoined = false
  #choices = 0
  #skipped = 0

  /** `own` is what this member announces. */
  constructor(own: ZonePlace) {
    this.#own = own
  }

  get metrics(): ZoneRoutingMetrics {
    return { choices: this.#choices, skipped: this.#skipped }
  }

  choose(table: PeerTable, random: () => number): RoundChoice {
    this.#choices++
    const places = new Map<PeerIndex, ZonePlace>()
    const bridged = new Set<string>()
    const inhabited = new Set<string>()
    for (let peer = 0; peer < table.capacity; peer++) {
      // Who is gone for good must not keep the filter off, as it does in dskit until it is forgotten.
      if (!table.has(peer) || !isLive(table, peer)) continue
      const place = peer === table.selfIndex ? this.#own : decodeZoneMeta(table.meta(peer))
      places.set(peer, place)
      if (place.zone === '') continue
      if (place.role !== ZoneRole.bridge) inhabited.add(place.zone)
      else if (table.status(peer) === 'alive') bridged.add(place.zone)
    }
    if ([...inhabited].some((zone) => !bridged.has(zone))) {
      if (this.hasJoined) this.#skipped++
      return anybody
    }
    return {
      // One that is not alive, and gossiped to for a while, goes by what it last announced.
      isCandidate: (peer) => this.#mayTalk(places.get(peer) ?? decodeZoneMeta(table.meta(peer))),
      preferred: this.#preferred(table, places, random),
    }
  }

  #mayTalk({ zone, role }: ZonePlace): boolean {
    if (zone === '' || zone === this.#own.zone) return true
    return this.#own.role === ZoneRole.bridge && role === ZoneRole.bridge
  }

  /** A bridge speaks with one of another zone first. */
  #preferred(table: PeerTable, places: ReadonlyMap<PeerIndex, ZonePlace>, random: () => number): PeerIndex {
    if (this.#own.role !== ZoneRole.bridge) return NOBODY
    const bridges = [...places].filter(
      ([peer, { zone, role }]) =>
        zone !== '' && zone !== this.#own.zone && role === ZoneRole.bridge && table.status(peer) === 'alive',
    )
    return bridges[Math.floor(random() * bridges.length)]?.[0] ?? NOBODY
  }
}
