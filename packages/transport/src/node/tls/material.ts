/** Certificate, key and authorities as PEM text, from files or as given. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { TlsOptions, TlsProblem } from './options.ts'

/** PEM texts; what was not given is absent. */
export interface TlsMaterial {
  readonly cert?: string
  readonly key?: string
  readonly ca?: string
}

type Part = keyof TlsMaterial
const parts: readonly Part[] = ['cert', 'key', 'ca']

/** A bundle of all public authorities has a quarter of this. */
const MAX_PEM_BYTES = 1024 * 1024

/** Reads and checks all parts. What has a problem is absent from the material. */
export function readMaterial(options: TlsOptions): { material: TlsMaterial; problems: TlsProblem[] } {
  const problems: TlsProblem[] = []
  const material: { -readonly [P in Part]?: string } = {}
  for (const part of parts) {
    try {
      const pem = readPart(options, part)
      if (pem !== undefined) material[part] = checked[part](pem)
    } catch (error) {
      problems.push({ path: optionOf(options, part), message: (error as Error).message })
    }
  }
  problems.push(...pairProblems(options, material))
  return { material, problems }
}

/** Changes whenever one of the files does. */
export function fileStamp(options: TlsOptions): string {
  return parts.map((part) => stampOf(pathOf(options, part))).join('|')
}

/** The option that a part came from, or would come from. */
export function optionOf(options: TlsOptions, part: Part): string {
  return isGiven(options[part]) ? part : `${part}Path`
}

/** True when the part was asked for, readable or not. */
export const hasPart = (options: TlsOptions, part: Part): boolean =>
  isGiven(options[part]) || isGiven(options[`${part}Path`])

const isGiven = (value: unknown): boolean => value !== undefined && value !== ''

const pathOf = (options: TlsOptions, part: Part): string | undefined =>
  isGiven(options[part]) ? undefined : options[`${part}Path`]

function readPart(options: TlsOptions, part: Part): string | undefined {
  const given: unknown = options[part]
  const path: unknown = options[`${part}Path`]
  if (isGiven(given) && isGiven(path)) throw new Error(`give ${part} or ${part}Path, not both`)
  if (isGiven(given)) {
    if (typeof given !== 'string' && !(given instanceof Uint8Array)) throw new Error('must be PEM text')
    return typeof given === 'string' ? given : Buffer.from(given).toString('latin1')
  }
  if (!isGiven(path)) return undefined
  if (typeof path !== 'string') throw new Error('must be the path of a file')
  return readPem(path)
}

function readPem(path: string): string {
  try {
    if (statSync(path).size <= MAX_PEM_BYTES) return readFileSync(path, 'latin1')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read (${code ?? error})`)
  }
  throw new Error(`${path} has more than ${MAX_PEM_BYTES} bytes, so it is no PEM file`)
}

/** Each returns its text, or throws a sentence about it. */
const checked: Readonly<Record<Part, (pem: string) => string>> = {
  cert: checkedCertificates,
  ca: checkedCertificates,
  key(pem) {
    if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem))
      throw new Error('the private key is encrypted; give it decrypted')
    if (!/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/.test(pem)) throw new Error('there is no private key in PEM in it')
    try {
      createPrivateKey(pem)
    } catch {
      throw new Error('the private key in it is damaged')
    }
    return pem
  },
}

function checkedCertificates(pem: string): string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new Error('there is no certificate in PEM in it')
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block)
    } catch {
      throw new Error(`certificate ${index + 1} of ${blocks.length} in it is damaged`)
    }
  }
  return pem
}

function pairProblems(options: TlsOptions, { cert, key }: TlsMaterial): TlsProblem[] {
  const [hasCert, hasKey] = [hasPart(options, 'cert'), hasPart(options, 'key')]
  if (hasCert && !hasKey)
    return [{ path: 'keyPath', message: 'is missing: a certificate is of no use without its key' }]
  if (hasKey && !hasCert)
    return [{ path: 'certPath', message: 'is missing: a key is of no use without its certificate' }]
  if (cert === undefined || key === undefined || new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    return []
  return [
    { path: optionOf(options, 'key'), message: `is not the key of the certificate in ${optionOf(options, 'cert')}` },
  ]
}

function stampOf(path: string | undefined): string {
  if (path === undefined || path === '') return ''
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true })
    return `${mtimeNs},${size},${ino}`
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable'
  }
}
