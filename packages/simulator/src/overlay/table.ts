/** A peer table for worlds of thousands of members: what all believe is stored once, and each keeps what it thinks otherwise. */
import type { MemberStatus, PeerRecord, PeerTable } from '@hearsay/membership'
import { formatAddress, type NodeState, type NodeStates, type Versions } from '@hearsay/wire'
import { type Card, type Cards, isAt, sameBytes } from './cards.ts'
import { CHUNK_MASK, CHUNK_SHIFT, Chunk, emptyChunk, State } from './chunk.ts'
import { OverlayStates } from './states.ts'

const NOBODY = -1
const statuses: readonly MemberStatus[] = ['alive', 'suspect', 'dead', 'left']
const stateOf: Readonly<Record<MemberStatus, number>> = { alive: 1, suspect: 2, dead: 3, left: 4 }

/** What all members of a formed cluster believe at first. */
export interface Base {
  readonly chunks: readonly Chunk[]
  /** Records in them, all alive. */
  readonly size: number
}

/**
 * Chunks of 64 records, shared until somebody changes one: then it gets a chunk of its own. The index of a record is the
 * number of its name in the world, the same in every table.
 */
export class OverlayTable implements PeerTable {
  readonly selfIndex: number
  readonly #cards: Cards
  readonly #chunks: Chunk[]
  /** By chunk: 1 when nobody else can see it. */
  #owned: Uint8Array
  /** Kept apart: only few members are ever measured, and a measurement is no reason to copy a chunk. */
  readonly #rtts = new Map<number, number>()
  #size = 0
  #liveCount = 0
  #capacity = 0

  /** Without a base it holds `self` alone; else `self` must be in it. */
  constructor(cards: Cards, self: PeerRecord, base?: Base) {
    this.#cards = cards
    this.#chunks = base ? base.chunks.slice() : []
    this.#owned = new Uint8Array(this.#chunks.length)
    if (base) {
      this.#size = this.#liveCount = base.size
      this.#capacity = base.size
      this.selfIndex = cards.find(self.name)
    } else this.selfIndex = this.add(self)
  }

  get size(): number {
    return this.#size
  }

  get liveCount(): number {
    return this.#liveCount
  }

