/** A network inside one process: the double of the real ones in tests, demos and simulations. */

import { realSchedule, type Schedule } from '../system.ts'
import type { Address, Transport } from '../transport.ts'
import { Links, type WireOptions } from './links.ts'
import { seededRandom } from './random.ts'
import { MemoryTransport, type MemoryWires } from './transport.ts'

export type { Delay, WireOptions } from './links.ts'
export { seededRandom } from './random.ts'

/** Options of {@link memoryNetwork}; those of its wires hold for each that is given none of its own. */
export interface MemoryNetworkOptions extends WireOptions {
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
  /** Packets, and copies, that were held back by chance. */
  readonly reordered: number
  /** Lost because the way was cut when they should have arrived. */
  readonly cut: number
  /** Sent to an address where nobody listened when they arrived. */
  readonly unclaimed: number
}

/** Options of one transport on a memory network. */
export interface MemoryTransportOptions {
  /** Default: the next free one of `10.0.0.1:7946`, `10.0.0.2:7946` and so on. */
  readonly address?: Address
  /** Whom to listen to, by IP: see `BindOptions`. Default: everybody. */
  readonly allows?: (ip: string) => boolean
}

/** A network inside one process. */
export interface MemoryNetwork {
  /** A transport on this network. Without an address it gets `10.0.0.1:7946`, `10.0.0.2:7946` and so on. */
  transport(options?: Address | MemoryTransportOptions): Transport
  /** From now on the wire from `from` to `to` has options of its own, in place of any former ones. The other way has not. */
  wire(from: Address, to: Address, options: WireOptions): void
  /** From now on nothing gets from `from` to `to`: packets are lost, streams stall. Unless `both`, the other way works. */
  cut(from: Address, to: Address, ways?: 'one' | 'both'): void
  /** Undoes `cut`, or with no arguments every cut. What stalled goes on. */
  heal(from?: Address, to?: Address, ways?: 'one' | 'both'): void
  stats(): MemoryNetworkStats
}

/** Makes a network. Carries bytes, copied, never objects; delivers never from inside a call. */
export function memoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const links = new Links({
    ...options,
    random: options.random ?? seededRandom(),
    schedule: options.schedule ?? realSchedule,
  })
  const members = new Map<Address, MemoryTransport>()
  const stats = { sent: 0, delivered: 0, lost: 0, duplicated: 0, reordered: 0, cut: 0, unclaimed: 0 }
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
      const copies = links.copies(from, to)
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
        const heldBackMs = links.heldBackMs(from, to)
        if (heldBackMs > 0) stats.reordered++
        links.later(from, to, () => arrive(bytes), heldBackMs)
      }
    },
  }
  const nextAddress = addresses()
  return {
    transport(wanted) {
      const { address, allows }: MemoryTransportOptions =
        typeof wanted === 'string' ? { address: wanted } : (wanted ?? {})
      return new MemoryTransport(address ?? nextAddress(members), options.packetBudgetBytes ?? 1400, wires, allows)
    },
    wire: (from, to, own) => links.setWire(from, to, own),
    cut(from, to, ways = 'one') {
      links.cut(from, to)
      if (ways === 'both') links.cut(to, from)
    },
    heal(from, to, ways = 'one') {
      if (from === undefined || to === undefined) return links.healAll()
      links.heal(from, to)
      if (ways === 'both') links.heal(to, from)
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
