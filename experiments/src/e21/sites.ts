/** A thousand sites that know each other, as a member knows them: the choice of a partner is the machine's own. */
import { PeerColumns, pickPeers } from './inside.ts'

/** Chooses one partner for a site: uniform among the others. */
export type Choice = (site: number) => number

/** `count` sites that are all alive: gives how they choose, by which chance. */
export function makeSites(count: number): (random: () => number) => Choice {
  const record = (index: number) => ({
    name: `site-${index}`,
    address: new Uint8Array([10, 0, index >> 8, index & 255]),
    port: 7946,
    meta: new Uint8Array(0),
    versions: null,
    incarnation: 1,
    evidence: 1,
    status: 'alive' as const,
    statusSinceMs: 0,
  })
  const table = new PeerColumns(record(0))
  for (let index = 1; index < count; index++) table.add(record(index))
  return (random) => (site) => pickPeers(table, 1, (index) => index !== site, random)[0]!
}
