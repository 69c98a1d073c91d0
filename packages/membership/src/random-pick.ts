/** Exact, uniform choice (DIV-26): min(k, eligible) distinct elements, each subset equally likely. */
export function pick<T>(
  from: readonly T[],
  count: number,
  eligible: (element: T) => boolean,
  random: () => number,
): T[] {
  if (count <= 0) return []
  // Reservoir sampling: one pass, no copy of the list.
  const chosen: T[] = []
  let seen = 0
  for (const element of from) {
    if (!eligible(element)) continue
    seen++
    if (chosen.length < count) chosen.push(element)
    else {
      const slot = Math.floor(random() * seen)
      if (slot < count) chosen[slot] = element
    }
  }
  // The reservoir keeps early elements in early slots; order matters to callers that use the first ones most.
  for (let index = chosen.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    const kept = chosen[index]!
    chosen[index] = chosen[other]!
    chosen[other] = kept
  }
  return chosen
}
