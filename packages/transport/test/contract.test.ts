// The kit on every transport of this package.
import { describe, it } from 'vitest'
import { transportContract } from '../src/contract.ts'
import { memoryNetwork, tcpTransport, udpTcpTransport } from '../src/index.ts'

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
