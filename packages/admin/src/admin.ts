/** The admin surface of a node as one fetch handler, to be mounted behind any server. */
import { type Context, Hono } from 'hono'
import { type AccessOptions, type ConnectionInfo, checkHost, checkWrite } from './access.ts'
import { DEFAULT_MAX_BODY_BYTES, readJson } from './body.ts'
import { EventStreams } from './event-stream.ts'
import { membershipEvents } from './events.ts'
import { readiness } from './health.ts'
import { changeKeys, encryptionKeysJson } from './keys.ts'
import { deleteValue, getValue, keysJson, putValue, watchValue } from './kv.ts'
import { memberlistJson } from './memberlist-json.ts'
import { memberlistAction, memberlistView } from './memberlist-view.ts'
import { membersJson } from './members.ts'
import { Metrics } from './metrics.ts'
import { livePage } from './page/live-page.ts'
import { memberlistPage } from './page/memberlist-page.ts'
import { pageScript } from './page/script.ts'
import { pageStyle } from './page/style.ts'
import { ProblemError, problemResponse } from './problem.ts'
import { lookup } from './ring-lookup.ts'
import { ringJson, ringsJson } from './rings.ts'
import type { AdminSource } from './source.ts'
import { type AdminSystem, hostSystem } from './system.ts'

/** What the embedder decides. */
export interface AdminOptions {
  /** Bearer token that changes need. Default none: changes are accepted from loopback only. */
  readonly apiToken?: string
  /** Names, beside `localhost` and IP addresses, by which the server may be addressed. Default none. */
  readonly allowedHosts?: readonly string[]
  /** `/ready` answers 503 until a seed was joined. Default false. */
  readonly readyRequiresJoin?: boolean
  /** The largest request body that is read. Default 1 MiB. */
  readonly maxBodyBytes?: number
  /** Is told of failures of our own, and of changed encryption keys. Default: nobody is. */
  readonly logger?: {
    error(message: string, fields?: Readonly<Record<string, unknown>>): void
    info?(message: string, fields?: Readonly<Record<string, unknown>>): void
  }
  /** Clock and timers. Default: the host's. */
  readonly system?: AdminSystem
}

/** The handler. */
export interface Admin {
  /** Answers a request; never rejects. Without `remoteAddress` the caller does not count as local. */
  readonly fetch: (request: Request, info?: ConnectionInfo) => Promise<Response>
  /** The node is leaving: `/ready` answers 503 from now on, and every event stream ends. */
  close(): void
}

/** Routes that every caller may ask, whatever name it uses: probes and scrapers come by service names. */
const openPaths: ReadonlySet<string> = new Set(['/live', '/ready', '/metrics'])

/**
 * The HTTP API, metrics and pages of a node. `source` may be a function that returns `undefined` while the node is
 * still starting: `/live` is answered from the beginning, everything else with 503 until then.
 */
export function createAdmin(source: AdminSource | (() => AdminSource | undefined), options: AdminOptions = {}): Admin {
  const access: AccessOptions = { apiToken: options.apiToken, allowedHosts: options.allowedHosts ?? [] }
  const system = options.system ?? hostSystem
  const streams = new EventStreams(system)
  let closed = false
  const parts: Parts = {
    node: typeof source === 'function' ? source : () => source,
    system,
    streams,
    metrics: new Metrics(),
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    readyRequiresJoin: options.readyRequiresJoin ?? false,
    isClosed: () => closed,
  }
  const app = router(parts, options.logger)
  return {
    async fetch(request, info = {}) {
      const response = await answer(app, request, info, access)
      for (const [name, value] of commonHeaders) if (!response.headers.has(name)) response.headers.set(name, value)
      return response
    },
    close() {
      closed = true
      streams.close()
    },
  }
}

/** What the routes work with. */
interface Parts {
  readonly node: () => AdminSource | undefined
  readonly system: AdminSystem
  readonly streams: EventStreams
  readonly metrics: Metrics
  readonly maxBodyBytes: number
  readonly readyRequiresJoin: boolean
  readonly isClosed: () => boolean
}

const commonHeaders = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
] as const

async function answer(app: Hono, request: Request, info: ConnectionInfo, access: AccessOptions): Promise<Response> {
  try {
    if (!openPaths.has(new URL(request.url).pathname)) checkHost(request, access)
    if (request.method !== 'GET' && request.method !== 'HEAD') checkWrite(request, info, access)
    return await app.fetch(request)
  } catch (error) {
    if (error instanceof ProblemError) return problemResponse(error)
    return problemResponse(new ProblemError('internal', 'the request could not be answered'))
  }
}

