/** The last messages sent and received, for whoever looks into a store (kv spec 3.11). */
import type { UnixMs } from './contract.ts'
import type { Entry } from './entry.ts'
import { decodePair, type KvPair } from './frames.ts'
import type { QueuedPair } from './inbox.ts'
import type { KvBroadcast, KvEffect, PairChannel } from './input.ts'

/** A message that was sent or received. */
export interface KvMessage {
  /** One counter for both directions. */
  readonly id: number
  readonly at: UnixMs
  /** Of the pair. */
  readonly sizeBytes: number
  readonly pair: KvPair
  /** Received: of the key after the merge, 0 when nothing changed. Sent: what it reflects. */
  readonly version: number
  /** Names of the entries in a change; of what is sent in a whole state, none. */
  readonly names: readonly string[]
  readonly channel: PairChannel
}

/** Messages of both directions, oldest first. */
export interface KvMessages {
  readonly sent: readonly KvMessage[]
  readonly received: readonly KvMessage[]
}

/** What is told of a message. */
export type KvMessageFacts = Omit<KvMessage, 'id' | 'pair' | 'sizeBytes'> & { readonly pair: KvPair | Uint8Array }

/** Keeps messages within a bound of bytes for each direction; the oldest give way, and a single larger one is not kept. */
export class MessageHistory {
  readonly #maxBytes: number
  readonly #sent: Buffered = { messages: [], bytes: 0 }
  readonly #received: Buffered = { messages: [], bytes: 0 }
  #lastId = 0

  /** 0: nothing is kept. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether anything is kept. */
  get isOn(): boolean {
    return this.#maxBytes > 0
  }

  /** The bound, in bytes, of each direction. */
  get maxBytes(): number {
    return this.#maxBytes
  }

  get messages(): KvMessages {
    return { sent: [...this.#sent.messages], received: [...this.#received.messages] }
  }

  sent(facts: KvMessageFacts): void {
    this.#keep(this.#sent, facts)
  }

  received(facts: KvMessageFacts): void {
    this.#keep(this.#received, facts)
  }

  /** All pairs of a state that was made for a peer, without names. */
  sentState(entries: Iterable<Entry>, at: UnixMs): void {
    for (const entry of entries)
      this.sent({ at, pair: entry.pair, version: entry.version, names: [], channel: 'full-state' })
  }

  clear(): void {
    for (const buffered of [this.#sent, this.#received]) {
      buffered.messages.length = 0
      buffered.bytes = 0
    }
  }

  #keep(buffered: Buffered, { pair, ...facts }: KvMessageFacts): void {
    if (!this.isOn) return
    const decoded = pair instanceof Uint8Array ? decodePair(pair) : pair
    if (decoded === undefined) return
    const own = { ...decoded, value: decoded.value.slice() }
    const sizeBytes = own.key.length + own.value.length + own.codecId.length
    buffered.messages.push({ id: ++this.#lastId, sizeBytes, pair: own, ...facts })
    buffered.bytes += sizeBytes
    while (buffered.bytes > this.#maxBytes) buffered.bytes -= buffered.messages.shift()!.sizeBytes
  }
}

interface Buffered {
  readonly messages: KvMessage[]
  bytes: number
}

/** What to remember of a change that goes out. */
export const sentFacts = ({ payload, version, names }: KvBroadcast, at: UnixMs): KvMessageFacts => ({
  at,
  pair: payload,
  version,
  names,
  channel: 'broadcast',
})

/** What to remember of a pair that came in, by what became of it: its flags are those of the result (kv spec 3.11). */
export function receivedFacts({ pair, channel }: QueuedPair, effects: readonly KvEffect[], at: UnixMs): KvMessageFacts {
  const item = effects.find((effect) => effect.kind === 'broadcast')?.item
  if (item === undefined) return { at, pair, version: 0, names: [], channel }
  // What is passed on has the flags that the key has now.
  const { deleted, updateTimeMs } = decodePair(item.payload) ?? pair
  return { at, pair: { ...pair, deleted, updateTimeMs }, version: item.version, names: item.names, channel }
}
