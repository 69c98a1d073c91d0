/** Chance for what is not a cluster: resampling, kernels in rounds. Same labels, same draws, on every machine. */

/** 32 bits that belong to these labels (FNV-1a, finished by an avalanche). */
export function seedOf(...labels: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const label of labels) {
    for (const unit of `${label}\n`) hash = Math.imul(hash ^ unit.charCodeAt(0), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Uniform in [0, 1), 32 bits a draw, period 2^32 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
