/** B9: a few members of many, at random. */
import { defaultVersions } from '@hearsay/wire'
import { PeerColumns } from '../../../packages/membership/src/peer-columns.ts'
import { isLivePeer } from '../../../packages/membership/src/peer-table.ts'
import { pickPeers } from '../../../packages/membership/src/random-pick.ts'
import { aliveOf } from '../inputs.ts'
import type { Item } from '../item.ts'
import { lazily, random, selfName } from './member.ts'

const OTHERS = 10_000
const WANTED = 3

function tableOf(deadPercent: number): PeerColumns {
  const common = {
    port: 7946,
    meta: new Uint8Array(0),
    versions: { ...defaultVersions, protocolCurrent: 2 },
    statusSinceMs: 0,
  }
  const self = { name: selfName, address: Uint8Array.of(10, 255, 0, 1), incarnation: 1, evidence: 1 }
  const table = new PeerColumns({ ...common, ...self, status: 'alive' })
  for (let index = 0; index < OTHERS; index++) {
    const { node, address, incarnation } = aliveOf(index)
    const status = index % 100 < deadPercent ? 'dead' : 'alive'
    table.add({ ...common, name: node, address: address!, incarnation, evidence: incarnation, status })
  }
  return table
}

function itemFor(deadPercent: number): Item {
  const all = lazily(() => tableOf(deadPercent))
  const pick = (table = all()) => pickPeers(table, WANTED, (index) => isLivePeer(table, index), random)
  return {
    group: 'B9',
    name: `pick 3 of 10,000, ${deadPercent} % dead`,
    target: 1,
    library: 'memberlist',
    operation: `pick/${OTHERS}/${deadPercent}`,
    subject: 'members',
    agrees: (golden) => {
      const picked = new Set(pick())
      return picked.size === Number(Buffer.from(golden).toString()) && [...picked].every((at) => isLivePeer(all(), at))
    },
    work: () => pick()[0]!,
  }
}

/** With nobody dead, and with some. */
export const pickItems = (): Item[] => [0, 30].map(itemFor)
