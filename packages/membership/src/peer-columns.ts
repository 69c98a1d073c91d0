/** The peer table of production: one column for each field, no object for each member. */
import { formatAddress, type NodeState, type NodeStates, parseAddress, type Versions } from '@hearsay/wire'
import { EndpointIndex } from './endpoint-index.ts'
import type { MemberStatus } from './member.ts'
import { grown, MetaColumn } from './meta-column.ts'
import {
  indices,
  NOBODY,
  nodeState,
  type PeerIndex,
  type PeerRecord,
  type PeerTable,
  StateNumber,
} from './peer-table.ts'
import { VersionPool } from './version-pool.ts'

const ADDRESS_BYTES = 16
const MAX_PARSED_ENDPOINTS = 1024
const INITIAL_CAPACITY = 16
const GROWTH = 1.25
const HOLE = 255
const statuses: readonly MemberStatus[] = ['alive', 'suspect', 'dead', 'left']
/** An IPv4 address inside an IPv6 one begins like this. */
const MAPPED_PREFIX_BYTES = 12

/** About 200 bytes a member, with a name of 24 and metadata of 64 bytes. */
export class PeerColumns implements PeerTable {
  readonly selfIndex: PeerIndex
  readonly #byName = new Map<string, PeerIndex>()
  readonly #byEndpoint = new EndpointIndex((index) => this.#hashAt(index))
  readonly #pool = new VersionPool()
  readonly #free: PeerIndex[] = []
  readonly #metas = new MetaColumn()
  readonly #names: string[] = []
  #addresses: Uint8Array = new Uint8Array(0)
  #addressLengths: Uint8Array = new Uint8Array(0)
  #ports: Uint16Array = new Uint16Array(0)
  #versions: Uint16Array = new Uint16Array(0)
  #incarnations: Uint32Array = new Uint32Array(0)
  #evidences: Uint32Array = new Uint32Array(0)
  #statuses: Uint8Array = new Uint8Array(0)
  #since: Float64Array = new Float64Array(0)
  #rtts: Float32Array = new Float32Array(0)
  readonly #parsed = new Map<string, NonNullable<ReturnType<typeof parseAddress>>>()
  #used = 0
  #liveCount = 0

  constructor(self: PeerRecord) {
    this.#resize(INITIAL_CAPACITY)
    this.selfIndex = this.add(self)
  }

  get size(): number {
    return this.#byName.size
  }

  get liveCount(): number {
    return this.#liveCount
  }

  get capacity(): number {
    return this.#used
  }

  has(index: PeerIndex): boolean {
    return index >= 0 && index < this.#used && this.#statuses[index] !== HOLE
  }

  find(name: string): PeerIndex {
    return this.#byName.get(name) ?? NOBODY
  }

  findEndpoint(endpoint: string): PeerIndex {
    const parsed = this.#parsed.get(endpoint) ?? this.#parse(endpoint)
    return parsed ? this.findAt(parsed.ip, parsed.port) : NOBODY
  }

