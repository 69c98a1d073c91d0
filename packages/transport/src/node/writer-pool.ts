/** Which packets are being written, which wait for a writer, and which are given up (kv spec 5.2). */

import type { Address, TransportDropReason } from '../transport.ts'

/** Bounds of one lane's pool. */
export interface WriterPoolLimits {
  /** Packets being dialled or written at one time; at least 1. dskit's default is 3. */
  readonly maxConcurrentWrites: number
  /** How long a packet may wait for a writer before it is dropped as `no-writer`. dskit's default is 250 ms. */
  readonly acquireWriterTimeoutMs: number
  /** Packets that may wait; more are dropped as `queue-full`. */
  readonly maxWaitingPackets: number
  /** Bytes that may wait. */
  readonly maxWaitingBytes: number
  /** For how long a peer whose last dial failed counts as slow. */
  readonly slowPeerMs: number
}

/** What a pool needs from outside. */
export interface WriterPoolSystem {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls `run` once, later; the result prevents it. */
  schedule(delayMs: number, run: () => void): () => void
  /** Dial, write, and report: `connected` once dialled, `done` once over. Neither is called from inside. */
  write(packet: WaitingPacket, connected: () => void, done: (dialled: boolean) => void): void
  dropped(reason: TransportDropReason, peer: Address, detail: string): void
}

/** A packet on its way to a writer. */
export interface WaitingPacket {
  readonly to: Address
  readonly payload: Uint8Array
}

/** Slow peers that are remembered; the one that failed first is forgotten first. */
const MAX_SLOW_PEERS = 1024

/**
 * The writers of one lane. Two rules keep dead peers from taking all of them, both invisible on the wire:
 *
 * - single flight: to one peer only one dial at a time; later packets to it wait without a writer;
 * - skip-ahead: peers whose last dial failed share half of the writers, rounded down but at least one; a packet to any
 *   other peer overtakes what waits for them.
 *
 * So three writers stuck in dials to three dead peers happen once, and then one is.
 */
export class WriterPool {
  readonly #limits: WriterPoolLimits
  readonly #system: WriterPoolSystem
  readonly #maxSlowDials: number
  readonly #waiting: (WaitingPacket & { readonly deadline: number })[] = []
  readonly #dialling = new Set<Address>()
  readonly #slowUntil = new Map<Address, number>()
  #waitingBytes = 0
  #writing = 0
  #slowDials = 0
  #cancelTimer: (() => void) | undefined
  #whenIdle: (() => void)[] = []

  constructor(limits: WriterPoolLimits, system: WriterPoolSystem) {
    this.#limits = { ...limits, maxConcurrentWrites: Math.max(1, limits.maxConcurrentWrites) }
    this.#system = system
    this.#maxSlowDials = Math.max(1, Math.floor(this.#limits.maxConcurrentWrites / 2))
  }

  /** Starts writing, queues or drops; never throws. */
  send(to: Address, payload: Uint8Array): void {
    const { maxWaitingPackets, maxWaitingBytes, acquireWriterTimeoutMs } = this.#limits
    const packet = { to, payload, deadline: this.#system.now() + acquireWriterTimeoutMs }
    if (this.#mayStart(to)) {
      this.#start(packet)
    } else if (this.#waiting.length >= maxWaitingPackets || this.#waitingBytes + payload.length > maxWaitingBytes) {
      this.#system.dropped('queue-full', to, `${this.#waiting.length} packets wait for a writer`)
    } else {
      this.#waiting.push(packet)
      this.#waitingBytes += payload.length
      this.#arm()
    }
  }

  /** Resolves when nothing is being written and nothing waits. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  /** Drops what waits as `closed`. What is being written is the business of whoever closes its sockets. */
  close(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    for (const packet of this.#waiting.splice(0)) this.#system.dropped('closed', packet.to, 'the transport closed')
    this.#waitingBytes = 0
    this.#tellIdle()
  }

  #mayStart(to: Address): boolean {
    return (
      this.#writing < this.#limits.maxConcurrentWrites &&
      !this.#dialling.has(to) &&
      (this.#slowDials < this.#maxSlowDials || !this.#isSlow(to))
    )
  }

  #start(packet: WaitingPacket): void {
    const { to } = packet
    const slow = this.#isSlow(to)
    this.#writing++
    this.#dialling.add(to)
    if (slow) this.#slowDials++
    let dialling = true
    const dialOver = () => {
      if (!dialling) return
      dialling = false
      this.#dialling.delete(to)
      if (slow) this.#slowDials--
    }
    const connected = () => {
      dialOver()
      this.#slowUntil.delete(to)
      this.#pump()
    }
    const done = (dialled: boolean) => {
      dialOver()
      if (!dialled) this.#markSlow(to)
      this.#writing--
      this.#pump()
      this.#tellIdle()
    }
    this.#system.write(packet, connected, done)
  }

  /** Gives every free writer the first waiting packet that may have it. */
  #pump(): void {
    for (let i = 0; i < this.#waiting.length && this.#writing < this.#limits.maxConcurrentWrites; ) {
      const packet = this.#waiting[i]!
      if (this.#mayStart(packet.to)) {
        this.#waiting.splice(i, 1)
        this.#waitingBytes -= packet.payload.length
        this.#start(packet)
      } else {
        i++
      }
    }
    this.#arm()
  }

  /** All wait equally long, so the first in the queue is the first to expire. */
  #arm(): void {
    const first = this.#waiting[0]
    if (first === undefined) {
      this.#cancelTimer?.()
      this.#cancelTimer = undefined
      return
    }
    if (this.#cancelTimer !== undefined) return
    this.#cancelTimer = this.#system.schedule(Math.max(0, first.deadline - this.#system.now()), () => {
      this.#cancelTimer = undefined
      this.#expire()
    })
  }

  #expire(): void {
    const now = this.#system.now()
    while (this.#waiting[0] !== undefined && this.#waiting[0].deadline <= now) {
      const { to, payload } = this.#waiting.shift()!
      this.#waitingBytes -= payload.length
      this.#system.dropped('no-writer', to, `no writer was free for ${this.#limits.acquireWriterTimeoutMs} ms`)
    }
    this.#arm()
    this.#tellIdle()
  }

  #isSlow(to: Address): boolean {
    const until = this.#slowUntil.get(to)
    if (until === undefined) return false
    if (until > this.#system.now()) return true
    this.#slowUntil.delete(to)
    return false
  }

  #markSlow(to: Address): void {
    this.#slowUntil.delete(to)
    if (this.#slowUntil.size >= MAX_SLOW_PEERS) this.#slowUntil.delete(this.#slowUntil.keys().next().value as Address)
    this.#slowUntil.set(to, this.#system.now() + this.#limits.slowPeerMs)
  }

  #isIdle(): boolean {
    return this.#writing === 0 && this.#waiting.length === 0
  }

  #tellIdle(): void {
    if (this.#isIdle()) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
