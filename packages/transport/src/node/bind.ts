/** Where the socket transports listen and what they tell peers: the options both have in common. */

import { isIPv4 } from 'node:net'
import type { Address, Listening } from '../transport.ts'
import { TransportError } from '../transport.ts'
import { canonicalIp, formatAddress } from './address.ts'
import { chooseAdvertiseIp, hostDefaultRouteIp, hostInterfaces, isWildcard } from './advertise.ts'

/** Options of every transport on sockets. */
export interface BindOptions {
  /**
   * IP literals to listen on, all on one port. Default `0.0.0.0`, every IPv4 interface; `''` means the same; `::` is every
   * interface of both families, unless an IPv4 address is listed beside it.
   */
  readonly bindAddress?: string | readonly string[]
  /** Port to listen on. Default 7946; 0 picks a free one. */
  readonly bindPort?: number
  /** IP literal that peers are told. Default: chosen from the interfaces, or the first bound one (membership spec 6.6). */
  readonly advertiseAddress?: string
  /** Port that peers are told. Default, and for 0: the bound one. */
  readonly advertisePort?: number
  /** Connections accepted and still open at one time; more are closed and counted `too-many-connections`. Default 1024. */
  readonly maxInboundConnections?: number
  /**
   * Whom to listen to, by canonical IP without zone. Packets and connections of others are dropped and counted
   * `not-allowed`. Must not throw. Default: everybody.
   */
  readonly allows?: (ip: string) => boolean
}

/** {@link BindOptions}, checked and complete. */
export interface Bind {
  /** Canonical, none twice, at least one. */
  readonly ips: readonly string[]
  readonly port: number
  readonly advertiseAddress: string | undefined
  readonly advertisePort: number
  readonly maxInboundConnections: number
  readonly allows: ((ip: string) => boolean) | undefined
}

/** memberlist's port (membership spec 8). */
export const defaultPort = 7946

/** A host has fewer addresses than this; each takes a socket or two. */
const MAX_BIND_ADDRESSES = 64

/** Throws {@link TransportError} `INVALID_ADDRESS` for what cannot be bound or advertised. */
export function checkBind(options: BindOptions): Bind {
  const { bindAddress = '0.0.0.0', bindPort = defaultPort, advertisePort = 0 } = options
  const ips = checkAddresses(typeof bindAddress === 'string' ? [bindAddress] : bindAddress)
  checkPort('bindPort', bindPort)
  checkPort('advertisePort', advertisePort)
  const bind: Bind = {
    ips,
    port: bindPort,
    advertiseAddress: options.advertiseAddress,
    advertisePort,
    maxInboundConnections: options.maxInboundConnections ?? 1024,
    allows: options.allows,
  }
  // A configured address is wrong or right whatever the interfaces are: say so before anything is opened.
  if (bind.advertiseAddress) chooseAdvertiseIp({ ...bind, bindAddress: ips, interfaces: {} })
  return bind
}

/** True for `::` where the IPv4 half is left to an address of its own. */
export const isIpv6Only = (ip: string, { ips }: Bind): boolean => ip === '::' && ips.some((other) => isIPv4(other))

/** Decides what peers are told, now that `boundPort` is known. Rejects with `NO_ADVERTISABLE_ADDRESS`. */
export async function advertise(bind: Bind, boundPort: number): Promise<Listening> {
  const first = bind.ips[0] ?? '0.0.0.0'
  const needsChoice = !bind.advertiseAddress && isWildcard(first)
  const ip = chooseAdvertiseIp({
    advertiseAddress: bind.advertiseAddress,
    bindAddress: bind.ips,
    interfaces: needsChoice ? hostInterfaces() : {},
    defaultRouteIp: needsChoice ? await hostDefaultRouteIp() : undefined,
  })
  const advertised: Address = formatAddress(ip, bind.advertisePort === 0 ? boundPort : bind.advertisePort)
  return { bound: formatAddress(first, boundPort), advertised }
}

function checkAddresses(texts: readonly string[]): string[] {
  if (texts.length > MAX_BIND_ADDRESSES)
    throw invalid(`bindAddress must list at most ${MAX_BIND_ADDRESSES} addresses, not ${texts.length}.`)
  const ips = new Set<string>()
  for (const text of texts.length === 0 ? [''] : texts) {
    const ip = canonicalIp(text === '' ? '0.0.0.0' : text)
    if (ip === undefined)
      throw invalid(`bindAddress must be an IP address, and ${JSON.stringify(text)} is not one.`, text)
    ips.add(ip)
  }
  for (const wildcard of ['0.0.0.0', '::']) {
    if (!ips.has(wildcard)) continue
    const inside = [...ips].find((ip) => ip !== wildcard && isIPv4(ip) === isIPv4(wildcard))
    // The system would say that the address is in use, and by us of all.
    if (inside !== undefined)
      throw invalid(`bindAddress lists ${inside} beside ${wildcard}, which has it in it: give one of them.`, inside)
  }
  return [...ips]
}

function checkPort(name: string, port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return
  throw invalid(`${name} must be a whole number from 0 to 65535, and ${port} is not.`)
}

const invalid = (message: string, address?: string) => new TransportError('INVALID_ADDRESS', message, address)
