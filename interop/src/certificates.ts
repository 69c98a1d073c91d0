/** Certificates of a test cluster as files, in dskit's flags and in our option. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsOptions } from '@hearsay/transport'
import { type Authority, authority, type CertificateWish } from '../../packages/transport/test/certificates.ts'
import type { DskitFlags } from './dskit-peer.ts'

/** The files of one member. Disposing of it removes them. */
export interface MemberFiles {
  readonly tls: TlsOptions
  readonly flags: DskitFlags
  [Symbol.dispose](): void
}

/** A member with a certificate of `issuer` for 127.0.0.1, unless `wish` says otherwise, that trusts `trusted`. */
export async function member(
  trusted: Authority,
  issuer: Authority = trusted,
  wish: CertificateWish = { name: 'member' },
): Promise<MemberFiles> {
  return files(trusted, await issuer.issue(wish))
}

/** A member that has no certificate. */
export const nameless = (trusted: Authority): MemberFiles => files(trusted, undefined)

/** The cluster's authority, and a foreign one. */
export const authorities = (): Promise<[Authority, Authority]> =>
  Promise.all([authority('Cluster authority'), authority('Foreign authority')])

function files(trusted: Authority, own: { cert: string; key: string } | undefined): MemberFiles {
  const folder = mkdtempSync(join(tmpdir(), 'hearsay-interop-tls-'))
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const tls = {
    caPath: file('ca.pem', trusted.cert),
    ...(own === undefined ? {} : { certPath: file('cert.pem', own.cert), keyPath: file('key.pem', own.key) }),
  }
  return {
    tls,
    flags: {
      'tls-enabled': true,
      'tls-ca-path': tls.caPath,
      ...('certPath' in tls ? { 'tls-cert-path': tls.certPath, 'tls-key-path': tls.keyPath } : {}),
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
