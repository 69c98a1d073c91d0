/** Dialling with TLS: whom the other side must be, and how it is checked. */

import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { type AddressParts, formatAddress } from '../address.ts'
import { wrongName } from './explain.ts'
import type { TlsIdentity } from './identity.ts'

/** Names in a certificate are the peer's words: no more of them than this gets into a sentence. */
const MAX_QUOTED_CHARS = 200

/** For the socket inside, to which they go on; the types do not know it. */
const socketOptions = { allowHalfOpen: true, noDelay: true }

/** A socket on its way; `secureConnect` comes once the peer is verified. Half-open allowed, without Nagle's delay. */
export function connectTls({ ip, port }: AddressParts, identity: TlsIdentity): TLSSocket {
  const servername = identity.sni(ip)
  return connect({
    host: ip,
    port,
    ...socketOptions,
    secureContext: identity.context(),
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: identity.verifiesServers,
    checkServerIdentity: (_host, certificate) =>
      nameFault(identity.expectedName(ip), certificate, formatAddress(ip, port)),
  })
}

function nameFault(name: string, certificate: PeerCertificate, address: string): Error | undefined {
  const { subjectaltname } = certificate
  // Node.js would fall back to the common name, as Go no longer does.
  if (subjectaltname !== undefined && checkServerIdentity(name, certificate) === undefined) return undefined
  const names = subjectaltname?.slice(0, MAX_QUOTED_CHARS) ?? 'nothing: it has no subject alternative names'
  const sentence = `the certificate of ${address} is not valid for the name ${name}, but for ${names}; give serverName, or such a certificate`
  return Object.assign(new Error(sentence), { code: wrongName })
}
