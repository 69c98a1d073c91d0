/** `hearsay ring [key]`. */
import type { Client } from './client.ts'
import { formatTable } from './table.ts'

/** A ring as the API lists it. */
export interface RingSummaryJson {
  readonly key: string
  readonly instances: number
  readonly tokens: number
  readonly zones: readonly string[]
}

/** A ring as the API shows it. */
export interface RingJson {
  readonly key: string
  readonly instances: readonly {
    readonly id: string
    readonly addr: string
    readonly zone: string
    readonly state: string
    readonly healthy: boolean
    readonly timestamp: number
    readonly tokens: readonly number[]
    readonly ownership: number
  }[]
}

/** Rings known, as a table or as the API's own JSON. */
export async function ringList(client: Client, asJson: boolean): Promise<string> {
  const answer = await client.json<{ rings: readonly RingSummaryJson[] }>('/api/v1/rings')
  if (asJson) return `${JSON.stringify(answer)}\n`
  return formatTable(
    [{ title: 'RING' }, { title: 'INSTANCES', right: true }, { title: 'TOKENS', right: true }, { title: 'ZONES' }],
    answer.rings.map(({ key, instances, tokens, zones }) => [
      key,
      instances,
      tokens,
      zones.filter((zone) => zone !== '').join(' ') || '-',
    ]),
  )
}

/** One ring's instances, as a table or as the API's own JSON. */
export async function ringShow(client: Client, key: string, asJson: boolean): Promise<string> {
  const answer = await client.json<RingJson>(`/api/v1/rings/${encodeURIComponent(key)}`)
  if (asJson) return `${JSON.stringify(answer)}\n`
  return formatTable(
    [
      { title: 'INSTANCE' },
      { title: 'ADDRESS' },
      { title: 'ZONE' },
      { title: 'STATE' },
      { title: 'HEALTHY' },
      { title: 'HEARTBEAT' },
      { title: 'TOKENS', right: true },
      { title: 'OWNERSHIP', right: true },
    ],
    answer.instances.map((instance) => [
      instance.id,
      instance.addr,
      instance.zone || '-',
      instance.state,
      instance.healthy ? 'yes' : 'no',
      heartbeat(instance.timestamp),
      instance.tokens.length,
      `${(instance.ownership * 100).toPrecision(3)}%`,
    ]),
  )
}

const heartbeat = (seconds: number): string =>
  seconds > 0 && seconds < 8.64e12 ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : '-'
