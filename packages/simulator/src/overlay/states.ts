/** The states of a whole table as a push/pull carries them: pieces that are shared, entries made when somebody reads. */
import type { NodeState, NodeStates } from '@hearsay/wire'
import type { Card, Cards } from './cards.ts'
import { CHUNK_MASK, CHUNK_RECORDS, CHUNK_SHIFT, type Chunk, State } from './chunk.ts'

/** A table at one moment. The table gave up the right to change these chunks. */
export class OverlayStates implements NodeStates {
  readonly length: number
  readonly cards: Cards
  readonly chunks: readonly Chunk[]

  constructor(cards: Cards, chunks: readonly Chunk[], length: number) {
    this.cards = cards
    this.chunks = chunks
    this.length = length
  }

  *[Symbol.iterator](): Generator<NodeState, void> {
    for (const chunk of this.chunks)
      for (let at = 0; at < CHUNK_RECORDS; at++) if (chunk.state(at) !== State.hole) yield this.#entry(chunk, at)
  }

  /**
   * Entries that could change something in a table of these chunks. What both sides say of a record changes nothing,
   * unless it is suspected: then it is one more accusation.
   */
  newsFor(chunks: readonly Chunk[]): NodeState[] {
    const news: NodeState[] = []
    for (let number = 0; number < this.chunks.length; number++) {
      const theirs = this.chunks[number]!
      const ours = chunks[number]
      if (theirs === ours && theirs.suspectCount === 0) continue
      for (let at = 0; at < CHUNK_RECORDS; at++) {
        const state = theirs.state(at)
        if (state === State.hole || (state !== State.suspect && ours?.agrees(theirs, at))) continue
        news.push(this.#entry(theirs, at))
      }
    }
    return news
  }

  /** The entry of one record, for tests and tools. */
  entry(index: number): NodeState | undefined {
    const chunk = this.chunks[index >> CHUNK_SHIFT]
    const at = index & CHUNK_MASK
    return chunk === undefined || chunk.state(at) === State.hole ? undefined : this.#entry(chunk, at)
  }

  #entry(chunk: Chunk, at: number): NodeState {
    const card = this.cards.cards[chunk.cardId(at)]!
    const incarnation = chunk.incarnation(at)
    const state = chunk.state(at) - State.alive
    const last = card.lastState
    if (last !== undefined && last.incarnation === incarnation && last.state === state) return last
    card.lastState = nodeState(card, incarnation, state)
    return card.lastState
  }
}

function nodeState(card: Card, incarnation: number, state: number): NodeState {
  const { name, address, port, meta, versions } = card
  return { name, address, port, meta: meta.length === 0 ? null : meta, incarnation, state, versions }
}
