/** What TLS is told: dskit's `tls-*` options (kv spec 5.5, 7.1) and two of our own. */

/** TLS versions by the names that Node.js has for them. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

/** {@link TlsVersion} in rising order. */
export const tlsVersions: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/**
 * One configuration for both roles: every member dials and is dialled. Each of certificate, key and authorities is given
 * as a file or as PEM text, not both; an empty text is as good as nothing. Files that change on disk are read again for
 * the next handshake; what cannot be used then is told as `tls-failed`, counted, and the former ones stay in use.
 */
export interface TlsOptions {
  /** File with the certificate and its intermediates. Without one nobody can dial this member. */
  readonly certPath?: string
  /** File with the private key of `certPath`, not encrypted. */
  readonly keyPath?: string
  /** File with the authorities that others are verified against. Default: the roots that Node.js trusts. */
  readonly caPath?: string
  /** Instead of `certPath`. */
  readonly cert?: string | Uint8Array
  /** Instead of `keyPath`. */
  readonly key?: string | Uint8Array
  /** Instead of `caPath`. */
  readonly ca?: string | Uint8Array
  /**
   * Name that certificates of dialled members must have, and that is sent as SNI. Default: the IP address that is
   * dialled, which is never sent as SNI.
   */
  readonly serverName?: string
  /** Take any certificate of a dialled member. Default false. */
  readonly insecureSkipVerify?: boolean
  /** Default `TLSv1.2`, as Go. */
  readonly minVersion?: TlsVersion
  /** Go's names, such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`; those of TLS 1.3 are always there. Default: Node's. */
  readonly cipherSuites?: readonly string[]
  /** `require`: whoever dials must have a certificate of one of the authorities (mutual TLS). Default `none`, as dskit. */
  readonly clientAuth?: 'none' | 'require'
}

/** Something wrong with one option. */
export interface TlsProblem {
  /** Name of the option, such as `keyPath`. */
  readonly path: string
  readonly message: string
}
