/** `Get` of ring spec 5.2 as its prose has it, with sets and maps and no thought for speed: the oracle of lookups. */

export interface NaiveInstance {
  readonly name: string
  readonly zone: string
  readonly state: number
  readonly tokens: readonly number[]
}

export interface NaiveQuery {
  readonly key: number
  readonly rf: number
  readonly configuredRf: number
  readonly isZoneAware: boolean
  /** States that extend. */
  readonly extending: ReadonlySet<number>
}

/** Names of the candidates in ring order. Tokens are held by one instance each. */
export function naiveGet(instances: readonly NaiveInstance[], query: NaiveQuery): string[] {
  const byToken = instances
    .flatMap((instance) => instance.tokens.map((token) => ({ token, instance })))
    .sort((a, b) => a.token - b.token)
  const turn = [
    ...byToken.filter(({ token }) => token > query.key),
    ...byToken.filter(({ token }) => token <= query.key),
  ]
  const zones = new Set(instances.map(({ zone }) => zone))
  const total = new Map([...zones].map((zone) => [zone, instances.filter((one) => one.zone === zone).length]))
  const found = new Map([...zones].map((zone) => [zone, 0]))
  const examined = new Map([...zones].map((zone) => [zone, 0]))
  const add = (counts: Map<string, number>, zone: string) => counts.set(zone, counts.get(zone)! + 1)
  const perZone = Math.max(1, Math.floor(query.rf / query.configuredRf))
  const taken = new Set<string>()
  let target = query.rf
  for (const { instance } of turn) {
    const { name, zone, state } = instance
    if (taken.size >= Math.min(instances.length, target)) break
    const isDone = (z: string) => found.get(z)! >= perZone || examined.get(z)! >= total.get(z)!
    if (query.isZoneAware && [...zones].every(isDone)) break
    if (taken.has(name)) continue
    const isLimited = query.isZoneAware && zone !== ''
    if (isLimited && found.get(zone)! >= perZone) continue
    if (isLimited) add(examined, zone)
    taken.add(name)
    if (query.extending.has(state)) target++
    else if (isLimited) add(found, zone)
  }
  return [...taken]
}
