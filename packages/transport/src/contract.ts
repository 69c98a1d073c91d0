/**
 * The laws of {@link Transport} as a test kit. It brings no test framework: hand it `describe` and `it` of vitest, jest or
 * `node:test`, and a function that makes two transports that can reach each other.
 */

import { describeDials } from './contract/dials.ts'
import type { ContractTest, MakeTransports } from './contract/kit.ts'
import { describeLife } from './contract/life.ts'
import { describePackets } from './contract/packets.ts'
import { describeStreams } from './contract/streams.ts'

export type { ContractTest, MakeTransports, TransportPair } from './contract/kit.ts'

/**
 * Declares one test for each law. `make` is called once a test, and gives two transports that have not listened yet; the
 * kit listens, closes both and then calls `cleanup`. The network between them must not lose or duplicate on purpose.
 *
 * ```ts
 * import { describe, it } from 'node:test'
 *
 * transportContract(async () => {
 *   const network = memoryNetwork()
 *   return { a: network.transport(), b: network.transport(), cleanup: async () => {} }
 * }, { describe, it })
 * ```
 */
export function transportContract(make: MakeTransports, test: ContractTest): void {
  describePackets(make, test)
  describeStreams(make, test)
  describeDials(make, test)
  describeLife(make, test)
}
