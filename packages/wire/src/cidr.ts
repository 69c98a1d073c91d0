/** Networks that members may come from (wire spec 6.3, `CIDRsAllowed`). */
import { canonicalIp, parseIp } from './address.ts'

interface Network {
  readonly ip: Uint8Array
  readonly prefixBits: number
}

/** A list of networks. An empty list contains every address. */
export class CidrList {
  readonly #networks: readonly Network[]

  /** Takes `10.0.0.0/8` and `2001:db8::/32`. Throws a `RangeError` that names what is none; see {@link cidrProblem}. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map((text) => {
      const network = parseCidr(text)
      if (typeof network === 'string') throw new RangeError(network)
      return network
    })
  }

  get isEmpty(): boolean {
    return this.#networks.length === 0
  }

  /** Whether an address, of 4 or 16 bytes, lies in one of the networks. IPv4 inside IPv6 counts as IPv4. */
  contains(ip: Uint8Array): boolean {
    if (this.#networks.length === 0) return true
    const address = canonicalIp(ip)
    return this.#networks.some((network) => covers(network, address))
  }

  /** As {@link contains}, for an address as text; false for what is none. */
  containsText(ip: string): boolean {
    const address = parseIp(ip)
    return address !== undefined && this.contains(address)
  }
}

/** What is wrong with a network as text, in one sentence; `undefined` when nothing is. */
export function cidrProblem(text: string): string | undefined {
  const network = parseCidr(text)
  return typeof network === 'string' ? network : undefined
}

function parseCidr(text: string): Network | string {
  const [address = '', prefix, ...rest] = text.split('/')
  const ip = parseIp(address)
  if (ip === undefined) return `${JSON.stringify(text)} is no network; write it like 10.0.0.0/8 or 2001:db8::/32`
  if (prefix === undefined)
    return `${JSON.stringify(text)} has no prefix length; for one address write ${text}/${8 * ip.length}`
  const bits = Number(prefix)
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefix) || bits > 8 * ip.length)
    return `${JSON.stringify(text)} must end with a prefix length from 0 to ${8 * ip.length}`
  return { ip, prefixBits: bits }
}

function covers({ ip, prefixBits }: Network, address: Uint8Array): boolean {
  if (address.length !== ip.length) return false
  const wholeBytes = prefixBits >> 3
  for (let index = 0; index < wholeBytes; index++) if (address[index] !== ip[index]) return false
  const restBits = prefixBits & 7
  return restBits === 0 || (address[wholeBytes]! ^ ip[wholeBytes]!) >> (8 - restBits) === 0
}
