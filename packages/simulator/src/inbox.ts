/** What arrived at a process that does not run: it waits in the queues of its system. */
import { PacketFlight } from './flight.ts'

/** Something that comes on a stream, or from the application. */
export interface Parcel {
  readonly open: () => void
  /** The process ended before it was read. */
  readonly lost: (() => void) | undefined
}

/** Packets and parcels in order of arrival; packets are bounded. */
export class Inbox {
  #items: (PacketFlight | Parcel)[] = []
  #taken = 0
  #packetCount = 0
  readonly #packetLimit: number

  constructor(packetLimit: number) {
    this.#packetLimit = packetLimit
  }

  get isEmpty(): boolean {
    return this.#taken === this.#items.length
  }

  /** Whether one more packet may be put. */
  get hasRoom(): boolean {
    return this.#packetCount < this.#packetLimit
  }

  put(item: PacketFlight | Parcel): void {
    if (item instanceof PacketFlight) this.#packetCount++
    this.#items.push(item)
  }

  take(): PacketFlight | Parcel | undefined {
    const item = this.#items[this.#taken]
    if (item === undefined) return undefined
    this.#taken++
    if (item instanceof PacketFlight) this.#packetCount--
    if (this.isEmpty) {
      this.#items = []
      this.#taken = 0
    }
    return item
  }
}
