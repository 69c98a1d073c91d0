/** `GET /api/v1/members`: who is there. */
import type { Member } from '@hearsay/membership'
import { splitAddress } from './address.ts'

/** A member as the API shows it. */
export interface MemberJson {
  readonly name: string
  /** IP address, without brackets. */
  readonly addr: string
  readonly port: number
  readonly state: Member['status']
  readonly incarnation: number
  /** Base64. */
  readonly meta: string
  /** The version of the membership protocol it speaks; 0 when it did not say. */
  readonly protocol: number
  /** Milliseconds; `null` when it never answered directly, and for the member itself. */
  readonly rttMs: number | null
}

/** Members by name. */
export const membersJson = (members: readonly Member[]): { readonly members: readonly MemberJson[] } => ({
  members: sortedByName(members).map(memberJson),
})

/** One member. */
export function memberJson(member: Member): MemberJson {
  const { host, port } = splitAddress(member.address)
  return {
    name: member.name,
    addr: host,
    port,
    state: member.status,
    incarnation: member.incarnation,
    meta: Buffer.from(member.meta).toString('base64'),
    protocol: member.versions?.protocolCurrent ?? 0,
    rttMs: member.rttMs ?? null,
  }
}

/** In order of UTF-16 code units: the same everywhere. */
export const sortedByName = (members: readonly Member[]): readonly Member[] =>
  [...members].sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0))
