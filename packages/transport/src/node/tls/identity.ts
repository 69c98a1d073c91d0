/** The TLS side of one transport: its context, kept fresh, and whom it trusts. */

import { isIP } from 'node:net'
import type { SecureContext } from 'node:tls'
import { TransportError } from '../../transport.ts'
import { canonicalIp } from '../address.ts'
import { fileStamp, hasPart } from './material.ts'
import type { TlsOptions, TlsProblem } from './options.ts'
import { loadTls } from './problems.ts'

/** What a transport is in TLS: one identity for both roles (kv spec 5.5). */
export class TlsIdentity {
  /** Changed files that were taken over. */
  reloads = 0
  /** Changed files that could not be used. */
  reloadErrors = 0
  readonly #options: TlsOptions
  readonly #onBrokenReload: (detail: string) => void
  #stamp: string
  #context: SecureContext

  /** Reads the files. Throws {@link TransportError} `TLS_INVALID` with every problem there is. */
  constructor(options: TlsOptions, onBrokenReload: (detail: string) => void) {
    this.#options = options
    this.#onBrokenReload = onBrokenReload
    // Before reading, so that a file that changes meanwhile is read again.
    this.#stamp = fileStamp(options)
    const { context, problems } = loadTls(options)
    if (context === undefined) throw new TransportError('TLS_INVALID', `TLS cannot be used: ${list(problems)}.`)
    this.#context = context
  }

  /** For the next handshake; made anew when a file has changed. A file system call for each file. */
  context(): SecureContext {
    const stamp = fileStamp(this.#options)
    if (stamp !== this.#stamp) {
      this.#stamp = stamp
      this.#reload()
    }
    return this.#context
  }

  get hasCertificate(): boolean {
    return hasPart(this.#options, 'cert')
  }

  get verifiesServers(): boolean {
    return this.#options.insecureSkipVerify !== true
  }

  get verifiesClients(): boolean {
    return this.#options.clientAuth === 'require'
  }

  get minVersion(): string {
    return this.#options.minVersion ?? 'TLSv1.2'
  }

  /** Whom certificates are verified against, in words. */
  get trusted(): string {
    const { ca, caPath } = this.#options
    if (ca !== undefined && ca !== '') return 'the given ca'
    return caPath ? `caPath (${caPath})` : 'among the roots of Node.js; give caPath'
  }

  /** The name that the certificate of whoever is dialled at `ip` must have. */
  expectedName(ip: string): string {
    const { serverName = '' } = this.#options
    return serverName === '' ? ip : (canonicalIp(serverName) ?? serverName)
  }

  /** What is sent as SNI: never an IP address (RFC 6066, 3). */
  sni(ip: string): string | undefined {
    const name = this.expectedName(ip)
    return isIP(name) === 0 ? name : undefined
  }

  #reload(): void {
    const { context, problems } = loadTls(this.#options)
    if (context === undefined) {
      this.reloadErrors++
      this.#onBrokenReload(`the changed TLS files are not used: ${list(problems)}`)
    } else {
      this.reloads++
      this.#context = context
    }
  }
}

const list = (problems: readonly TlsProblem[]) => problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
