/** Certificates made for one run of the tests: an authority, members it vouches for, and an authority nobody trusts. */
import { generate } from 'selfsigned'

/** A certificate and its key, both PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** What a certificate says. */
export interface CertificateWish {
  readonly name: string
  /** Subject alternative names of type IP address. Default 127.0.0.1 and ::1. */
  readonly ips?: readonly string[]
  /** Subject alternative names of type DNS. Default none. */
  readonly names?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** Signs certificates. */
export interface Authority extends Certificate {
  issue(wish: CertificateWish): Promise<Certificate>
}

const hourMs = 3_600_000

/** A new authority with a key of its own. */
export async function authority(name: string): Promise<Authority> {
  const made = await make(name, {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  })
  return {
    ...made,
    issue: ({ name: subject, ips = ['127.0.0.1', '::1'], names = [], notBefore, notAfter }) =>
      make(subject, {
        ca: made,
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          ...alternativeNames(ips, names),
        ],
        ...(notBefore === undefined ? {} : { notBeforeDate: notBefore }),
        ...(notAfter === undefined ? {} : { notAfterDate: notAfter }),
      }),
  }
}

function alternativeNames(ips: readonly string[], names: readonly string[]): Extensions {
  if (ips.length + names.length === 0) return []
  const altNames = [
    ...ips.map((ip) => ({ type: 7 as const, ip })),
    ...names.map((value) => ({ type: 2 as const, value })),
  ]
  return [{ name: 'subjectAltName', altNames }]
}

type Options = NonNullable<Parameters<typeof generate>[1]>
type Extensions = NonNullable<Options['extensions']>

async function make(name: string, options: Options): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // An hour ago, so that a clock that is set meanwhile changes nothing.
    notBeforeDate: new Date(Date.now() - hourMs),
    notAfterDate: new Date(Date.now() + 24 * hourMs),
    ...options,
  })
  return { cert: made.cert, key: made.private }
}