  get goneCount(): number {
    return this.#size - this.#liveCount
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Chunks that this table has for itself, for measurements. */
  get ownChunkCount(): number {
    return this.#owned.reduce((sum, each) => sum + each, 0)
  }

  has(index: number): boolean {
    return this.#state(index) !== State.hole
  }

  find(name: string): number {
    const index = this.#cards.find(name)
    return index >= 0 && this.has(index) ? index : NOBODY
  }

  findEndpoint(endpoint: string): number {
    let gone = NOBODY
    const names = this.#cards.namesAt(endpoint)
    for (let at = 0; at < names.length; at++) {
      const index = names[at]!
      const state = this.#state(index)
      if (state === State.hole) continue
      const card = this.#card(index)
      // One name is enough for most endpoints; of more, some may have moved on.
      if (card.endpoint !== endpoint && this.#cards.namesAt(card.endpoint) !== names) continue
      if (state <= State.suspect) return index
      gone = index
    }
    return gone
  }

  findAt(address: Uint8Array, port: number): number {
    return this.findEndpoint(formatAddress(address, port))
  }

  isAt(index: number, address: Uint8Array, port: number): boolean {
    return isAt(this.#card(index), address, port)
  }

  name(index: number): string {
    return this.#cards.names[index]!
  }

  address(index: number): Uint8Array {
    return this.#card(index).address
  }

  port(index: number): number {
    return this.#card(index).port
  }

  endpoint(index: number): string {
    return this.#card(index).endpoint
  }

  meta(index: number): Uint8Array {
    return this.#card(index).meta
  }

  hasMeta(index: number, meta: Uint8Array): boolean {
    return sameBytes(this.#card(index).meta, meta)
  }

  versions(index: number): Versions | null {
    return this.#card(index).versions
  }

  incarnation(index: number): number {
    return this.#chunks[index >> CHUNK_SHIFT]!.incarnation(index & CHUNK_MASK)
  }

  evidence(index: number): number {
    return this.#chunks[index >> CHUNK_SHIFT]!.evidence(index & CHUNK_MASK)
  }

  status(index: number): MemberStatus {
    return statuses[this.#state(index) - 1]!
  }

  statusSinceMs(index: number): number {
    return this.#chunks[index >> CHUNK_SHIFT]!.since(index & CHUNK_MASK)
  }

  rttMs(index: number): number | undefined {
    return this.#rtts.get(index)
  }

  add(record: PeerRecord): number {
    const index = this.#cards.nameIndex(record.name)
    const card = this.#cards.card(index, record.address, record.port, record.meta, record.versions)
    const state = stateOf[record.status]
    const { incarnation, evidence, statusSinceMs } = record
    this.#own(index).set(index & CHUNK_MASK, card.id, state, incarnation, evidence, statusSinceMs)
    this.#size++
    if (state <= State.suspect) this.#liveCount++
    if (index >= this.#capacity) this.#capacity = index + 1
    return index
  }

  setIncarnation(index: number, incarnation: number): void {
    if (this.incarnation(index) !== incarnation) this.#own(index).setIncarnation(index & CHUNK_MASK, incarnation)
  }

  setEvidence(index: number, evidence: number): void {
    if (this.evidence(index) !== evidence) this.#own(index).setEvidence(index & CHUNK_MASK, evidence)
  }

  setStatus(index: number, status: MemberStatus, now: number): void {
    const before = this.#state(index)
    const after = stateOf[status]
    if (before === after) return
    this.#own(index).setState(index & CHUNK_MASK, after, now)
    this.#liveCount += Number(after <= State.suspect) - Number(before <= State.suspect)
  }

  setEndpoint(index: number, address: Uint8Array, port: number): void {
    const { meta, versions } = this.#card(index)
    this.#setCard(index, this.#cards.card(index, address, port, meta, versions))
  }

  setMeta(index: number, meta: Uint8Array): void {
    const { address, port, versions } = this.#card(index)
    this.#setCard(index, this.#cards.card(index, address, port, meta, versions))
  }

  setVersions(index: number, versions: Versions | null): void {
    const { address, port, meta } = this.#card(index)
    this.#setCard(index, this.#cards.card(index, address, port, meta, versions))
  }

  setRtt(index: number, rttMs: number): void {
    this.#rtts.set(index, rttMs)
  }

  remove(index: number): void {
    const state = this.#state(index)
    if (index === this.selfIndex || state === State.hole) return
    this.#own(index).set(index & CHUNK_MASK, 0, State.hole, 0, 0, 0)
    this.#rtts.delete(index)
    this.#size--
    if (state <= State.suspect) this.#liveCount--
  }

  states(): NodeStates {
    this.#owned.fill(0)
    return new OverlayStates(this.#cards, this.#chunks.slice(), this.#size)
  }

  news(states: NodeStates): Iterable<NodeState> {
    return states instanceof OverlayStates && states.cards === this.#cards ? states.newsFor(this.#chunks) : states
  }

  #state(index: number): number {
    const chunk = this.#chunks[index >> CHUNK_SHIFT]
    return chunk === undefined ? State.hole : chunk.state(index & CHUNK_MASK)
  }

  #card(index: number): Card {
    return this.#cards.cards[this.#chunks[index >> CHUNK_SHIFT]!.cardId(index & CHUNK_MASK)]!
  }

  #setCard(index: number, card: Card): void {
    if (this.#card(index) !== card) this.#own(index).setCard(index & CHUNK_MASK, card.id)
  }

  /** The chunk of a record, to be changed: copied first if others can see it. */
  #own(index: number): Chunk {
    const number = index >> CHUNK_SHIFT
    while (this.#chunks.length <= number) this.#chunks.push(emptyChunk)
    if (this.#owned.length < this.#chunks.length) {
      const owned = new Uint8Array(this.#chunks.length + (this.#chunks.length >> 1))
      owned.set(this.#owned)
      this.#owned = owned
    }
    if (this.#owned[number] === 1) return this.#chunks[number]!
    const own = new Chunk(this.#chunks[number])
    this.#chunks[number] = own
    this.#owned[number] = 1
    return own
  }
}
