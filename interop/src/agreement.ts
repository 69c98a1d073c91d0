/** Whether Go members and ours have the same records. */
import type { HearsayNode } from '@hearsay/node'
import type { MemberState } from './go-peer.ts'
import type { MemberlistPeer } from './memberlist-peer.ts'
import { waitFor } from './wait-for.ts'

/** What each name is to have become: its status, and its address where that is to be looked at. */
export type Wanted = Readonly<Record<string, Pick<MemberState, 'status'> & Partial<Pick<MemberState, 'address'>>>>

/**
 * Waits until everybody has the wanted of each name, with the same address and incarnation. Other names, and who has
 * forgotten one that is gone, are not looked at.
 */
export async function agreed(
  go: readonly MemberlistPeer[],
  ours: readonly HearsayNode[],
  wanted: Wanted,
  timeoutMs = 15_000,
): Promise<void> {
  let tables: (readonly MemberState[])[] = []
  await waitFor(
    `all have ${JSON.stringify(wanted)}`,
    async () => {
      tables = [...(await Promise.all(go.map((each) => each.states()))), ...ours.map(recordsOf)]
      return Object.entries(wanted).every(([name, want]) => isAgreed(tables, name, want))
    },
    { timeoutMs, view: () => tables },
  )
}

function isAgreed(tables: readonly (readonly MemberState[])[], name: string, want: Wanted[string]): boolean {
  const isGone = want.status === 'dead' || want.status === 'left'
  const records = tables.map((table) => table.find((each) => each.name === name))
  const known = records.filter((record) => record !== undefined)
  const [first] = known
  return (
    first !== undefined &&
    (isGone || known.length === records.length) &&
    first.status === want.status &&
    (want.address === undefined || first.address === want.address) &&
    known.every(
      ({ status, address, incarnation }) =>
        status === first.status && address === first.address && incarnation === first.incarnation,
    )
  )
}

const recordsOf = (node: HearsayNode): MemberState[] =>
  node.members().map(({ name, address, status, incarnation }) => ({ name, address, status, incarnation }))
