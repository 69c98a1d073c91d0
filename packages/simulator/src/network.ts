/** The network between simulated members: packets and streams, and everything that happens to them on the way. */
import type { Input } from '@hearsay/membership'
import type { Part } from '@hearsay/wire'
import { type Carrier, packetBytes } from './carrier.ts'
import { logNormal } from './delay.ts'
import { PacketFlight } from './flight.ts'
import type { Life } from './life.ts'
import { Blockade, type Ends, type Link, type LinkOptions, Links, listed } from './links.ts'
import type { SimNode } from './node.ts'
import type { Observers, PacketFate } from './observer.ts'
import { type Port, Ports } from './ports.ts'
import type { World } from './world.ts'

/** How every link is, unless it is told otherwise. */
export interface NetworkOptions extends LinkOptions {
  /** Packets that may wait for a member that does not run; further ones are lost. Default 512, as many small ones as Linux keeps. */
  readonly receiveQueue?: number
}

/** What was carried, and what became of it. */
export interface NetworkCounts {
  /** Packets that members sent. */
  sent: number
  /** … their bytes before compression, label and encryption included. */
  bytes: number
  lost: number
  cut: number
  duplicated: number
  reordered: number
  delivered: number
  /** Arrived where nobody listened. */
  nobody: number
  /** Lost because too many waited for a member that did not run; also counted as lost. */
  overflow: number
  streamsOpened: number
  streamsAnswered: number
  streamsRefused: number
  streamsFailed: number
  /** Streams that met a cut. */
  streamsCut: number
  /** Streams of which nothing moved on. */
  streamsStalled: number
}

const DEFAULT_RECEIVE_QUEUE = 512
const DEFAULT_REORDER_MS = 10

const byDefault: Link = {
  delay: logNormal({ medianMs: 0.25, p99Ms: 1 }),
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderByMs: DEFAULT_REORDER_MS,
}

/** Carries packets, and knows who can reach whom. Streams ask it. */
export class Network {
  readonly counts: NetworkCounts = {
    sent: 0,
    bytes: 0,
    lost: 0,
    cut: 0,
    duplicated: 0,
    reordered: 0,
    delivered: 0,
    nobody: 0,
    overflow: 0,
    streamsOpened: 0,
    streamsAnswered: 0,
    streamsRefused: 0,
    streamsFailed: 0,
    streamsCut: 0,
    streamsStalled: 0,
  }
  readonly receiveQueue: number
  readonly ports = new Ports()
  readonly #world: World
  readonly #observers: Observers
  readonly #carrier: Carrier
  readonly #nodes: readonly SimNode[]
  readonly #links: Links
  readonly #idle: PacketFlight[] = []

  /** Made by a cluster, of whose members `nodes` is the list. */
  constructor(
    world: World,
    observers: Observers,
    carrier: Carrier,
    nodes: readonly SimNode[],
    options: NetworkOptions = {},
  ) {
    this.#world = world
    this.#observers = observers
    this.#carrier = carrier
    this.#nodes = nodes
    const { receiveQueue, ...link } = options
    this.receiveQueue = receiveQueue ?? DEFAULT_RECEIVE_QUEUE
    this.#links = new Links({ ...byDefault, ...link })
  }

  /** Loses that share of the packets from some to others. The rule of a pair comes before the sender's, then the receiver's. */
  setLoss(from: Ends, to: Ends, loss: number): void {
    this.setLink(from, to, { loss })
  }

  /** Changes what is named of some links, and leaves the rest. With `all`, members that come later are meant, too. */
  setLink(from: Ends, to: Ends, options: LinkOptions): void {
    this.#links.set(from, to, options)
  }

  /** From now on nothing gets from some to others: packets are lost, streams wait. One way. */
  cut(from: Ends, to: Ends): void {
    this.#block(from, to, Blockade.cut, true)
  }

  /** Undoes `cut`. */
  mend(from: Ends, to: Ends): void {
    this.#block(from, to, Blockade.cut, false)
  }

  /** From now on members reach only those of their own group; whoever is in none is with the others in none. */
  partition(groups: readonly (readonly SimNode[])[]): void {
    this.#links.partition(groups)
  }

  /** Ends the partition and every cut. */
  heal(): void {
    this.#links.heal()
  }

  /** From now on streams from some to others are refused. */
  refuseStreams(from: Ends, to: Ends): void {
    this.#block(from, to, Blockade.refuse, true)
  }

