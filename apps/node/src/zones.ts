/** The zone of a node: what it announces, and how it gossips. */
import { encodeZoneMeta, isZone, MAX_ZONE_BYTES, type ZonePlace, ZoneRole, ZoneRouting } from '@hearsay/membership'
import type { ConfigProblem } from './errors.ts'
import type { NodeOptions } from './options.ts'

/** Where a node is; `undefined`: it says nothing of that. */
export function placeOf({ zoneAwareRouting }: NodeOptions): ZonePlace | undefined {
  return zoneAwareRouting && { zone: zoneAwareRouting.zone, role: ZoneRole[zoneAwareRouting.role ?? 'member'] }
}

/** A node's metadata: its zone, if it has one, and then its own. `undefined`: none of either. */
export function announcedMeta(options: NodeOptions, meta: Uint8Array | undefined): Uint8Array | undefined {
  const place = placeOf(options)
  return place ? encodeZoneMeta(place, meta) : meta
}

/** How the rounds of a node choose, if it has a zone. A bridge exchanges with two members, as in dskit. */
export function zoneRouting(options: NodeOptions): ZoneRouting | undefined {
  const place = placeOf(options)
  return place && new ZoneRouting(place)
}

/** What is wrong with the option. */
export function zoneProblems({ zoneAwareRouting: given }: NodeOptions): ConfigProblem[] {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null)
    return [{ path: 'zoneAwareRouting', message: `must be an object with a zone, not ${JSON.stringify(given)}` }]
  const problems: ConfigProblem[] = []
  const { zone, role = 'member', ...others } = given
  if (typeof zone !== 'string' || !isZone(zone))
    problems.push({
      path: 'zoneAwareRouting.zone',
      message: `must be a name of 1 to ${MAX_ZONE_BYTES} bytes, not ${JSON.stringify(zone)}`,
    })
  if (!Object.hasOwn(ZoneRole, role))
    problems.push({ path: 'zoneAwareRouting.role', message: `must be member or bridge, not ${JSON.stringify(role)}` })
  for (const name of Object.keys(others)) problems.push({ path: `zoneAwareRouting.${name}`, message: 'no such option' })
  return problems
}
