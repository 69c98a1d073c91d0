/** What a member believes about 64 names, 20 bytes each, in one piece of memory. */

/** Records of a chunk. */
export const CHUNK_RECORDS = 64
/** The same as a shift: record `i` is in chunk `i >> CHUNK_SHIFT`. */
export const CHUNK_SHIFT = 6
/** … and at place `i & CHUNK_MASK` of it. */
export const CHUNK_MASK = CHUNK_RECORDS - 1
const WORDS_EACH = 3
const SINCE_BYTES = CHUNK_RECORDS * 8
const CHUNK_BYTES = SINCE_BYTES + CHUNK_RECORDS * WORDS_EACH * 4

/** States of a record; the first bits of its first word. */
export const State = { hole: 0, alive: 1, suspect: 2, dead: 3, left: 4 } as const
const STATE_BITS = 3
const STATE_MASK = 7

/** A chunk that several tables share must not be changed: its owner alone may. */
export class Chunk {
  readonly #bytes: ArrayBuffer
  readonly #since: Float64Array
  /** Card and state, incarnation, evidence. */
  readonly #words: Uint32Array
  /** Records that are suspected: what is said about them always matters. */
  suspectCount = 0

  constructor(from?: Chunk) {
    this.#bytes = from ? from.#bytes.slice(0) : new ArrayBuffer(CHUNK_BYTES)
    this.#since = new Float64Array(this.#bytes, 0, CHUNK_RECORDS)
    this.#words = new Uint32Array(this.#bytes, SINCE_BYTES)
    if (from) this.suspectCount = from.suspectCount
  }

  state(at: number): number {
    return this.#words[at * WORDS_EACH]! & STATE_MASK
  }

  cardId(at: number): number {
    return this.#words[at * WORDS_EACH]! >>> STATE_BITS
  }

  incarnation(at: number): number {
    return this.#words[at * WORDS_EACH + 1]!
  }

  evidence(at: number): number {
    return this.#words[at * WORDS_EACH + 2]!
  }

  since(at: number): number {
    return this.#since[at]!
  }

  set(at: number, cardId: number, state: number, incarnation: number, evidence: number, sinceMs: number): void {
    this.#count(this.state(at), state)
    this.#words[at * WORDS_EACH] = (cardId << STATE_BITS) | state
    this.#words[at * WORDS_EACH + 1] = incarnation
    this.#words[at * WORDS_EACH + 2] = evidence
    this.#since[at] = sinceMs
  }

  setCard(at: number, cardId: number): void {
    this.#words[at * WORDS_EACH] = (cardId << STATE_BITS) | this.state(at)
  }

  setState(at: number, state: number, sinceMs: number): void {
    this.#count(this.state(at), state)
    this.#words[at * WORDS_EACH] = (this.cardId(at) << STATE_BITS) | state
    this.#since[at] = sinceMs
  }

  setIncarnation(at: number, incarnation: number): void {
    this.#words[at * WORDS_EACH + 1] = incarnation
  }

  setEvidence(at: number, evidence: number): void {
    this.#words[at * WORDS_EACH + 2] = evidence
  }

  /** Whether both say the same about a record, as far as a push/pull carries it. */
  agrees(other: Chunk, at: number): boolean {
    const word = at * WORDS_EACH
    return this.#words[word] === other.#words[word] && this.#words[word + 1] === other.#words[word + 1]
  }

  #count(before: number, after: number): void {
    if (before === State.suspect) this.suspectCount--
    if (after === State.suspect) this.suspectCount++
  }
}

/** Nobody: what tables begin with. Shared, therefore never changed. */
export const emptyChunk = new Chunk()
