/** A network inside one process: the double of the real ones in tests, demos and simulations. */

import { realSchedule, type Schedule } from '../system.ts'
import type { Address, Transport } from '../transport.ts'
import { type Delay, Links } from './links.ts'
import { seededRandom } from './random.ts'
import { MemoryTransport, type MemoryWires } from './transport.ts'

export type { Delay } from './links.ts'
export { seededRandom } from './random.ts'

/** Options of {@link memoryNetwork}. */
export interface MemoryNetworkOptions {
  /** One way, for packets and for pieces of streams. Default 0: the next round of the event loop. */
  readonly delayMs?: Delay
  /** Probability that a packet is lost, 0 to 1. Default 0. Streams lose nothing. */
  readonly loss?: number
  /** Probability that a packet that is not lost arrives twice. Default 0. */
  readonly duplicate?: number
  /** Numbers from 0 to below 1. Default: {@link seededRandom} with seed 1, so that every run loses the same packets. */
  readonly random?: () => number
  /** Runs things later. Default: real timers; a simulation gives its own. */
  readonly schedule?: Schedule
  /** `packetBudgetBytes` of its transports. Default 1400, as over UDP. */
  readonly packetBudgetBytes?: number
}

/** What became of the packets of a memory network, so that a test can show that it saw what it claims. */
export interface MemoryNetworkStats {
  /** Handed over by transports. */
  readonly sent: number
  /** Given to a transport's handler; a duplicate counts twice. */
  readonly delivered: number
  /** Lost by chance. */
  readonly lost: number
  /** Packets that arrived twice by chance. */
  readonly duplicated: number
  /** Lost because the way was cut when they should have arrived. */
  readonly cut: number
  /** Sent to an address where nobody listened when they arrived. */
  readonly unclaimed: number
}

/** A network inside one process. */
export interface MemoryNetwork {
  /** A transport on this network. Without an address it gets `10.0.0.1:7946`, `10.0.0.2:7946` and so on. */
  transport(options?: Address | { readonly address?: Address }): Transport
  /** From now on nothing gets from `from` to `to`: packets are lost, streams stall. The other way is not touched. */
  cut(from: Address, to: Address): void
  /** Undoes `cut(from, to)`, or with no arguments every cut. What stalled goes on. */
  heal(from?: Address, to?: Address): void
  stats(): MemoryNetworkStats
}

/** Makes a network. Carries bytes, copied, never objects; delivers never from inside a call. */
export function memoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const links = new Links({
    delayMs: options.delayMs ?? 0,
    loss: options.loss ?? 0,
    duplicate: options.duplicate ?? 0,
    random: options.random ?? seededRandom(),
    schedule: options.schedule ?? realSchedule,
  })
  const members = new Map<Address, MemoryTransport>()
  const stats = { sent: 0, delivered: 0, lost: 0, duplicated: 0, cut: 0, unclaimed: 0 }
  const wires: MemoryWires = {
    links,
    at: (address) => members.get(address),
    claim(address, member) {
      if (members.has(address)) return false
      members.set(address, member)
      return true
    },
    release(address, member) {
      if (members.get(address) === member) members.delete(address)
    },
    carry(from, to, packet, over) {
      stats.sent++
      const copies = links.copies()
      if (copies === 0) stats.lost++
      if (copies === 2) stats.duplicated++
      let underWay = Math.max(1, copies)
      const arrive = (bytes: Uint8Array | undefined) => {
        if (--underWay === 0) over()
        if (bytes === undefined) return
        if (links.isCut(from, to)) return void stats.cut++
        const member = members.get(to)
        if (member === undefined) return void stats.unclaimed++
        stats.delivered++
        member.receivePacket(from, bytes)
      }
      if (copies === 0) links.later(from, to, () => arrive(undefined))
      for (let copy = 0; copy < copies; copy++) {
        // A copy of the bytes for each delivery: the receiver owns what it gets.
        const bytes = new Uint8Array(packet)
        links.later(from, to, () => arrive(bytes))
      }
    },
  }
  const nextAddress = addresses()
  return {
    transport(wanted) {
      const address = typeof wanted === 'string' ? wanted : wanted?.address
      return new MemoryTransport(address ?? nextAddress(members), options.packetBudgetBytes ?? 1400, wires)
    },
    cut: (from, to) => links.cut(from, to),
    heal(from, to) {
      if (from === undefined || to === undefined) links.healAll()
      else links.heal(from, to)
    },
    stats: () => ({ ...stats }),
  }
}

/** 10.0.0.1, 10.0.0.2, … on memberlist's port, passing over what is taken. */
function addresses(): (taken: ReadonlyMap<Address, unknown>) => Address {
  let count = 0
  return (taken) => {
    for (;;) {
      count++
      const address = `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}:7946`
      if (!taken.has(address)) return address
    }
  }
}
