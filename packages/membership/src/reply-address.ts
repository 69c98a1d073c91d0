/** Where answers go, and whose claims are heard. */
import { formatAddress, type Ping, parseAddress } from '@hearsay/wire'
import type { Context } from './context.ts'
import { NOBODY } from './peer-table.ts'

/**
 * Where an answer goes: to the address the request names, if it may be believed (DIV-21), else to where it came from;
 * `undefined` when it names what is no address.
 */
export function replyAddress(
  { policy, table }: Context,
  request: Pick<Ping, 'sourceAddress' | 'sourcePort'>,
  from: string,
): string | undefined {
  const { sourceAddress, sourcePort } = request
  if (sourceAddress === null || sourceAddress.length === 0 || sourcePort === 0) return from
  // An address that cannot be sent to is no reason to send elsewhere (wire spec P35).
  if (sourceAddress.length !== 4 && sourceAddress.length !== 16) return undefined
  const named = formatAddress(sourceAddress, sourcePort)
  if (!policy.verifyReplyAddress || hostOf(named) === hostOf(from)) return named
  return table.findEndpoint(named) === NOBODY ? from : named
}

/** Whether alives are taken from a packet of this address (wire spec P48). */
export function mayClaim({ isAllowed }: Context, from: string): boolean {
  if (!isAllowed) return true
  const source = parseAddress(from)
  return source !== undefined && isAllowed(source.ip)
}

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'))
