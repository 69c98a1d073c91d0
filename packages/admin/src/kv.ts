/** `/api/v1/kv`: keys and values of the store. */
import type { AnyValueType, KvChange, KvEntry } from '@hearsay/kv'
import { etagOf, namesEtag } from './etag.ts'
import type { ServerEvent } from './event-stream.ts'
import { ProblemError } from './problem.ts'
import type { AdminSource } from './source.ts'

/** A key as the list shows it. */
export interface KeyJson {
  readonly key: string
  readonly codec: string
  /** Compares only within one run of the node. 0 for a value nobody here can read. */
  readonly version: number
  /** Size of the encoded value in bytes. */
  readonly size: number
  readonly deleted: boolean
  /** When this node last learned something new about it, in ISO 8601. */
  readonly updatedAt: string
  /** False for a value whose codec is not declared here: it is only shown in this list. */
  readonly readable: boolean
}

/** What a write came to. */
export interface WriteJson {
  readonly key: string
  readonly codec: string
  readonly version: number
  /** False: the store knew all of it already. */
  readonly changed: boolean
}

/** Keys, deleted ones included, in order of their names. */
export function keysJson({ kv }: AdminSource): { readonly keys: readonly KeyJson[] } {
  const readable = kv.entries().map((entry) => ({
    key: entry.key,
    codec: entry.codecId,
    version: entry.version,
    size: entry.sizeBytes,
    deleted: entry.deleted,
    updatedAt: new Date(entry.updatedAt).toISOString(),
    readable: true,
  }))
  const foreign = kv.foreign().map((pair) => ({
    key: pair.key,
    codec: pair.codecId,
    version: 0,
    size: pair.value.length,
    deleted: pair.deleted,
    updatedAt: new Date(pair.receivedAt).toISOString(),
    readable: false,
  }))
  return { keys: [...readable, ...foreign].sort((left, right) => (left.key < right.key ? -1 : 1)) }
}

/** A value in its codec's JSON form, with its tag; 304 when the caller has it. */
export function getValue(source: AdminSource, key: string, request: Request): Response {
  const entry = existing(source, key)
  const etag = etagOf(source.bootId, entry.version)
  const headers = { etag, 'hearsay-codec': entry.codecId }
  const known = request.headers.get('if-none-match')
  if (known !== null && namesEtag(known, etag)) return new Response(null, { status: 304, headers })
  const value = source.kv.get(key)
  return json(entry.type.toJson(value), headers)
}

/** How a value is to be written. */
export interface WriteRequest {
  readonly key: string
  /** The body, parsed. */
  readonly body: unknown
  /** From `?codec=`; may be left out for a key that exists. */
  readonly codec: string | undefined
  /** Replace this version instead of merging. */
  readonly ifMatch: string | null
  /** `*`: only if there is no such key. */
  readonly ifNoneMatch: string | null
}

/** Merges a value in; with If-Match replaces it, by compare-and-set. */
export async function putValue(source: AdminSource, write: WriteRequest): Promise<Response> {
  const { kv } = source
  const { key, ifMatch, ifNoneMatch } = write
  const entry = kv.entry(key)
  const type = typeFor(source, entry, write)
  const version = entry && !entry.deleted ? entry.version : 0
  const etag = version > 0 ? etagOf(source.bootId, version) : undefined
  if (ifNoneMatch !== null && namesEtag(ifNoneMatch, etag)) throw lost(source, key)
  if (ifMatch !== null && !namesEtag(ifMatch, etag)) throw lost(source, key)
  const state = stateOf(type, write.body)
  const result =
    ifMatch === null
      ? await kv.mergeIn(key, type, state).catch(translate(source, key))
      : await replace(source, key, type, state, version)
  const answer: WriteJson = { key, codec: type.codecId, version: result.version, changed: result.changed }
  return json(answer, { etag: etagOf(source.bootId, result.version) })
}

/** Marks a key as deleted. */
export async function deleteValue(source: AdminSource, key: string, ifMatch: string | null): Promise<Response> {
  const entry = existing(source, key)
  if (ifMatch !== null && !namesEtag(ifMatch, etagOf(source.bootId, entry.version))) throw lost(source, key)
  const { version, changed } = await source.kv.delete(key).catch(translate(source, key))
  const answer: WriteJson = { key, codec: entry.codecId, version, changed }
  return json(answer, { etag: etagOf(source.bootId, version) })
}

/** The value as it is, then every change. A slow reader gets the newest value with all that changed. */
export function watchValue(source: AdminSource, key: string, signal: AbortSignal): AsyncIterable<ServerEvent> {
  // Watching begins before reading, so that nothing between the two is missed.
  const changes = source.kv.watch(key, { signal, prefix: false })
  return valueThenChanges(source, key, changes)
}