  findAt(address: Uint8Array, port: number): PeerIndex {
    const hash = hashEndpoint(address, 0, address.length, port)
    let gone = NOBODY
    const live = this.#byEndpoint.find(hash, (index) => {
      if (!this.isAt(index, address, port)) return false
      if (this.#statuses[index]! <= StateNumber.suspect) return true
      gone = index
      return false
    })
    return live === NOBODY ? gone : live
  }

  isAt(index: PeerIndex, address: Uint8Array, port: number): boolean {
    if (this.#ports[index] !== port) return false
    const offset = index * ADDRESS_BYTES
    const length = this.#addressLengths[index]!
    const skipOurs = mappedPrefix(this.#addresses, offset, length)
    const skipTheirs = mappedPrefix(address, 0, address.length)
    if (length - skipOurs !== address.length - skipTheirs) return false
    for (let at = length - skipOurs - 1; at >= 0; at--)
      if (this.#addresses[offset + skipOurs + at] !== address[skipTheirs + at]) return false
    return true
  }

  name(index: PeerIndex): string {
    return this.#names[index]!
  }

  address(index: PeerIndex): Uint8Array {
    const offset = index * ADDRESS_BYTES
    return this.#addresses.subarray(offset, offset + this.#addressLengths[index]!)
  }

  port(index: PeerIndex): number {
    return this.#ports[index]!
  }

  endpoint(index: PeerIndex): string {
    return formatAddress(this.address(index), this.#ports[index]!)
  }

  meta(index: PeerIndex): Uint8Array {
    return this.#metas.get(index)
  }

  hasMeta(index: PeerIndex, meta: Uint8Array): boolean {
    return this.#metas.has(index, meta)
  }

  versions(index: PeerIndex): Versions | null {
    return this.#pool.get(this.#versions[index]!)
  }

  incarnation(index: PeerIndex): number {
    return this.#incarnations[index]!
  }

  evidence(index: PeerIndex): number {
    return this.#evidences[index]!
  }

  status(index: PeerIndex): MemberStatus {
    return statuses[this.#statuses[index]!]!
  }

  statusSinceMs(index: PeerIndex): number {
    return this.#since[index]!
  }

  rttMs(index: PeerIndex): number | undefined {
    const rttMs = this.#rtts[index]!
    return Number.isNaN(rttMs) ? undefined : rttMs
  }

  add(record: PeerRecord): PeerIndex {
    const index = this.#free.pop() ?? this.#used++
    if (index >= this.#statuses.length) this.#resize(Math.ceil(index * GROWTH) + INITIAL_CAPACITY)
    this.#names[index] = record.name
    this.#byName.set(record.name, index)
    this.#storeAddress(index, record.address, record.port)
    this.#byEndpoint.add(index)
    this.#metas.set(index, record.meta)
    this.setVersions(index, record.versions)
    this.#incarnations[index] = record.incarnation
    this.#evidences[index] = record.evidence
    this.#statuses[index] = StateNumber[record.status]
    this.#since[index] = record.statusSinceMs
    this.#rtts[index] = Number.NaN
    if (this.#statuses[index]! <= StateNumber.suspect) this.#liveCount++
    return index
  }

  setIncarnation(index: PeerIndex, incarnation: number): void {
    this.#incarnations[index] = incarnation
  }

  setEvidence(index: PeerIndex, evidence: number): void {
    this.#evidences[index] = evidence
  }

  setStatus(index: PeerIndex, status: MemberStatus, now: number): void {
    const before = this.#statuses[index]!
    const after = StateNumber[status]
    if (before === after) return
    this.#statuses[index] = after
    this.#since[index] = now
    this.#liveCount += Number(after <= StateNumber.suspect) - Number(before <= StateNumber.suspect)
  }

  setEndpoint(index: PeerIndex, address: Uint8Array, port: number): void {
    this.#byEndpoint.remove(index)
    this.#storeAddress(index, address, port)
    this.#byEndpoint.add(index)
  }

  setMeta(index: PeerIndex, meta: Uint8Array): void {
    this.#metas.set(index, meta)
  }

  setVersions(index: PeerIndex, versions: Versions | null): void {
    this.#versions[index] = this.#pool.put(versions)
  }

  setRtt(index: PeerIndex, rttMs: number): void {
    this.#rtts[index] = rttMs
  }

  remove(index: PeerIndex): void {
    if (index === this.selfIndex || !this.has(index)) return
    if (this.#statuses[index]! <= StateNumber.suspect) this.#liveCount--
    this.#byEndpoint.remove(index)
    this.#byName.delete(this.#names[index]!)
    this.#names[index] = ''
    this.#metas.set(index, new Uint8Array(0))
    this.#statuses[index] = HOLE
    this.#free.push(index)
  }

  states(): NodeStates {
    return Array.from(indices(this), (index) => nodeState(this, index))
  }

  news(states: NodeStates): Iterable<NodeState> {
    return states
  }

  /** Taking a text apart costs more than the search: those that came last are kept. */
  #parse(endpoint: string): ReturnType<typeof parseAddress> {
    const parsed = parseAddress(endpoint)
    if (!parsed) return undefined
    if (this.#parsed.size >= MAX_PARSED_ENDPOINTS) this.#parsed.clear()
    this.#parsed.set(endpoint, parsed)
    return parsed
  }

  #storeAddress(index: PeerIndex, address: Uint8Array, port: number): void {
    this.#addresses.set(address, index * ADDRESS_BYTES)
    this.#addressLengths[index] = address.length
    this.#ports[index] = port
  }

  #hashAt(index: PeerIndex): number {
    const offset = index * ADDRESS_BYTES
    return hashEndpoint(this.#addresses, offset, offset + this.#addressLengths[index]!, this.#ports[index]!)
  }

  #resize(capacity: number): void {
    this.#metas.resize(capacity)
    this.#addresses = grown(this.#addresses, new Uint8Array(capacity * ADDRESS_BYTES))
    this.#addressLengths = grown(this.#addressLengths, new Uint8Array(capacity))
    this.#ports = grown(this.#ports, new Uint16Array(capacity))
    this.#versions = grown(this.#versions, new Uint16Array(capacity))
    this.#incarnations = grown(this.#incarnations, new Uint32Array(capacity))
    this.#evidences = grown(this.#evidences, new Uint32Array(capacity))
    this.#statuses = grown(this.#statuses, new Uint8Array(capacity).fill(HOLE))
    this.#since = grown(this.#since, new Float64Array(capacity))
    this.#rtts = grown(this.#rtts, new Float32Array(capacity))
  }
}

/** How many of the first bytes say only that an IPv4 address follows. */
function mappedPrefix(bytes: Uint8Array, offset: number, length: number): number {
  if (length !== ADDRESS_BYTES || bytes[offset + 10] !== 0xff || bytes[offset + 11] !== 0xff) return 0
  for (let at = 0; at < 10; at++) if (bytes[offset + at] !== 0) return 0
  return MAPPED_PREFIX_BYTES
}

/** FNV-1a over the canonical address and the port. */
function hashEndpoint(bytes: Uint8Array, start: number, end: number, port: number): number {
  let hash = 0x811c9dc5
  for (let at = start + mappedPrefix(bytes, start, end - start); at < end; at++)
    hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  hash = Math.imul(hash ^ (port & 0xff), 0x01000193)
  return Math.imul(hash ^ (port >>> 8), 0x01000193) >>> 0
}
