import type { Topology } from './topology.ts'

const RING_SIZE = 2 ** 32

/** How much of the key space one instance holds. */
export interface OwnershipShare {
  /** Of 1: how many keys it is the owner of when the whole ring is one. */
  readonly ring: number
  /** Of 1: how many keys it is the owner of among the instances of its zone, as dskit's ring page shows it. */
  readonly zone: number
}

/**
 * How much of the key space each instance holds, by name: a token holds the distance from its predecessor, in the whole
 * ring and in the ring of its zone alone (ring spec 5.8). Instances without tokens hold nothing.
 */
export function ownershipShares({
  tokens,
  owners,
  names,
  zones,
  zoneOf,
}: Topology): ReadonlyMap<string, OwnershipShare> {
  const ring = new Float64Array(names.length)
  const zone = new Float64Array(names.length)
  // The predecessor of the first token is the last one, of the ring and of each zone.
  let previous = tokens.at(-1)
  const previousOfZone: (number | undefined)[] = zones.map((_name, position) =>
    tokens.findLast((_token, at) => zoneOf[owners[at]!] === position),
  )
  for (const [at, token] of tokens.entries()) {
    const owner = owners[at]!
    const itsZone = zoneOf[owner]!
    ring[owner]! += distance(previous!, token)
    zone[owner]! += distance(previousOfZone[itsZone]!, token)
    previous = token
    previousOfZone[itsZone] = token
  }
  return new Map(names.map((name, index) => [name, { ring: ring[index]! / RING_SIZE, zone: zone[index]! / RING_SIZE }]))
}

/** From a token to the next one clockwise; a token alone holds the whole ring. */
function distance(from: number, to: number): number {
  return from < to ? to - from : RING_SIZE - from + to
}
