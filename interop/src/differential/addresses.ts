/** Addresses as members compare them. */

/** The 4 bytes of an IPv4 address that was mapped into 16; any other as it is. */
export const canonical = (address: Uint8Array): Uint8Array =>
  address.length === 16 &&
  address.subarray(0, 10).every((byte) => byte === 0) &&
  address[10] === 255 &&
  address[11] === 255
    ? address.subarray(12)
    : address

/** The same bytes. */
export const sameBytes = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  Buffer.compare(a ?? new Uint8Array(0), b ?? new Uint8Array(0)) === 0

/** The same address, in whatever form. */
export const sameIp = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  sameBytes(a && canonical(a), b && canonical(b))
