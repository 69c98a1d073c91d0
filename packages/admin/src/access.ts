/** Who may: the rules against strangers, and against pages open in an operator's browser. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { ProblemError } from './problem.ts'

/** What the embedder decides. */
export interface AccessOptions {
  /** Bearer token that changes need. Without one they are accepted from loopback only. */
  readonly apiToken?: string | undefined
  /** Names, beside `localhost` and IP addresses, by which the server may be addressed. */
  readonly allowedHosts: readonly string[]
}

/** What the server knows of the connection. */
export interface ConnectionInfo {
  /** IP address of the peer of the connection. Unknown does not count as loopback. */
  readonly remoteAddress?: string
}

/** Headers of proxies: the peer of the connection is then not who asks. */
const forwardingHeaders = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
]

/**
 * Refuses a request that was addressed to a name we do not know: a page of a stranger whose name was made to point
 * here could otherwise read everything. IP addresses pass. Throws a {@link ProblemError}.
 */
export function checkHost(request: Request, options: AccessOptions): void {
  const host = request.headers.get('host') ?? new URL(request.url).host
  const name = hostName(host)
  if (name !== undefined && (isIpLiteral(name) || name === 'localhost' || isAllowed(name, options))) return
  throw new ProblemError(
    'host-refused',
    `this server does not answer to the name ${JSON.stringify(name ?? host)}; address it by IP, or allow the name with -server.allowed-hosts`,
  )
}

/** Refuses a change by whom it is not allowed to. Throws a {@link ProblemError}. */
export function checkWrite(request: Request, info: ConnectionInfo, options: AccessOptions): void {
  checkOrigin(request)
  if (options.apiToken !== undefined) {
    if (!holdsToken(request, options.apiToken))
      throw new ProblemError(
        'token-required',
        'send the token as "Authorization: Bearer TOKEN"',
        {},
        { 'www-authenticate': 'Bearer' },
      )
    return
  }
  const forwarded = forwardingHeaders.some((header) => request.headers.has(header))
  if (forwarded || !isLoopback(info.remoteAddress))
    throw new ProblemError(
      'loopback-only',
      forwarded
        ? 'this request was forwarded; to accept such changes, set a token with -server.api-token-file'
        : 'to accept changes from other machines, set a token with -server.api-token-file',
    )
}

/** 127.0.0.0/8 and ::1, also in the mapped form that dual-stack sockets report. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
  return plain === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain)
}

/** A browser says where a page comes from; only our own pages may change something. */
function checkOrigin(request: Request): void {
  const origin = request.headers.get('origin')
  if (origin === null) return
  const host = request.headers.get('host') ?? new URL(request.url).host
  // The scheme is not compared: a proxy in front may speak TLS while we do not.
  const own = URL.canParse(origin) && canonicalHost(new URL(origin).host) === canonicalHost(host)
  if (!own) throw new ProblemError('origin-refused', `a page of ${JSON.stringify(origin)} may not change anything here`)
}

const canonicalHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/\.(?=:|$)/, '')
    .replace(/:(80|443)$/, '')

function holdsToken(request: Request, token: string): boolean {
  const given = /^bearer +([\x21-\x7e]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  // Digests have one length and take one time to compare, whatever was given.
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The name in a Host header, in lower case, brackets kept; `undefined` if it is not one. */
function hostName(host: string): string | undefined {
  if (!/^[A-Za-z0-9._\-:[\]]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return new URL(`http://${host}`).hostname.replace(/\.$/, '')
}

// The URL parser has brought every spelling of an IPv4 address into dotted form.
const isIpLiteral = (name: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name)

const isAllowed = (name: string, { allowedHosts }: AccessOptions): boolean =>
  allowedHosts.some((allowed) => allowed.toLowerCase().replace(/\.$/, '') === name)
