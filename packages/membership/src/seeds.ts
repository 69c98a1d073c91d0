/** Seeds: what a person writes to say whom to join, and the addresses it stands for (membership spec 5.6, kv spec 4.4). */
import { formatAddress, parseAddress } from '@hearsay/wire'

/** Looks names up. Both reject when there is no such name. */
export interface Resolver {
  /** IPv4 and IPv6 addresses of a host. */
  addresses(host: string): Promise<readonly string[]>
  /** Targets of an SRV record. */
  services(name: string): Promise<readonly { readonly host: string; readonly port: number }[]>
}

/** A seed, taken apart. */
export interface Seed {
  readonly text: string
  readonly kind: 'plain' | 'dns' | 'dnssrv' | 'dnssrvnoa'
  readonly host: string
  /** Absent only for SRV kinds, whose records have one. */
  readonly port: number | undefined
}

/** A seed that cannot be one: a sentence that says why. */
export interface BadSeed {
  readonly text: string
  readonly reason: string
}

/** What a seed came to. */
export interface ResolvedSeed {
  readonly text: string
  /** `ip:port` each. */
  readonly addresses: readonly string[]
  /** Why there are none. */
  readonly reason: string | undefined
}

const kinds = ['dns', 'dnssrv', 'dnssrvnoa'] as const

/** Takes a seed apart: `host`, `host:port`, `name/host:port`, `dns+host:port`, `dnssrv+name[:port]`, `dnssrvnoa+name[:port]`. */
export function parseSeed(text: string, defaultPort: number): Seed | BadSeed {
  const bad = (reason: string): BadSeed => ({ text, reason: `${text}: ${reason}` })
  const plus = text.indexOf('+')
  if (plus >= 0) {
    const kind = kinds.find((candidate) => candidate === text.slice(0, plus))
    if (!kind) return bad(`${text.slice(0, plus)}+ is no kind of lookup; there are dns+, dnssrv+ and dnssrvnoa+`)
    const { host, port, problem } = splitPort(text.slice(plus + 1))
    if (problem) return bad(problem)
    if (host === '') return bad('a name is missing')
    if (kind === 'dns' && port === undefined) return bad('dns+ needs a port, as in dns+members.internal:7946')
    return { text, kind, host, port }
  }
  const slash = text.indexOf('/')
  if (slash === 0) return bad('the member name before the / is empty')
  const { host, port, problem } = splitPort(text.slice(slash + 1))
  if (problem) return bad(problem)
  if (host === '') return bad('a host is missing')
  return { text, kind: 'plain', host, port: port ?? defaultPort }
}

/** Looks a seed up. Never rejects: a failure is an outcome with a sentence. */
export async function resolveSeed(text: string, defaultPort: number, resolver: Resolver): Promise<ResolvedSeed> {
  const seed = parseSeed(text, defaultPort)
  if ('reason' in seed) return { text, addresses: [], reason: seed.reason }
  try {
    const addresses = await lookUp(seed, resolver)
    return addresses.length > 0
      ? { text, addresses, reason: undefined }
      : {
          text,
          addresses,
          reason: `${text}: the name ${seed.host} has no address; check the name, or whether the service has members yet`,
        }
  } catch (error) {
    const code = (error as { code?: unknown }).code
    const why = typeof code === 'string' ? code : error instanceof Error ? error.message : String(error)
    return {
      text,
      addresses: [],
      reason: `${text}: the name ${seed.host} cannot be resolved (${why}); check the name and the DNS server`,
    }
  }
}

async function lookUp(seed: Seed, resolver: Resolver): Promise<string[]> {
  if (seed.kind === 'plain' || seed.kind === 'dns')
    return withPort(await hostAddresses(seed.host, resolver), seed.port!)
  const services = await resolver.services(seed.host)
  const found = await Promise.all(
    services.map(async ({ host, port }) => withPort(await hostAddresses(host, resolver), seed.port ?? port)),
  )
  return [...new Set(found.flat())]
}

async function hostAddresses(host: string, resolver: Resolver): Promise<readonly string[]> {
  return literal(host, 1) === undefined ? await resolver.addresses(host) : [host]
}

const withPort = (hosts: readonly string[], port: number): string[] => [
  ...new Set(hosts.flatMap((host) => literal(host, port) ?? [])),
]

/** `ip:port` in canonical form, if the host is an IP literal. */
function literal(host: string, port: number): string | undefined {
  const bare = host.replace(/^\[|\]$/g, '')
  const parsed = parseAddress(bare.includes(':') ? `[${bare}]:${port}` : `${bare}:${port}`)
  return parsed && formatAddress(parsed.ip, parsed.port)
}

/** Bare IPv6 has several colons and no port; otherwise what follows the last colon is one. */
function splitPort(text: string): { host: string; port: number | undefined; problem?: string } {
  const bracket = text.lastIndexOf(']')
  const colon = text.lastIndexOf(':')
  const hasPort = text.startsWith('[') ? colon > bracket : colon >= 0 && text.indexOf(':') === colon
  const host = (hasPort ? text.slice(0, colon) : text).replace(/^\[(.*)\]$/, '$1')
  if (!hasPort) return { host, port: undefined }
  const digits = text.slice(colon + 1)
  const port = Number(digits)
  if (!/^\d+$/.test(digits) || port > 65_535)
    return { host, port: undefined, problem: `${digits === '' ? 'nothing' : digits} is no port from 0 to 65535` }
  return { host, port }
}
