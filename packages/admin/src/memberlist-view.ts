/**
 * `/memberlist` with parameters: one value to look at or to take along (kv spec 7.5). Of several parameters the first of
 * `downloadKey`, `viewKey`, `viewMsg`, `deleteMessages` counts, as in dskit.
 */
import type { AnyValueType } from '@hearsay/kv'
import { ProblemError } from './problem.ts'
import type { AdminSource } from './source.ts'

/** Answers a request that asks for something of that; `undefined`: it asks for the page. */
export function memberlistView(source: AdminSource, parameters: URLSearchParams): Response | undefined {
  const format = parameters.get('format') ?? ''
  const [downloadKey, viewKey, viewMsg] = ['downloadKey', 'viewKey', 'viewMsg'].map(
    (name) => parameters.get(name) ?? '',
  )
  if (downloadKey) return download(source, downloadKey)
  if (viewKey) {
    const entry = source.kv.entry(viewKey)
    return entry === undefined ? refusal(404, 'value not found') : shown(entry.type, entry.state, format)
  }
  if (viewMsg) return message(source, viewMsg, format)
  // dskit does it for whoever asks with GET: any page that an operator has open could.
  if (parameters.get('deleteMessages') === 'true')
    throw new ProblemError('method-not-allowed', 'messages are deleted by POST', { allow: ['POST'] }, { allow: 'POST' })
  return undefined
}

/** `POST /memberlist?deleteMessages=true`: forgets both histories, and shows the page. */
export function memberlistAction(source: AdminSource, parameters: URLSearchParams): Response {
  if (parameters.get('deleteMessages') !== 'true')
    throw new ProblemError('query-invalid', 'what can be posted here is ?deleteMessages=true')
  source.kv.history.clear()
  return new Response(null, { status: 302, headers: { location: '/memberlist?deleteMessages=false' } })
}

function download(source: AdminSource, key: string): Response {
  const entry = source.kv.entry(key)
  if (entry === undefined) return refusal(404, 'value not found')
  let bytes: Uint8Array
  try {
    bytes = entry.type.encode(entry.state)
  } catch {
    return refusal(500, 'the value cannot be encoded')
  }
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="${entry.version}-${key.replace(/[^\w.-]/g, '_')}"`,
    },
  })
}

function message(source: AdminSource, id: string, format: string): Response {
  if (!/^-?\d+$/.test(id)) return refusal(400, 'invalid id')
  const { sent, received } = source.kv.history.messages
  const found = [...sent, ...received].find((each) => each.id === Number(id))
  const type = found && source.kv.type(found.pair.codecId)
  if (found === undefined || type === undefined) return refusal(404, found ? 'codec not found' : 'message not found')
  try {
    return shown(type, type.decode(found.pair.value), format)
  } catch {
    return refusal(500, 'the value cannot be decoded')
  }
}

/** Tombstones included, which reading the store hides. */
const shown = (type: AnyValueType, state: unknown, format: string): Response =>
  new Response(`${JSON.stringify(type.toJson(state), undefined, format === 'json' ? undefined : 4)}\n`, {
    headers: { 'content-type': 'application/json' },
  })

const refusal = (status: number, why: string): Response =>
  new Response(`${why}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