  /** From now on streams from some to others stand, and nothing moves on them in that direction. */
  stallStreams(from: Ends, to: Ends): void {
    this.#block(from, to, Blockade.stall, true)
  }

  /** Undoes `refuseStreams` and `stallStreams`. What waited goes on. */
  freeStreams(from: Ends, to: Ends): void {
    this.#block(from, to, Blockade.refuse | Blockade.stall, false)
  }

  /** The place of an endpoint, whether somebody listens there or not. */
  port(endpoint: string): Port {
    return this.ports.at(endpoint)
  }

  /** Sends one packet from the life of a member. */
  send(from: Life, to: Port, parts: readonly Part[], checksum: boolean): void {
    const { counts } = this
    const sizeBytes = packetBytes(parts, checksum, this.#carrier.overheadBytes)
    counts.sent++
    counts.bytes += sizeBytes
    const { node } = from
    const receiver = to.life?.node
    this.tell(node, receiver, 'sent', parts)
    const { chance } = node
    const link = this.#links.between(node, receiver)
    if (link.loss > 0 && chance() < link.loss) {
      counts.lost++
      return this.tell(node, receiver, 'lost', parts)
    }
    const bytes = this.#carrier.pack(parts, checksum)
    if (link.duplicate > 0 && chance() < link.duplicate) {
      counts.duplicated++
      this.tell(node, receiver, 'duplicated', parts)
      this.#launch(from, to, link, parts, bytes, sizeBytes)
    }
    this.#launch(from, to, link, parts, bytes, sizeBytes)
  }

  /** A packet is at its end. */
  land(flight: PacketFlight): void {
    const { counts } = this
    const { from, to } = flight
    const receiver = to!.life
    if (receiver === undefined) {
      counts.nobody++
      this.tell(from!, undefined, 'nobody', flight.parts)
    } else if (!this.#links.isOpen && this.#links.isCut(from!.index, receiver.node.index)) {
      counts.cut++
      this.tell(from!, receiver.node, 'cut', flight.parts)
    } else if (receiver.hasRoom) {
      counts.delivered++
      this.tell(from!, receiver.node, 'delivered', flight.parts)
      // It may be read later, and goes back then.
      return receiver.receive(flight)
    } else {
      counts.lost++
      counts.overflow++
      this.tell(from!, receiver.node, 'lost', flight.parts)
    }
    this.release(flight)
  }

  /** The messages of a packet that is being read; afterwards it is no more. */
  read(flight: PacketFlight): Input {
    const messages = this.#carrier.unpack(flight.parts, flight.bytes)
    const from = flight.source!.endpoint
    this.release(flight)
    return { kind: 'packet', from, messages }
  }

  /** A flight that is over can be used for another packet. */
  release(flight: PacketFlight): void {
    flight.clear()
    this.#idle.push(flight)
  }

  isCut(from: SimNode, to: SimNode): boolean {
    return this.#links.isCut(from.index, to.index)
  }

  isBlocked(from: SimNode, to: SimNode, bit: number): boolean {
    return this.#links.isBlocked(from.index, to.index, bit)
  }

  /** Draws how long one piece of a stream takes. */
  streamDelayMs(from: SimNode, to: SimNode | undefined): number {
    return this.#links.between(from, to).delay(from.chance)
  }

  tell(from: SimNode, to: SimNode | undefined, fate: PacketFate, parts: readonly Part[]): void {
    this.#observers.packet(from, to, fate, parts, this.#world.now)
  }

  #launch(
    from: Life,
    to: Port,
    link: Link,
    parts: readonly Part[],
    bytes: Uint8Array | undefined,
    sizeBytes: number,
  ): void {
    const { chance } = from.node
    let delayMs = link.delay(chance)
    if (link.reorder > 0 && chance() < link.reorder) {
      this.counts.reordered++
      delayMs += chance() * link.reorderByMs
    }
    const flight = this.#idle.pop() ?? new PacketFlight(this)
    flight.board(from.node, from.port, to, parts, bytes, sizeBytes)
    this.#world.post(delayMs, flight)
  }

  #block(from: Ends, to: Ends, bit: number, on: boolean): void {
    const nodes = (ends: Ends): readonly SimNode[] => (ends === 'all' ? this.#nodes : listed(ends))
    this.#links.block(nodes(from), nodes(to), bit, on)
  }
}
