/** `ip:port` taken apart. */

/** Host without brackets, and port; 0 when there is none. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(address) ?? []
  return { host: bracketed ?? plain ?? address, port: Number(port ?? 0) }
}
