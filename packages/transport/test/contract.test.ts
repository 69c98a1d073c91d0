// The kit on every transport of this package.
import { describe, it } from 'vitest'
import { transportContract } from '../src/contract.ts'
import { type BindOptions, memoryNetwork, tcpTransport, udpTcpTransport } from '../src/index.ts'
import { hasIpv6 } from './ipv6.ts'

const loopback = { bindAddress: '127.0.0.1', bindPort: 0 }
const nothing = async () => {}

describe('in-memory', () => {
  transportContract(
    async () => {
      const network = memoryNetwork()
      return { a: network.transport(), b: network.transport(), cleanup: nothing }
    },
    { describe, it },
  )
})

describe('in-memory, with delays that differ', () => {
  transportContract(
    async () => {
      let turn = 0
      const network = memoryNetwork({ delayMs: () => turn++ % 4 })
      return { a: network.transport(), b: network.transport(), cleanup: nothing }
    },
    { describe, it },
  )
})

describe('UDP and TCP', () => {
  transportContract(async () => ({ a: udpTcpTransport(loopback), b: udpTcpTransport(loopback), cleanup: nothing }), {
    describe,
    it,
  })
})

describe('TCP with dskit framing', () => {
  transportContract(async () => ({ a: tcpTransport(loopback), b: tcpTransport(loopback), cleanup: nothing }), {
    describe,
    it,
  })
})

const ipv6Pairs: Readonly<Record<string, readonly [BindOptions, BindOptions]>> = {
  'IPv6 loopback': [{ bindAddress: '::1' }, { bindAddress: '::1' }],
  'IPv4, one side bound to ::': [{ bindAddress: '::', advertiseAddress: '127.0.0.1' }, { bindAddress: '127.0.0.1' }],
  'IPv6, one side bound to 0.0.0.0 and ::': [
    { bindAddress: ['0.0.0.0', '::'], advertiseAddress: '::1' },
    { bindAddress: '::1' },
  ],
}

for (const [title, [a, b]] of Object.entries(ipv6Pairs))
  describe.skipIf(!hasIpv6)(title, () => {
    for (const [kind, make] of Object.entries({ 'UDP and TCP': udpTcpTransport, 'dskit framing': tcpTransport }))
      describe(kind, () => {
        transportContract(
          async () => ({ a: make({ bindPort: 0, ...a }), b: make({ bindPort: 0, ...b }), cleanup: nothing }),
          { describe, it },
        )
      })
  })
