/**
 * Every record, reached by a dense integer index, by name, or by endpoint. The local member is always at index 0 and is
 * never removed (DIV-39).
 */
import { isLive, type Peer } from './record.ts'

/** Records by index. Removing one moves the last into its place, so that indices stay dense. */
export class PeerTable {
  readonly #peers: Peer[] = []
  readonly #byName = new Map<string, number>()
  readonly #byEndpoint = new Map<string, Peer>()
  #liveCount = 0

  /** Number of records, the local one, dead and left ones included: the n of every log-scaled formula. */
  get size(): number {
    return this.#peers.length
  }

  /** Number of records that are alive or suspect, the local one included. */
  get liveCount(): number {
    return this.#liveCount
  }

  at(index: number): Peer {
    return this.#peers[index]!
  }

  get(name: string): Peer | undefined {
    const index = this.#byName.get(name)
    return index === undefined ? undefined : this.#peers[index]
  }

  /** The record last known at this endpoint. */
  atEndpoint(endpoint: string): Peer | undefined {
    return this.#byEndpoint.get(endpoint)
  }

  all(): readonly Peer[] {
    return this.#peers
  }

  add(peer: Peer): void {
    this.#byName.set(peer.name, this.#peers.length)
    this.#peers.push(peer)
    this.#byEndpoint.set(peer.endpoint, peer)
    if (isLive(peer)) this.#liveCount++
  }

  /** Changes the status; the only place that does, so that the count of live records always holds. */
  setStatus(peer: Peer, status: Peer['status'], now: number): void {
    if (peer.status === status) return
    const before = isLive(peer)
    peer.status = status
    peer.statusSinceMs = now
    this.#liveCount += Number(isLive(peer)) - Number(before)
  }

  /** Moves a record to another endpoint. */
  setEndpoint(peer: Peer, address: Uint8Array, port: number, endpoint: string): void {
    if (this.#byEndpoint.get(peer.endpoint) === peer) this.#byEndpoint.delete(peer.endpoint)
    peer.address = address
    peer.port = port
    peer.endpoint = endpoint
    this.#byEndpoint.set(endpoint, peer)
  }

  remove(peer: Peer): void {
    const index = this.#byName.get(peer.name)
    if (index === undefined || peer.isSelf) return
    const last = this.#peers.pop()!
    if (last !== peer) {
      this.#peers[index] = last
      this.#byName.set(last.name, index)
    }
    this.#byName.delete(peer.name)
    if (this.#byEndpoint.get(peer.endpoint) === peer) this.#byEndpoint.delete(peer.endpoint)
    if (isLive(peer)) this.#liveCount--
  }
}
