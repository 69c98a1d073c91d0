/** A packet on its way. Used again and again: there are millions. */
import type { Part } from '@hearsay/wire'
import type { Task } from './event-heap.ts'
import type { Network } from './network.ts'
import type { SimNode } from './node.ts'
import type { Port } from './ports.ts'

const noParts: readonly Part[] = []

/** One copy of one packet. */
export class PacketFlight implements Task {
  from: SimNode | undefined
  /** Where it came from: the sender may live elsewhere when it arrives. */
  source: Port | undefined
  to: Port | undefined
  parts = noParts
  bytes: Uint8Array | undefined
  sizeBytes = 0
  readonly #network: Network

  constructor(network: Network) {
    this.#network = network
  }

  board(
    from: SimNode,
    source: Port,
    to: Port,
    parts: readonly Part[],
    bytes: Uint8Array | undefined,
    sizeBytes: number,
  ): void {
    this.from = from
    this.source = source
    this.to = to
    this.parts = parts
    this.bytes = bytes
    this.sizeBytes = sizeBytes
  }

  /** It arrives. */
  fire(): void {
    this.#network.land(this)
  }

  /** Holds on to nothing. */
  clear(): void {
    this.from = this.source = this.to = this.bytes = undefined
    this.parts = noParts
  }
}