function router(parts: Parts, logger: AdminOptions['logger']): Hono {
  const app = new Hono({ strict: true })
  healthRoutes(app, parts)
  storeRoutes(app, parts)
  ringRoutes(app, parts)
  pageRoutes(app, parts)
  route(app, '/api/v1/members', { GET: () => Response.json(membersJson(started(parts).members())) })
  route(app, '/api/v1/keys', {
    GET: () => Response.json(encryptionKeysJson(started(parts))),
    POST: async ({ req }) => {
      const node = started(parts)
      const action = await changeKeys(node, req.raw, parts.maxBodyBytes)
      logger?.info?.('encryption key request', { action, keys: node.keyring.fingerprints() })
      return Response.json(encryptionKeysJson(node))
    },
  })
  route(app, '/api/v1/events', {
    GET: ({ req }) => {
      const node = started(parts)
      return parts.streams.respond(req.raw, (signal) => membershipEvents(node, parts.system, signal))
    },
  })
  app.notFound(({ req }) => problemResponse(new ProblemError('not-found', `there is nothing at ${req.path}`)))
  app.onError((error, { req }) => {
    if (error instanceof ProblemError) return problemResponse(error)
    logger?.error('a request failed', { method: req.method, path: req.path, error })
    return problemResponse(new ProblemError('internal', 'the log of the node has more'))
  })
  return app
}

function healthRoutes(app: Hono, parts: Parts): void {
  route(app, '/live', { GET: () => new Response('ok\n') })
  route(app, '/ready', {
    GET: () => {
      const state = readiness(parts.node(), parts.readyRequiresJoin)
      const ready = state.ready && !parts.isClosed()
      return Response.json({ ...state, ready }, { status: ready ? 200 : 503 })
    },
  })
  route(app, '/metrics', {
    GET: async () =>
      new Response(await parts.metrics.text(parts.node()), { headers: { 'content-type': parts.metrics.contentType } }),
  })
}

function storeRoutes(app: Hono, parts: Parts): void {
  route(app, '/api/v1/kv', { GET: () => Response.json(keysJson(started(parts))) })
  route(app, '/api/v1/kv/:key', {
    GET: ({ req }) => getValue(started(parts), keyOf(req.url), req.raw),
    PUT: async ({ req }) => {
      const node = started(parts)
      const key = keyOf(req.url)
      return putValue(node, {
        key,
        body: await readJson(req.raw, parts.maxBodyBytes),
        codec: req.query('codec'),
        ifMatch: req.raw.headers.get('if-match'),
        ifNoneMatch: req.raw.headers.get('if-none-match'),
      })
    },
    DELETE: ({ req }) => deleteValue(started(parts), keyOf(req.url), req.raw.headers.get('if-match')),
  })
  route(app, '/api/v1/kv/:key/watch', {
    GET: ({ req }) => {
      const node = started(parts)
      const key = keyOf(req.url)
      return parts.streams.respond(req.raw, (signal) => watchValue(node, key, signal))
    },
  })
}

function ringRoutes(app: Hono, parts: Parts): void {
  route(app, '/api/v1/rings', { GET: () => Response.json(ringsJson(started(parts))) })
  route(app, '/api/v1/rings/:key', { GET: ({ req }) => Response.json(ringJson(started(parts), keyOf(req.url))) })
  route(app, '/api/v1/rings/:key/lookup', {
    GET: ({ req }) => Response.json(lookup(started(parts), keyOf(req.url), new URL(req.url).searchParams)),
  })
}

function pageRoutes(app: Hono, parts: Parts): void {
  route(app, '/', { GET: () => livePage(started(parts)) })
  route(app, '/memberlist', {
    GET: ({ req }) => {
      const node = started(parts)
      const view = memberlistView(node, new URL(req.url).searchParams)
      if (view) return view
      const wantsJson = (req.raw.headers.get('accept') ?? '').includes('application/json')
      return wantsJson
        ? Response.json(memberlistJson(node, parts.system.wallNowMs()))
        : memberlistPage(node, parts.system.wallNowMs())
    },
    POST: ({ req }) => memberlistAction(started(parts), new URL(req.url).searchParams),
  })
  route(app, '/assets/page.js', { GET: () => asset(pageScript, 'text/javascript; charset=utf-8') })
  route(app, '/assets/page.css', { GET: () => asset(pageStyle, 'text/css; charset=utf-8') })
}

type Handler = (context: Context) => Response | Promise<Response>

/** A resource with its methods; any other one is answered with 405. HEAD comes with GET. */
function route(
  app: Hono,
  path: string,
  handlers: Readonly<Partial<Record<'GET' | 'PUT' | 'POST' | 'DELETE', Handler>>>,
): void {
  for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler)
  const allow = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  app.all(path, ({ req }) => {
    throw new ProblemError(
      'method-not-allowed',
      `${req.path} has ${allow.join(', ')}, not ${req.method}`,
      { allow },
      { allow: allow.join(', ') },
    )
  })
}

function started(parts: Parts): AdminSource {
  const node = parts.node()
  if (!node) throw new ProblemError('not-started', 'ask again in a moment')
  return node
}

/** The key in a path, the fourth segment, decoded exactly once. */
function keyOf(url: string): string {
  const segment = new URL(url).pathname.split('/')[4] ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ProblemError('path-malformed', `${JSON.stringify(segment)} is not percent-encoded UTF-8`)
  }
}

const asset = (text: string, contentType: string): Response =>
  new Response(text, { headers: { 'content-type': contentType } })
