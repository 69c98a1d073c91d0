/** Why a TLS handshake failed, in a sentence that names what differs. */

import { type Address, TransportError } from '../../transport.ts'
import { systemCode } from '../listen-error.ts'
import type { TlsIdentity } from './identity.ts'

/** The error for a dial that was connected and then failed in TLS. */
export function dialTlsError(to: Address, cause: unknown, identity: TlsIdentity): TransportError {
  const code = systemCode(cause)
  const sentence =
    (code === wrongName ? (cause as Error).message : undefined) ??
    certificateFault(code, `the certificate of ${to}`, identity) ??
    alertSentence(code, to, identity) ??
    handshakeFault(code, to, identity) ??
    (isHangUp(code)
      ? `${to} closed the connection during the TLS handshake: it may not speak TLS`
      : `the TLS handshake with ${to} failed: ${code}`)
  return new TransportError('TLS_FAILED', `${sentence}.`, to, { cause })
}

/**
 * The error of a dialled stream or packet connection that broke. In TLS 1.3 the dialler is done first, so what the peer
 * has against our certificate arrives when the handshake seems to be over. `heard`: the peer has sent something, so that
 * it had accepted us.
 */
export function afterDialError(to: Address, cause: Error, heard: boolean, identity: TlsIdentity): Error {
  const code = systemCode(cause)
  const sentence =
    alertSentence(code, to, identity) ??
    (!heard && isHangUp(code)
      ? `${to} closed the connection right after the TLS handshake: it may demand a client certificate of an authority that it trusts` +
        (identity.hasCertificate ? '' : ', and there is none (give certPath and keyPath)')
      : undefined)
  return sentence === undefined ? cause : new TransportError('TLS_FAILED', `${sentence}.`, to, { cause })
}

/** Why an accepted connection did not get through its handshake. */
export function acceptTlsDetail(code: string, identity: TlsIdentity): string {
  return (
    (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
      ? 'it offered no client certificate, and clientAuth is require'
      : undefined) ??
    certificateFault(code, 'its client certificate', identity) ??
    alertSentence(code, 'it', identity) ??
    handshakeFault(code, 'it', identity) ??
    (isHangUp(code) ? 'it closed the connection during the TLS handshake' : `the TLS handshake failed: ${code}`)
  )
}

/** The code of a certificate with another name. */
export const wrongName = 'ERR_TLS_CERT_ALTNAME_INVALID'

const isHangUp = (code: string) => code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED'

function certificateFault(code: string, whose: string, identity: TlsIdentity): string | undefined {
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'CERT_SIGNATURE_FAILURE':
    case 'CERT_UNTRUSTED':
      return `${whose} is signed by an authority that is not in ${identity.trusted}`
    case 'CERT_HAS_EXPIRED':
      return `${whose}, or the one of its authority, has expired`
    case 'CERT_NOT_YET_VALID':
      return `${whose}, or the one of its authority, is not valid yet; compare the clocks`
    case 'INVALID_PURPOSE':
      return `${whose} is not meant for this: its extended key usage must have server and client authentication`
    case 'INVALID_CA':
    case 'PATH_LENGTH_EXCEEDED':
      return `${whose} is signed by a certificate that may not sign others`
    default:
      return undefined
  }
}

/** What the other side said before it gave up. */
function alertSentence(code: string, who: string, identity: TlsIdentity): string | undefined {
  const alert = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_ALERT_(\w+)$/.exec(code)?.[1]
  switch (alert) {
    case undefined:
      return undefined
    case 'CERTIFICATE_REQUIRED':
      return `${who} demands a client certificate: give certPath and keyPath`
    case 'BAD_CERTIFICATE':
      // Go says so too when there was none, before TLS 1.3.
      return identity.hasCertificate
        ? `${who} refused our certificate`
        : `${who} demands a client certificate: give certPath and keyPath`
    case 'UNKNOWN_CA':
      return `${who} refused our certificate: its authority is not trusted there`
    case 'CERTIFICATE_EXPIRED':
      return `${who} refused our certificate: it has expired`
    case 'CERTIFICATE_UNKNOWN':
    case 'CERTIFICATE_REVOKED':
    case 'UNSUPPORTED_CERTIFICATE':
    case 'ACCESS_DENIED':
      return `${who} refused our certificate: ${words(alert)}`
    case 'PROTOCOL_VERSION':
      return `${who} accepts none of our TLS versions (${identity.minVersion} and later)`
    case 'HANDSHAKE_FAILURE':
      return (
        `${who} refused the TLS handshake: no cipher suite is common to both` +
        (identity.hasCertificate ? '' : ', or it demands a client certificate (certPath, keyPath)')
      )
    default:
      return `${who} refused the TLS handshake: ${words(alert)}`
  }
}

function handshakeFault(code: string, who: string, identity: TlsIdentity): string | undefined {
  switch (code) {
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_UNEXPECTED_MESSAGE':
    case 'ERR_SSL_BAD_RECORD_TYPE':
      return `${who} does not speak TLS`
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
    case 'ERR_SSL_NO_PROTOCOLS_AVAILABLE':
      return `${who} offers no TLS version that minVersion allows (${identity.minVersion} and later)`
    case 'ERR_SSL_NO_SHARED_CIPHER':
      return `${who} offers no cipher suite that is allowed here`
    default:
      return undefined
  }
}

const words = (alert: string) => alert.toLowerCase().replaceAll('_', ' ')
