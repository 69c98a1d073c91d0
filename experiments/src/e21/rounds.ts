/** What one update does in synchronous rounds, and the tally of it. */

/** One spread, measured. */
export interface Spread {
  readonly residue: number
  readonly sent: number
  /** Mean round of the first arrival, over the sites that got it. */
  readonly averageRound: number
  readonly lastRound: number
  /** Mean round of all arrivals, of those that were no news, too. */
  readonly everyArrivalRound: number
}

/** Who knows it since when. Site 0 knows it from the start. */
export class Tally {
  readonly #since: Int32Array
  #sent = 0
  #sentRounds = 0
  #last = 0

  constructor(sites: number) {
    this.#since = new Int32Array(sites).fill(-1)
    this.#since[0] = 0
  }

  /** Whether the site knew it when this round began: all contacts of a round happen at once. */
  knewBefore(site: number, round: number): boolean {
    const since = this.#since[site]!
    return since >= 0 && since < round
  }

  /** The update reaches a site. True if it is the first time ever. */
  arrive(site: number, round: number): boolean {
    this.#sent++
    this.#sentRounds += round
    if (this.#since[site]! >= 0) return false
    this.#since[site] = round
    this.#last = round
    return true
  }

  result(): Spread {
    let informed = 0
    let rounds = 0
    for (const since of this.#since) {
      if (since < 0) continue
      informed++
      rounds += since
    }
    const sites = this.#since.length
    return {
      residue: (sites - informed) / sites,
      sent: this.#sent / sites,
      averageRound: rounds / informed,
      lastRound: this.#last,
      everyArrivalRound: this.#sentRounds / this.#sent,
    }
  }
}
