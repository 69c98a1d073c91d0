/** `ip:port` as text and in parts. */

import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { Address } from '../transport.ts'

/** An {@link Address} taken apart; `ip` is in canonical form, without brackets. */
export interface AddressParts {
  readonly ip: string
  readonly port: number
  readonly family: 4 | 6
}

/** The longest text that is looked at: an IPv6 address with a zone, brackets and a port is far shorter. */
const MAX_ADDRESS_CHARS = 128

/**
 * The canonical form of an IP literal: IPv4 in dotted decimals, IPv6 as in RFC 5952, an IPv4-mapped IPv6 address as the
 * IPv4 address it stands for. Undefined for anything else, host names included.
 */
export function canonicalIp(text: string): string | undefined {
  if (text.length > MAX_ADDRESS_CHARS) return undefined
  if (isIPv4(text)) return text
  if (!isIPv6(text)) return undefined
  const [bare = '', zone] = text.split('%')
  const ip = new SocketAddress({ address: bare, family: 'ipv6' }).address
  const mapped = ip.startsWith('::ffff:') ? ip.slice(7) : ''
  if (isIPv4(mapped)) return mapped
  return zone === undefined ? ip : `${ip}%${zone}`
}

/** `ip:port` of a canonical IP literal, with brackets around IPv6. */
export function formatAddress(ip: string, port: number): Address {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** The parts of `10.0.0.1:7946` or `[2001:db8::1]:7946`; undefined when the text is no IP literal with a port 0-65535. */
export function parseAddress(text: Address): AddressParts | undefined {
  if (text.length > MAX_ADDRESS_CHARS) return undefined
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  if (match === null) return undefined
  const port = Number(match[3])
  const ip = canonicalIp(match[1] ?? match[2] ?? '')
  if (ip === undefined || port > 65535) return undefined
  // Brackets are for IPv6 and only for it; `[::ffff:10.0.0.1]:7946` is read as the IPv4 address it is.
  if ((match[1] !== undefined) !== isIPv6(match[1] ?? match[2] ?? '')) return undefined
  return { ip, port, family: isIPv4(ip) ? 4 : 6 }
}

/** True for an address that something can be sent to: an IP literal with a port that is not 0. */
export function isDialable(address: Address): boolean {
  return (parseAddress(address)?.port ?? 0) > 0
}
