/** What can be said without drawing anything. */

/** Residue of a push in which every site tells exactly k others: s = e^(−k(1−s)), by iteration. */
export function blindCounterResidue(k: number): number {
  let residue = 0
  for (let step = 0; step < 10_000; step++) residue = Math.exp(-k * (1 - residue))
  return residue
}

/**
 * Mean round of the first arrival when nobody ever loses interest, from the expected growth alone:
 * i → i + (n − i)(1 − (1 − 1/(n − 1))^i).
 */
export function endlessPushAverageRound(sites: number): number {
  let informed = 1
  let rounds = 0
  for (let round = 1; informed < sites - 1e-6; round++) {
    const news = (sites - informed) * (1 - (1 - 1 / (sites - 1)) ** informed)
    informed += news
    rounds += news * round
  }
  return rounds / sites
}
