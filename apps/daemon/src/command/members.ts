/** `hearsay members`. */
import type { Client } from './client.ts'
import { formatTable } from './table.ts'

/** A member as the API shows it. */
export interface MemberJson {
  readonly name: string
  readonly addr: string
  readonly port: number
  readonly state: string
  readonly incarnation: number
  readonly meta: string
  readonly protocol: number
  readonly rttMs: number | null
}

/** Members as a table, or as the API's own JSON. */
export async function members(client: Client, asJson: boolean): Promise<string> {
  const answer = await client.json<{ members: readonly MemberJson[] }>('/api/v1/members')
  return asJson ? `${JSON.stringify(answer)}\n` : membersTable(answer.members)
}

const membersTable = (list: readonly MemberJson[]): string =>
  formatTable(
    [
      { title: 'NAME' },
      { title: 'ADDRESS' },
      { title: 'STATE' },
      { title: 'INCARNATION', right: true },
      { title: 'PROTOCOL', right: true },
      { title: 'RTT', right: true },
      { title: 'META' },
    ],
    list.map((member) => [
      member.name,
      `${member.addr.includes(':') ? `[${member.addr}]` : member.addr}:${member.port}`,
      member.state,
      member.incarnation,
      member.protocol,
      member.rttMs === null ? '-' : `${member.rttMs.toFixed(1)}ms`,
      member.meta,
    ]),
  )
