/** Why a socket could not be bound, in a sentence. */

import type { Address } from '../transport.ts'
import { TransportError, type TransportErrorCode } from '../transport.ts'

/** The {@link TransportError} for what the system said when `address` was to be bound for `kind`. */
export function listenError(cause: unknown, kind: 'TCP' | 'UDP', address: Address): TransportError {
  const code = systemCode(cause)
  const [ours, sentence] = explain(code, kind, address)
  return new TransportError(ours, sentence, address, { cause })
}

/** `ECONNREFUSED` and its like, or the error's message when the system gave none. */
export function systemCode(cause: unknown): string {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? code : String(message ?? cause)
}

function explain(code: string, kind: 'TCP' | 'UDP', address: Address): [TransportErrorCode, string] {
  switch (code) {
    case 'EADDRINUSE':
      return [
        'ADDRESS_IN_USE',
        `${kind} address ${address} is in use: stop the process that has it, or give another bindPort (0 picks a free one).`,
      ]
    case 'EACCES':
    case 'EPERM':
      return [
        'PERMISSION_DENIED',
        `The system does not let this process bind ${kind} address ${address}: give a bindPort of 1024 or more, or the permission.`,
      ]
    case 'EAFNOSUPPORT':
      return [
        'ADDRESS_NOT_AVAILABLE',
        `This host has no IPv6, so ${kind} address ${address} cannot be bound: give an IPv4 bindAddress.`,
      ]
    case 'EADDRNOTAVAIL':
      return [
        'ADDRESS_NOT_AVAILABLE',
        `No interface of this host has the address of ${address} (${kind}): give a bindAddress that one has, or 0.0.0.0 for all.`,
      ]
    default:
      return ['ADDRESS_NOT_AVAILABLE', `${kind} address ${address} cannot be bound: ${code}.`]
  }
}
