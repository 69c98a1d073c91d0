/** `hearsay kv …`. */
import type { Client } from './client.ts'
import { CommandError, exitCodes } from './errors.ts'
import { formatTable, printable } from './table.ts'

/** A key as the API lists it. */
export interface KeyJson {
  readonly key: string
  readonly codec: string
  readonly version: number
  readonly size: number
  readonly deleted: boolean
}

/** Keys as a table, or as the API's own JSON. */
export async function kvList(client: Client, asJson: boolean): Promise<string> {
  const answer = await client.json<{ keys: readonly KeyJson[] }>('/api/v1/kv')
  if (asJson) return `${JSON.stringify(answer)}\n`
  return formatTable(
    [
      { title: 'KEY' },
      { title: 'CODEC' },
      { title: 'VERSION', right: true },
      { title: 'SIZE', right: true },
      { title: 'DELETED' },
    ],
    answer.keys.map(({ key, codec, version, size, deleted }) => [key, codec, version, size, deleted ? 'yes' : 'no']),
  )
}

/** One value, as JSON: indented for people, on one line otherwise. */
export async function kvGet(client: Client, key: string, asJson: boolean): Promise<string> {
  const value = await client.json<unknown>(keyPath(key))
  return `${JSON.stringify(value, null, asJson ? undefined : 2)}\n`
}

/** How to write. */
export interface PutOptions {
  readonly codec?: string | undefined
  /** Replace instead of merging, and only if this is the stored version's tag. */
  readonly ifMatch?: string | undefined
}

/** Merges a value in, or replaces it. */
export async function kvPut(
  client: Client,
  key: string,
  value: string,
  options: PutOptions,
  asJson: boolean,
): Promise<string> {
  try {
    JSON.parse(value)
  } catch (error) {
    throw new CommandError(`the value is not JSON: ${(error as Error).message}`, exitCodes.usage)
  }
  const query = options.codec === undefined ? '' : `?codec=${encodeURIComponent(options.codec)}`
  const response = await client.request(keyPath(key) + query, {
    method: 'PUT',
    body: value,
    headers: {
      'content-type': 'application/json',
      ...(options.ifMatch === undefined ? {} : { 'if-match': quoted(options.ifMatch) }),
    },
  })
  const answer = (await response.json()) as { readonly version: number; readonly changed: boolean }
  if (asJson) return `${JSON.stringify(answer)}\n`
  const etag = response.headers.get('etag') ?? ''
  return answer.changed
    ? `${printable(key)}: version ${answer.version}, tag ${printable(etag)}\n`
    : `${printable(key)}: nothing new in it, still version ${answer.version}\n`
}

/** Marks a key as deleted. */
export async function kvDelete(client: Client, key: string, asJson: boolean): Promise<string> {
  await client.request(keyPath(key), { method: 'DELETE' })
  return asJson ? `${JSON.stringify({ key, deleted: true })}\n` : `${printable(key)}: deleted\n`
}

/** Changes of a key as they come, one a line. */
export async function kvWatch(
  client: Client,
  key: string,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const { data } of client.events(`${keyPath(key)}/watch`, signal)) write(`${data}\n`)
}

const keyPath = (key: string) => `/api/v1/kv/${encodeURIComponent(key)}`

const quoted = (tag: string) => (tag === '*' || /^(W\/)?".*"$/.test(tag) ? tag : `"${tag}"`)
