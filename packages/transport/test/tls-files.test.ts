// Certificates in files: what is wrong with them is found at once, and what changes is taken over.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type TlsOptions, tcpTransport, tlsProblems } from '../src/index.ts'
import { authority, type Certificate } from './certificates.ts'
import { Recorder } from './recorder.ts'

const ca = await authority('Test authority')
const [first, second] = [await ca.issue({ name: 'first' }), await ca.issue({ name: 'second' })]

let folder = ''
const open: (() => unknown)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearsay-tls-'))
})
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
  rmSync(folder, { recursive: true })
})

const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const files = ({ cert, key }: Certificate, authorities = ca.cert): TlsOptions => ({
  certPath: file('cert.pem', cert),
  keyPath: file('key.pem', key),
  caPath: file('ca.pem', authorities),
})
const until = (condition: () => void | Promise<void>) => vi.waitFor(condition, { timeout: 10_000, interval: 5 })

describe('tlsProblems', () => {
  it('has nothing to say about what works, empty texts included', () => {
    expect(tlsProblems({ ...files(first), serverName: '', cert: '', cipherSuites: [] })).toEqual([])
    expect(tlsProblems({ ...first, ca: Buffer.from(ca.cert), clientAuth: 'require', minVersion: 'TLSv1.3' })).toEqual(
      [],
    )
    expect(tlsProblems({})).toEqual([])
  })

  it('finds everything at once, by option', () => {
    const missing = join(folder, 'missing.pem')
    expect(
      tlsProblems({
        certPath: missing,
        keyPath: file('key.pem', 'no key'),
        caPath: folder,
        minVersion: 'VersionTLS12' as never,
        cipherSuites: ['TLS_NONSENSE', 'TLS_AES_128_GCM_SHA256', 'TLS_RSA_WITH_RC4_128_SHA'],
        clientAuth: 'maybe' as never,
        insecureSkipVerify: 'yes' as never,
      }),
    ).toEqual([
      { path: 'certPath', message: `there is no file ${missing}` },
      { path: 'keyPath', message: 'there is no private key in PEM in it' },
      { path: 'caPath', message: `${folder} cannot be read (EISDIR)` },
      { path: 'minVersion', message: 'must be one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, not "VersionTLS12"' },
      { path: 'cipherSuites', message: expect.stringMatching(/"TLS_NONSENSE" is no cipher suite/) },
      { path: 'cipherSuites', message: 'this Node.js no longer has TLS_RSA_WITH_RC4_128_SHA' },
      { path: 'insecureSkipVerify', message: 'must be true or false, not "yes"' },
      { path: 'clientAuth', message: 'must be none or require, not "maybe"' },
    ])
  })

  it.each([
    ['a certificate without its key', { cert: first.cert }, 'keyPath', /^is missing/],
    ['a key without its certificate', { key: first.key }, 'certPath', /^is missing/],
    ['a key of another certificate', { cert: first.cert, key: second.key }, 'key', /^is not the key of/],
    ['a text that is no certificate', { cert: 'hello', key: first.key }, 'cert', /no certificate in PEM/],
    ['a key where a certificate should be', { cert: first.key, key: first.key }, 'cert', /no certificate in PEM/],
    ['a damaged certificate', { cert: damage(first.cert), key: first.key }, 'cert', /^certificate 1 of 1 .* damaged/],
    ['a damaged authority after a good one', { ca: ca.cert + damage(ca.cert) }, 'ca', /^certificate 2 of 2/],
    ['a damaged key', { cert: first.cert, key: damage(first.key) }, 'key', /damaged/],
    ['text and file at once', { ca: ca.cert, caPath: 'ca.pem' }, 'ca', /not both/],
    ['clients verified against the whole world', { ...first, clientAuth: 'require' as const }, 'caPath', /^is missing/],
  ] as const)('finds %s', (_what, options, path, message) => {
    expect(tlsProblems(options)).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  it('reads no file that is too large to be one', () => {
    expect(tlsProblems({ caPath: file('big.pem', ca.cert + ' '.repeat(1024 * 1024)) })).toMatchObject([
      { path: 'caPath', message: expect.stringMatching(/more than 1048576 bytes/) },
    ])
  })

  it('is what listening is refused with', async () => {
    const transport = tcpTransport({
      bindAddress: '127.0.0.1',
      bindPort: 0,
      tls: { cert: first.cert, minVersion: 'x' as never },
    })
    await expect(transport.listen(new Recorder())).rejects.toMatchObject({
      code: 'TLS_INVALID',
      message: expect.stringMatching(/keyPath: is missing.*minVersion: must be one of/),
    })
    await transport.close()
  })
})

describe('files that change', () => {
  async function start(tls: TlsOptions) {
    const transport = tcpTransport({ bindAddress: '127.0.0.1', bindPort: 0, tls })
    const seen = new Recorder()
    const { bound } = await transport.listen(seen)
    open.push(() => transport.close())
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ port: Number(bound.split(':')[1]), host: '127.0.0.1', ca: ca.cert }, () => {
          const name = String(socket.getPeerCertificate().subject.CN)
          // Hanging up before the server has seen the end of the handshake would be a failure of its own.
          socket
            .resume()
            .once('close', () => resolve(name))
            .end()
        })
        socket.on('error', reject)
      })
    const reloads = () => {
      const { tls_reloads_total, tls_reload_errors_total } = transport.stats().detail ?? {}
      return [tls_reloads_total, tls_reload_errors_total]
    }
    return { transport, seen, bound, shown, reloads }
  }

  it('are used for the next handshake', async () => {
    const { shown, reloads } = await start(files(first))
    expect([await shown(), await shown(), reloads()]).toEqual(['first', 'first', [0, 0]])
    files(second)
    expect([await shown(), await shown(), reloads()]).toEqual(['second', 'second', [1, 0]])
  })

  it('are not used while they are broken, which is said once, and are when they are whole', async () => {
    const { shown, reloads, seen } = await start(files(first))
    file('key.pem', second.key)
    expect([await shown(), await shown(), reloads()]).toEqual(['first', 'first', [0, 1]])
    await until(() =>
      expect(seen.drops).toEqual([
        {
          reason: 'tls-failed',
          peer: undefined,
          detail: 'the changed TLS files are not used: keyPath: is not the key of the certificate in certPath',
        },
      ]),
    )
    file('cert.pem', second.cert)
    expect([await shown(), reloads()]).toEqual(['second', [1, 1]])
    rmSync(join(folder, 'cert.pem'))
    expect([await shown(), reloads()]).toEqual(['second', [1, 2]])
  })

  it('change whom we trust, too', async () => {
    const [a, b] = [await start(files(first)), await start({ ...second, ca: ca.cert })]
    const dial = () => a.transport.dial(b.bound, { timeoutMs: 10_000 })
    ;(await dial()).destroy()
    file('ca.pem', (await authority('Foreign authority')).cert)
    await expect(dial()).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: `the certificate of ${b.bound} is signed by an authority that is not in caPath (${join(folder, 'ca.pem')}).`,
    })
    file('ca.pem', ca.cert)
    ;(await dial()).destroy()
  })
})

/** Still PEM, and no longer what it was. */
function damage(pem: string): string {
  return pem.replace(/^(-----BEGIN [A-Z ]+-----\n).{20}/, '$1AAAAAAAAAAAAAAAAAAAA')
}
