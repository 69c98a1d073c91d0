// What pairs of measurements say.

/** The middle value. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * An interval that holds the median of what the values were drawn from with a probability of at least 95 %, by order
 * statistics, whatever the distribution. With fewer than 6 values there is none: then it is the whole range.
 */
export function medianInterval(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const n = sorted.length
  let below = 0.5 ** n
  let k = 0
  for (let choose = n; 2 * (below + choose * 0.5 ** n) <= 0.05; choose = (choose * (n - k)) / (k + 1)) {
    below += choose * 0.5 ** n
    k++
  }
  return [sorted[k], sorted[n - 1 - k]]
}
