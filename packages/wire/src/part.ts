import type { PacketMessage } from './message.ts'
import { encodedSize, encodeMessage } from './messages/index.ts'

/**
 * One message on its way into a packet. Its exact encoded size is known before its bytes exist, so budgets are
 * exact; its bytes are made once, when first asked for, so sending it again costs nothing. The simulator passes
 * parts by reference and never asks.
 */
export class Part {
  readonly message: PacketMessage
  #sizeBytes = -1
  #bytes: Uint8Array | undefined

  constructor(message: PacketMessage) {
    this.message = message
  }

  /** Exact size of {@link bytes}, the type byte included. */
  get sizeBytes(): number {
    if (this.#sizeBytes < 0) this.#sizeBytes = this.#bytes?.length ?? encodedSize(this.message)
    return this.#sizeBytes
  }

  /** The encoded message, type byte first. The same array each time: read only. */
  get bytes(): Uint8Array {
    this.#bytes ??= encodeMessage(this.message)
    return this.#bytes
  }
}
