import { sortTokens } from '../radix-sort.ts'
import type { InstanceDesc } from './instance-desc.ts'
import { InstanceState } from './state.ts'

/** Who holds which token: what readers go by. A pure function of the entries, so all nodes see the same. */
export interface TokenOwnership {
  /** Every token that somebody holds, ascending, once. */
  readonly tokens: Uint32Array
  /** For each of `tokens` the position of its holder in the list of instances. */
  readonly owners: Uint32Array
  /** For each instance the tokens it really holds; the entry's own array where it lost none. */
  readonly held: readonly Uint32Array[]
  /** Whether any token was claimed twice. */
  readonly isContested: boolean
}

/**
 * Settles who holds each token (ring spec 2.2): of several claimants one that is not LEAVING beats one that is; then
 * the smaller name wins. `instances` are live entries in byte order of their names.
 */
export function resolveTokens(instances: readonly InstanceDesc[]): TokenOwnership {
  const claims = allClaims(instances)
  const { tokens, owners } = claims
  const lost = new Map<number, Set<number>>()
  let count = 0
  for (let start = 0; start < tokens.length; ) {
    const token = tokens[start]!
    let end = start + 1
    while (end < tokens.length && tokens[end] === token) end++
    const winner = end === start + 1 ? owners[start]! : winnerOf(owners.subarray(start, end), instances)
    for (let at = start; end > start + 1 && at < end; at++) {
      const loser = owners[at]!
      if (loser === winner) continue
      const losses = lost.get(loser) ?? new Set<number>()
      lost.set(loser, losses.add(token))
    }
    tokens[count] = token
    owners[count++] = winner
    start = end
  }
  return {
    tokens: count === tokens.length ? tokens : tokens.slice(0, count),
    owners: count === owners.length ? owners : owners.slice(0, count),
    held: instances.map((instance, index) => {
      const losses = lost.get(index)
      return losses === undefined ? instance.tokens : instance.tokens.filter((token) => !losses.has(token))
    }),
    isContested: lost.size > 0,
  }
}

/** Claims of one token come out in byte order of the claimants' names, since the sort is stable. */
function allClaims(instances: readonly InstanceDesc[]): { tokens: Uint32Array; owners: Uint32Array } {
  const total = instances.reduce((sum, instance) => sum + instance.tokens.length, 0)
  const tokens = new Uint32Array(total)
  const owners = new Uint32Array(total)
  let at = 0
  for (const [index, instance] of instances.entries()) {
    tokens.set(instance.tokens, at)
    owners.fill(index, at, at + instance.tokens.length)
    at += instance.tokens.length
  }
  sortTokens(tokens, owners)
  return { tokens, owners }
}

function winnerOf(claimants: Uint32Array, instances: readonly InstanceDesc[]): number {
  return claimants.find((index) => instances[index]!.state !== InstanceState.LEAVING) ?? claimants[0]!
}
