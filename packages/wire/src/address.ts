/** Addresses between bytes and text. */

/** IPv4 addresses inside IPv6 begin with these twelve bytes. */
const isMapped = (ip: Uint8Array): boolean =>
  ip.length === 16 && ip[10] === 0xff && ip[11] === 0xff && ip.subarray(0, 10).every((byte) => byte === 0)

/** One form for comparing: 4 bytes for IPv4, even where it came as 16. */
export const canonicalIp = (ip: Uint8Array): Uint8Array => (isMapped(ip) ? ip.subarray(12) : ip)

/** `10.0.0.1:7946` or `[2001:db8::1]:7946`; an IPv4 address in 16 bytes is shown as IPv4. Other lengths are shown in hex. */
export function formatAddress(ip: Uint8Array, port: number): string {
  const canonical = canonicalIp(ip)
  if (canonical.length === 4) return `${canonical[0]}.${canonical[1]}.${canonical[2]}.${canonical[3]}:${port}`
  if (canonical.length === 16) return `[${formatIpv6(canonical)}]:${port}`
  return `?${[...canonical].map((byte) => byte.toString(16).padStart(2, '0')).join('')}:${port}`
}

/** The inverse for literals: `undefined` when it is none. IPv4 becomes 4 bytes. */
export function parseAddress(text: string): { readonly ip: Uint8Array; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(text)
  if (!match) return undefined
  const ip = match[1] === undefined ? parseIpv4(match[2]!) : parseIpv6(match[1])
  const port = Number(match[3])
  return ip === undefined || port > 65_535 ? undefined : { ip: canonicalIp(ip), port }
}

/** The bytes of an IP literal without brackets or port, IPv4 as 4 bytes; `undefined` when it is none. */
export function parseIp(text: string): Uint8Array | undefined {
  const ip = text.includes(':') ? parseIpv6(text) : parseIpv4(text)
  return ip && canonicalIp(ip)
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined
  return Uint8Array.from(parts, Number)
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => groups(half, index === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const all = [...head, ...Array<number>(Math.max(0, missing)).fill(0), ...(tail ?? [])]
  return Uint8Array.from(all.flatMap((group) => [group >>> 8, group & 0xff]))
}

/** The 16-bit groups of one side of `::`; the last of the whole address may be written as IPv4. */
function groups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return []
  const found: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const ipv4 = isEnd && index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined
    if (ipv4) found.push((ipv4[0]! << 8) | ipv4[1]!, (ipv4[2]! << 8) | ipv4[3]!)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) found.push(Number.parseInt(part, 16))
    else return undefined
  }
  return found
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups shortened. */
function formatIpv6(ip: Uint8Array): string {
  const all = Array.from({ length: 8 }, (_, index) => (ip[2 * index]! << 8) | ip[2 * index + 1]!)
  let best = { start: 0, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && all[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = (from: number, to: number): string =>
    all
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return best.length < 2 ? hex(0, 8) : `${hex(0, best.start)}::${hex(best.start + best.length, 8)}`
}
