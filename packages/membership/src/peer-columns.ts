/** The peer table of production: one column for each field, no object for each member. */
import { type NodeState, type NodeStates, parseAddress, type Versions } from '@hearsay/wire'
import { AddressColumn, hashEndpoint } from './address-column.ts'
import { grown, roomFor } from './column-growth.ts'
import { EndpointIndex } from './endpoint-index.ts'
import type { MemberStatus } from './member.ts'
import { MetaColumn } from './meta-column.ts'
import { NAME_KEYS, NameIndex } from './name-index.ts'
import { packed } from './packed-table.ts'
import { NOBODY, type PeerIndex, type PeerRecord, type PeerTable, StateNumber } from './peer-table.ts'
import { secretKeys } from './system.ts'
import { VersionPool } from './version-pool.ts'

const MAX_PARSED_ENDPOINTS = 1024
const HOLE = 255
const statuses: readonly MemberStatus[] = ['alive', 'suspect', 'dead', 'left']
const noBytes = new Uint8Array(0)

/** About 180 bytes a member, with a name of 24 and metadata of 64 bytes. */
export class PeerColumns implements PeerTable {
  readonly selfIndex: PeerIndex
  readonly #names: NameIndex
  readonly #addresses = new AddressColumn()
  readonly #byEndpoint = new EndpointIndex((index) => this.#addresses.hash(index, this.#ports[index]!))
  readonly #pool = new VersionPool()
  readonly #free: PeerIndex[] = []
  readonly #metas = new MetaColumn()
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

  /** `nameKeys`: of the hash of names, unknown to everybody else. */
  constructor(self: PeerRecord, nameKeys: Int32Array = secretKeys(NAME_KEYS)) {
    this.#names = new NameIndex(nameKeys)
    this.selfIndex = this.add(self)
  }

  get size(): number {
    return this.#names.size
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
    return this.#names.find(name)
  }

  findEndpoint(endpoint: string): PeerIndex {
    const parsed = this.#parsed.get(endpoint) ?? this.#parse(endpoint)
    return parsed ? this.findAt(parsed.ip, parsed.port) : NOBODY
  }

  findAt(address: Uint8Array, port: number): PeerIndex {
    const hash = hashEndpoint(address, port)
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
    return this.#ports[index] === port && this.#addresses.has(index, address)
  }

  name(index: PeerIndex): string {
    return this.#names.get(index)
  }

  address(index: PeerIndex): Uint8Array {
    return this.#addresses.get(index)
  }

  port(index: PeerIndex): number {
    return this.#ports[index]!
  }

  endpoint(index: PeerIndex): string {
    return this.#addresses.endpoint(index, this.#ports[index]!)
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
    if (index >= this.#statuses.length) this.#resize(roomFor(index))
    this.#names.add(index, record.name)
    this.#addresses.set(index, record.address)
    this.#ports[index] = record.port
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
    this.#addresses.set(index, address)
    this.#ports[index] = port
    this.#byEndpoint.add(index)
  }

  setMeta(index: PeerIndex, meta: Uint8Array): void {
    this.#metas.set(index, meta)
  }

  setVersions(index: PeerIndex, versions: Versions | null): void {
    this.#pool.drop(this.#versions[index]!)
    this.#versions[index] = this.#pool.put(versions)
  }

  setRtt(index: PeerIndex, rttMs: number): void {
    this.#rtts[index] = rttMs
  }

  remove(index: PeerIndex): void {
    if (index === this.selfIndex || !this.has(index)) return
    if (this.#statuses[index]! <= StateNumber.suspect) this.#liveCount--
    this.#byEndpoint.remove(index)
    this.#names.remove(index)
    this.#metas.set(index, noBytes)
    this.setVersions(index, null)
    this.#statuses[index] = HOLE
    this.#free.push(index)
  }

  states(): NodeStates {
    return packed(this)
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

  #resize(capacity: number): void {
    this.#metas.resize(capacity)
    this.#names.resize(capacity)
    this.#addresses.resize(capacity)
    this.#ports = grown(this.#ports, new Uint16Array(capacity))
    this.#versions = grown(this.#versions, new Uint16Array(capacity))
    this.#incarnations = grown(this.#incarnations, new Uint32Array(capacity))
    this.#evidences = grown(this.#evidences, new Uint32Array(capacity))
    this.#statuses = grown(this.#statuses, new Uint8Array(capacity).fill(HOLE))
    this.#since = grown(this.#since, new Float64Array(capacity))
    this.#rtts = grown(this.#rtts, new Float32Array(capacity))
  }
}
