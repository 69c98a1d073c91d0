/** Addresses of all records. Most have four bytes; longer ones are held apart, from the first one on. */
import { formatAddress } from '@hearsay/wire'
import { grown } from './column-growth.ts'

const SHORT_BYTES = 4
const LONG_BYTES = 16
/** An IPv4 address inside an IPv6 one comes after so many bytes. */
const MAPPED_PREFIX_BYTES = 12

/** Addresses of at most 16 bytes, by index, exactly as they were given. */
export class AddressColumn {
  #lengths: Uint8Array = new Uint8Array(0)
  #short: Uint8Array = new Uint8Array(0)
  /** Empty while all addresses are short. */
  #long: Uint8Array = new Uint8Array(0)

  /** Room for indices below `capacity`. */
  resize(capacity: number): void {
    this.#lengths = grown(this.#lengths, new Uint8Array(capacity))
    this.#short = grown(this.#short, new Uint8Array(capacity * SHORT_BYTES))
    if (this.#long.length > 0) this.#long = grown(this.#long, new Uint8Array(capacity * LONG_BYTES))
  }

  /** Lent until the next `set`. */
  get(index: number): Uint8Array {
    const start = this.#startOf(index)
    return this.#bytesOf(index).subarray(start, start + this.#lengths[index]!)
  }

  set(index: number, address: Uint8Array): void {
    const isLong = address.length !== SHORT_BYTES
    if (isLong && this.#long.length === 0) this.#long = new Uint8Array(this.#lengths.length * LONG_BYTES)
    this.#lengths[index] = address.length
    this.#bytesOf(index).set(address, this.#startOf(index))
  }

  /** As `formatAddress` writes it; of most addresses without a view of them. */
  endpoint(index: number, port: number): string {
    if (this.#lengths[index] !== SHORT_BYTES) return formatAddress(this.get(index), port)
    const short = this.#short
    const at = index * SHORT_BYTES
    return `${short[at]}.${short[at + 1]}.${short[at + 2]}.${short[at + 3]}:${port}`
  }

  /** Whether it is the same address: one of IPv4 mapped into IPv6 is the IPv4 address. */
  has(index: number, address: Uint8Array): boolean {
    if (this.#lengths[index] !== SHORT_BYTES || address.length !== SHORT_BYTES)
      return this.#hasInSomeForm(index, address)
    const short = this.#short
    const at = index * SHORT_BYTES
    return (
      short[at] === address[0] &&
      short[at + 1] === address[1] &&
      short[at + 2] === address[2] &&
      short[at + 3] === address[3]
    )
  }

  #hasInSomeForm(index: number, address: Uint8Array): boolean {
    const length = this.#lengths[index]!
    const bytes = this.#bytesOf(index)
    const start = this.#startOf(index)
    const skipOurs = mappedPrefix(bytes, start, length)
    const skipTheirs = mappedPrefix(address, 0, address.length)
    if (length - skipOurs !== address.length - skipTheirs) return false
    for (let at = length - skipOurs - 1; at >= 0; at--)
      if (bytes[start + skipOurs + at] !== address[skipTheirs + at]) return false
    return true
  }

  /** {@link hashEndpoint} of the address and a port. */
  hash(index: number, port: number): number {
    const start = this.#startOf(index)
    return hashBytes(this.#bytesOf(index), start, start + this.#lengths[index]!, port)
  }

  #bytesOf(index: number): Uint8Array {
    return this.#lengths[index] === SHORT_BYTES ? this.#short : this.#long
  }

  #startOf(index: number): number {
    return index * (this.#lengths[index] === SHORT_BYTES ? SHORT_BYTES : LONG_BYTES)
  }
}

/** The same for all forms of an address. 32 bits, unsigned. */
export const hashEndpoint = (address: Uint8Array, port: number): number => hashBytes(address, 0, address.length, port)

/** FNV-1a over the canonical address and the port. */
function hashBytes(bytes: Uint8Array, start: number, end: number, port: number): number {
  let hash = 0x811c9dc5
  for (let at = start + mappedPrefix(bytes, start, end - start); at < end; at++)
    hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  hash = Math.imul(hash ^ (port & 0xff), 0x01000193)
  return Math.imul(hash ^ (port >>> 8), 0x01000193) >>> 0
}

/** How many of the first bytes say only that an IPv4 address follows. */
function mappedPrefix(bytes: Uint8Array, start: number, length: number): number {
  if (length !== LONG_BYTES || bytes[start + 10] !== 0xff || bytes[start + 11] !== 0xff) return 0
  for (let at = 0; at < 10; at++) if (bytes[start + at] !== 0) return 0
  return MAPPED_PREFIX_BYTES
}