async function* valueThenChanges(
  source: AdminSource,
  key: string,
  changes: AsyncIterable<KvChange>,
): AsyncGenerator<ServerEvent> {
  const entry = source.kv.entry(key)
  if (entry) yield valueEvent(source, entry)
  let shownVersion = entry?.version
  for await (const change of changes) {
    // What changed before the value was read is in it already. Versions start again after a purge.
    if (change.version === shownVersion) continue
    shownVersion = undefined
    yield changeEvent(source, change)
  }
}

function valueEvent(source: AdminSource, { key, codecId, version, deleted, type }: KvEntry): ServerEvent {
  return {
    event: 'value',
    id: `${source.bootId}-${version}`,
    data: { key, codec: codecId, version, deleted, value: type.toJson(source.kv.get(key)) },
  }
}

function changeEvent(source: AdminSource, change: KvChange): ServerEvent {
  const type = source.kv.type(change.codecId)
  return {
    event: 'change',
    id: `${source.bootId}-${change.version}`,
    data: {
      key: change.key,
      codec: change.codecId,
      version: change.version,
      deleted: change.deleted,
      origin: change.origin,
      change: type?.toJson(change.change) ?? null,
      value: type?.toJson(change.value) ?? null,
    },
  }
}

function existing(source: AdminSource, key: string): KvEntry {
  const entry = source.kv.entry(key)
  if (entry && !entry.deleted) return entry
  if (entry) throw new ProblemError('key-deleted', `${JSON.stringify(key)} was deleted`)
  const foreign = source.kv.foreign().find((pair) => pair.key === key)
  if (foreign)
    throw new ProblemError(
      'value-undeclared',
      `${JSON.stringify(key)} holds a value of codec ${JSON.stringify(foreign.codecId)}, which is not declared here`,
    )
  throw new ProblemError('key-unknown', `there is no key ${JSON.stringify(key)}`)
}

function typeFor({ kv }: AdminSource, entry: KvEntry | undefined, { key, codec }: WriteRequest): AnyValueType {
  const codecId = codec ?? entry?.codecId
  if (codecId === undefined)
    throw new ProblemError(
      'codec-required',
      `${JSON.stringify(key)} is a new key: say what it holds, as in ?codec=ringDesc`,
    )
  const type = kv.type(codecId)
  if (!type) throw new ProblemError('codec-unknown', `no codec ${JSON.stringify(codecId)} is declared here`)
  if (entry && entry.codecId !== codecId)
    throw new ProblemError('codec-mismatch', `${JSON.stringify(key)} holds a ${entry.codecId}, not a ${codecId}`)
  return type
}

function stateOf(type: AnyValueType, body: unknown): unknown {
  try {
    return type.fromJson(body)
  } catch (error) {
    const detail = (error as Error).message
    // By contract the message begins with the path of the first problem.
    const path = /^\$\S*?(?=:? )/.exec(detail)?.[0]
    throw new ProblemError('value-invalid', detail, path === undefined ? {} : { path })
  }
}

/** Once and without waiting: whoever replaces a version has decided on that version. */
async function replace(source: AdminSource, key: string, type: AnyValueType, state: unknown, version: number) {
  try {
    return await source.kv.cas(key, type, () => state, { attempts: 1, expectVersion: version })
  } catch (error) {
    if (codeOf(error) === 'CAS_NO_CHANGE') return { changed: false, version }
    return translate(source, key)(error)
  }
}

const lost = (source: AdminSource, key: string): ProblemError => {
  const entry = source.kv.entry(key)
  const now = entry && !entry.deleted ? `it is now ${etagOf(source.bootId, entry.version)}` : 'it does not exist'
  return new ProblemError('precondition-failed', `${JSON.stringify(key)} is not what was expected: ${now}`)
}

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code

/** The store's refusals as problems. */
const translate =
  (source: AdminSource, key: string) =>
  (error: unknown): never => {
    const { message } = error as Error
    switch (codeOf(error)) {
      case 'PRECONDITION_FAILED':
      case 'CAS_EXHAUSTED':
        throw lost(source, key)
      case 'CODEC_MISMATCH':
        throw new ProblemError('codec-mismatch', message)
      case 'CODEC_UNKNOWN':
        throw new ProblemError('codec-unknown', message)
      case 'VALUE_INVALID':
        throw new ProblemError('value-invalid', message)
      case 'STORE_FULL':
        throw new ProblemError('store-full', message)
      case 'STOPPED':
        throw new ProblemError('not-started', 'the node was closed')
      default:
        throw error
    }
  }

const json = (value: unknown, headers: Readonly<Record<string, string>>): Response =>
  new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json', ...headers } })
