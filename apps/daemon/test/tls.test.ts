// Goal: dskit's TLS flags mean what they mean there, and what cannot work is refused at start by the flag that said it.
import { createNode, memoryNetwork, type Profile } from '@hearsay/node'
import { describe, expect, it } from 'vitest'
import { parseConfig, problemLines } from '../src/config.ts'
import { resolveFlags } from '../src/flags/flag.ts'
import { parseArguments } from '../src/flags/parse.ts'
import { flags } from '../src/flags/table.ts'
import { tlsOptions } from '../src/flags/tls.ts'
import { createLogger } from '../src/log.ts'
import { nodeOptions } from '../src/node-options.ts'

const logger = createLogger({ format: 'logfmt', level: 'error', write: () => {} })
const options = (...argv: string[]) => {
  const request = parseConfig(argv.map((flag) => `-memberlist.${flag}`))
  if (request.kind !== 'run')
    throw new Error(request.kind === 'invalid' ? problemLines(request.problems) : request.kind)
  return nodeOptions(request.config, logger)
}
/** What the flags mean, whether or not the files are there. */
const tlsOf = (...argv: string[]) => {
  const { assignments } = parseArguments(
    flags,
    argv.map((flag) => `-memberlist.${flag}`),
  )
  return tlsOptions(resolveFlags<Profile, typeof flags>(flags, assignments, 'mimir').values).tls
}
/** What a start is refused with, a line a problem. */
const refusal = (...argv: string[]): string[] => {
  const request = parseConfig(argv.map((flag) => `-memberlist.${flag}`))
  if (request.kind !== 'invalid') throw new Error('it would start')
  return problemLines(request.problems).trimEnd().split('\n')
}

const files = ['tls-cert-path=/nowhere/cert', 'tls-key-path=/nowhere/key', 'tls-ca-path=/nowhere/ca']

describe('TLS', () => {
  it('is off without tls-enabled, whatever else is given, as in dskit', async () => {
    expect(options()).not.toHaveProperty('tls')
    const given = options(...files, 'tls-min-version=VersionTLS13', 'tls-cipher-suites=NONSENSE')
    expect(given).not.toHaveProperty('tls')
    const node = await createNode({ ...given, transport: memoryNetwork() })
    await node.close()
  })

  it('follows every flag', () => {
    expect(tlsOf('tls-enabled')).toEqual({
      certPath: '',
      keyPath: '',
      caPath: '',
      serverName: '',
      insecureSkipVerify: false,
      cipherSuites: [],
      clientAuth: 'none',
    })
    const suites = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'
    const words = ['tls-server-name=member', 'tls-insecure-skip-verify', `tls-cipher-suites=${suites}`]
    expect(tlsOf('tls-enabled', ...files, ...words, 'tls-min-version=VersionTLS13', 'tls-client-auth=require')).toEqual(
      {
        certPath: '/nowhere/cert',
        keyPath: '/nowhere/key',
        caPath: '/nowhere/ca',
        serverName: 'member',
        insecureSkipVerify: true,
        cipherSuites: suites.split(','),
        minVersion: 'TLSv1.3',
        clientAuth: 'require',
      },
    )
    for (const [name, version] of [
      ['VersionTLS10', 'TLSv1'],
      ['VersionTLS11', 'TLSv1.1'],
      ['VersionTLS12', 'TLSv1.2'],
      ['', undefined],
    ])
      expect(tlsOf('tls-enabled', `tls-min-version=${name}`)?.minVersion).toBe(version)
    expect(() => options('tls-min-version=VersionSSL30')).toThrow(/^-memberlist\.tls-min-version: .*VersionTLS13/)
    expect(() => options('tls-client-auth=maybe')).toThrow(/^-memberlist\.tls-client-auth: .*none, require/)
  })

  it('needs the transport tcp', () => {
    expect(refusal('transport=udp', 'tls-enabled')).toEqual([
      expect.stringMatching(/^-memberlist\.tls-enabled: needs the transport tcp/),
      expect.stringMatching(/^-memberlist\.tls-cert-path: is missing/),
    ])
  })

  it('is refused with everything that is wrong, by flag', () => {
    expect(refusal('transport=tcp', 'tls-enabled', ...files, 'tls-cipher-suites=NONSENSE')).toEqual([
      '-memberlist.tls-cert-path: there is no file /nowhere/cert',
      '-memberlist.tls-key-path: there is no file /nowhere/key',
      '-memberlist.tls-ca-path: there is no file /nowhere/ca',
      expect.stringMatching(/^-memberlist\.tls-cipher-suites: "NONSENSE" is no cipher suite/),
    ])
    const others = refusal('transport=tcp', 'tls-enabled', ...files, 'encryption-key=abcd', 'protocol-version=9')
    expect(others.map((line) => line.split(':')[0])).toEqual(
      ['encryption-key', 'protocol-version', 'tls-cert-path', 'tls-key-path', 'tls-ca-path'].map(
        (flag) => `-memberlist.${flag}`,
      ),
    )
    const mutual = refusal('transport=tcp', 'tls-enabled', 'tls-client-auth=require')
    expect(mutual).toEqual([
      expect.stringMatching(/^-memberlist\.tls-ca-path: is missing/),
      expect.stringMatching(/^-memberlist\.tls-cert-path: is missing/),
    ])
  })
})
