// The kit over TLS, with one-sided and with mutual authentication.
import { describe, it } from 'vitest'
import { transportContract } from '../src/contract.ts'
import { type TlsOptions, tcpTransport } from '../src/index.ts'
import { authority } from './certificates.ts'

const ca = await authority('Test authority')
const [alice, bob] = [await ca.issue({ name: 'alice' }), await ca.issue({ name: 'bob' })]
const loopback = { bindAddress: '127.0.0.1', bindPort: 0 }

const cases: Readonly<Record<string, TlsOptions>> = {
  'TLS 1.3': { minVersion: 'TLSv1.3' },
  'mutual TLS': { clientAuth: 'require' },
}

for (const [title, options] of Object.entries(cases))
  describe(`TCP with dskit framing over ${title}`, () => {
    transportContract(
      async () => ({
        a: tcpTransport({ ...loopback, tls: { ...alice, ca: ca.cert, ...options } }),
        b: tcpTransport({ ...loopback, tls: { ...bob, ca: ca.cert, ...options } }),
        cleanup: async () => {},
      }),
      { describe, it },
    )
  })
