/** Everything wrong with the TLS options, at once. */

import { createSecureContext, type SecureContext } from 'node:tls'
import { cipherList, cipherSuiteProblem } from './cipher-suites.ts'
import { hasPart, optionOf, readMaterial, type TlsMaterial } from './material.ts'
import { type TlsOptions, type TlsProblem, tlsVersions } from './options.ts'

/**
 * All problems of the options, each with the name of its option: files that cannot be read or hold no PEM, a key that is
 * not the certificate's, a certificate without key, unknown cipher suites, versions and words. Reads the files; never
 * throws.
 */
export function tlsProblems(options: TlsOptions): TlsProblem[] {
  return loadTls(options).problems
}

/** Reads the files and makes the context that both roles use; absent when there are problems. */
export function loadTls(options: TlsOptions): { context?: SecureContext; problems: TlsProblem[] } {
  const { material, problems } = readMaterial(options)
  problems.push(...settingProblems(options))
  if (problems.length > 0) return { problems }
  try {
    return { context: makeContext(options, material), problems }
  } catch (error) {
    const message = `cannot be used: ${(error as Error).message}`
    return { problems: [{ path: optionOf(options, 'cert'), message }] }
  }
}

function settingProblems(options: TlsOptions): TlsProblem[] {
  const problems: TlsProblem[] = []
  const problem = (path: string, message: string) => problems.push({ path, message })
  const { minVersion, cipherSuites, clientAuth, serverName, insecureSkipVerify } = options
  if (minVersion !== undefined && !tlsVersions.includes(minVersion))
    problem('minVersion', `must be one of ${tlsVersions.join(', ')}, not ${JSON.stringify(minVersion)}`)
  if (cipherSuites !== undefined && !Array.isArray(cipherSuites)) problem('cipherSuites', 'must be a list of names')
  else for (const name of cipherSuites ?? []) pushIf(problems, 'cipherSuites', cipherSuiteProblem(name))
  if (serverName !== undefined && typeof serverName !== 'string') problem('serverName', 'must be a text')
  if (insecureSkipVerify !== undefined && typeof insecureSkipVerify !== 'boolean')
    problem('insecureSkipVerify', `must be true or false, not ${JSON.stringify(insecureSkipVerify)}`)
  if (clientAuth !== undefined && !['none', 'require'].includes(clientAuth))
    problem('clientAuth', `must be none or require, not ${JSON.stringify(clientAuth)}`)
  // Otherwise whoever has a certificate of any public authority could come in.
  if (clientAuth === 'require' && !hasPart(options, 'ca'))
    problem('caPath', 'is missing: with clientAuth require it says whose certificates are accepted')
  return problems
}

function pushIf(problems: TlsProblem[], path: string, message: string | undefined): void {
  if (message !== undefined) problems.push({ path, message })
}

function makeContext(options: TlsOptions, material: TlsMaterial): SecureContext {
  const ciphers = cipherList(options.cipherSuites)
  return createSecureContext({
    ...material,
    minVersion: options.minVersion ?? 'TLSv1.2',
    ...(ciphers === undefined ? {} : { ciphers }),
    // Without one, OpenSSL fails resumed sessions of clients that were asked for a certificate.
    sessionIdContext: 'hearsay',
  })
}
