/** Which address peers should be told (membership spec 6.6, DIV-42). */

import { createSocket } from 'node:dgram'
import { BlockList, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { TransportError } from '../transport.ts'
import { canonicalIp } from './address.ts'

/** One address of an interface that is up: the part of `os.networkInterfaces()` that matters here. */
export interface InterfaceAddress {
  readonly address: string
  readonly internal: boolean
  /** `10.0.0.5/24`, or null when the netmask makes no prefix. */
  readonly cidr: string | null
}

/** Interface names with their addresses, shaped as `os.networkInterfaces()` gives them. */
export type InterfaceTable = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>

/** What the choice depends on besides the interfaces. */
export interface AdvertiseChoice {
  /** An IP literal that was configured, or undefined to choose one. */
  readonly advertiseAddress?: string | undefined
  /** The IP literals that are bound, canonical; `0.0.0.0` and `::` mean every interface. The first one counts most. */
  readonly bindAddress: string | readonly string[]
  readonly interfaces: InterfaceTable
  /** The source address this host would use toward the world, where known. */
  readonly defaultRouteIp?: string | undefined
}

/**
 * The IP to advertise, in this order: the configured one; the first bound one, when it is one; of the interfaces that can be
 * reached through what is bound, a private address (on the default route's interface first, then IPv4 first, then
 * the larger network first); the source address of the default route; any global address.
 *
 * Throws {@link TransportError} `INVALID_ADDRESS` for a configured address that is no usable IP literal, and
 * `NO_ADVERTISABLE_ADDRESS` when nothing is left.
 */
export function chooseAdvertiseIp(choice: AdvertiseChoice): string {
  const { advertiseAddress, bindAddress, interfaces, defaultRouteIp } = choice
  if (advertiseAddress !== undefined && advertiseAddress !== '') return configuredIp(advertiseAddress)
  const bound = typeof bindAddress === 'string' ? [bindAddress] : bindAddress
  const first = bound[0] ?? '0.0.0.0'
  if (!isWildcard(first)) return first
  // `::` is both families, unless an IPv4 address is bound beside it.
  const ipv4 = bound.filter((ip) => isIPv4(ip))
  const reachable = (ip: string) =>
    isIPv4(ip)
      ? ipv4.includes('0.0.0.0') || ipv4.includes(ip) || (ipv4.length === 0 && bound.includes('::'))
      : bound.includes('::') || bound.includes(ip)
  const candidates = rank(interfaces, defaultRouteIp).filter((candidate) => reachable(candidate.ip))
  const route = defaultRouteIp === undefined ? undefined : canonicalIp(defaultRouteIp)
  const chosen =
    candidates.find(({ ip }) => contains(privateRanges, ip))?.ip ??
    (route !== undefined && reachable(route) && !contains(hostOnly, route) ? route : undefined) ??
    candidates[0]?.ip
  if (chosen !== undefined) return chosen
  throw new TransportError(
    'NO_ADVERTISABLE_ADDRESS',
    `No interface has an address that peers could use while ${bound.join(', ')} is bound: give advertiseAddress, or bind one address.`,
  )
}

/** True for the bind addresses that mean every interface. */
export const isWildcard = (ip: string): boolean => ip === '0.0.0.0' || ip === '::'

/** The interfaces of this host. */
export const hostInterfaces = (): InterfaceTable => networkInterfaces()

/**
 * The source address of this host's default route, or undefined. Asks the routing table by connecting a UDP socket to an
 * address reserved for documentation: no packet is sent.
 */
export function hostDefaultRouteIp(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const settle = (ip: string | undefined) => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.close()
      resolve(ip)
    }
    socket.once('error', () => settle(undefined))
    socket.once('connect', () => settle(socket.address().address))
    socket.connect(9, '203.0.113.1')
  })
}

function configuredIp(text: string): string {
  const ip = canonicalIp(text)
  if (ip !== undefined && !isWildcard(ip)) return ip
  throw new TransportError(
    'INVALID_ADDRESS',
    `advertiseAddress must be the IP address that peers use to reach this host, and ${JSON.stringify(text)} is not one.`,
    text,
  )
}

interface Candidate {
  readonly ip: string
  readonly onDefaultRoute: boolean
  readonly prefixBits: number
}

function rank(interfaces: InterfaceTable, defaultRouteIp: string | undefined): Candidate[] {
  const candidates: Candidate[] = []
  for (const addresses of Object.values(interfaces)) {
    const onDefaultRoute = addresses?.some(({ address }) => address === defaultRouteIp) ?? false
    for (const { address, internal, cidr } of addresses ?? []) {
      const ip = canonicalIp(address)
      if (ip === undefined || internal || contains(notForwardable, ip)) continue
      candidates.push({ ip, onDefaultRoute, prefixBits: Number(cidr?.split('/')[1] ?? 128) })
    }
  }
  return candidates.sort(
    (a, b) =>
      Number(b.onDefaultRoute) - Number(a.onDefaultRoute) ||
      Number(isIPv4(b.ip)) - Number(isIPv4(a.ip)) ||
      a.prefixBits - b.prefixBits,
  )
}

function ranges(...cidrs: string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [net = '', bits] = cidr.split('/')
    list.addSubnet(net, Number(bits), isIPv4(net) ? 'ipv4' : 'ipv6')
  }
  return list
}

const contains = (list: BlockList, ip: string): boolean =>
  list.check(ip.split('%')[0] ?? ip, isIPv4(ip) ? 'ipv4' : 'ipv6')

/** Addresses that mean nothing outside this host or link. */
const hostOnly = ranges('0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '::/128', '::1/128', 'fe80::/10')

/** Not forwarded between networks (membership spec 6.6), so no peer elsewhere could answer to them. */
const notForwardable = ranges(
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  '2001:db8::/32',
  '2001:10::/28',
  'fe80::/10',
)

/** The forwardable ones of the special-purpose ranges (RFC 6890): what an address plan inside a network uses. */
const privateRanges = ranges(
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '64:ff9b::/96',
  '2002::/16',
  'fc00::/7',
)
