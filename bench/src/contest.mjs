// Two sides taking turns: first the same results, then the time, in pairs.

import { median, medianInterval } from './statistics.mjs'

/**
 * Compares items. `ours` has `time`; `goSides` answer by library; `pairs` rounds of about `roundMs` each. Throws where the
 * sides do not do the same. Resolves with a row for each item.
 */
export async function contest({ items, ours, goSides, pairs, roundMs }) {
  for (const item of items) await agree(item, goSides[item.library])
  const lanes = items.map((item) => laneOf(item, ours, goSides[item.library]))
  // All before any is timed: members meet everything mixed, and so no row depends on its place in the table.
  for (let round = 0; round < 3; round++) for (const lane of lanes) await warmUp(lane, 5 * roundMs)
  for (const lane of lanes) await count(lane, roundMs)
  // Each pair goes through all rows before the next: a slow spell of the machine then meets few pairs of a row, not all.
  for (let pair = 0; pair < pairs; pair++)
    for (const { sides, counts, rounds } of lanes)
      rounds.push({ go: await sides.go(counts.go), hearsay: await sides.hearsay(counts.hearsay) })
  return lanes.map(summary)
}

async function agree(item, goSide) {
  for (const [name, bytes] of Object.entries(item.inputs?.() ?? {}))
    await goSide.ask(`input ${name} ${Buffer.from(bytes).toString('hex')}`)
  // It must be able to do what will be timed, too.
  const own = await goSide.ask(`once ${item.operation} ${item.subject}`)
  const { golden } = item
  const bytes = golden ? await goSide.ask(`once ${golden.operation} ${golden.subject}`) : own
  if (!item.agrees(Uint8Array.from(Buffer.from(bytes, 'hex')))) throw new Error(`${item.name}: ours differs from Go's`)
}

const laneOf = (item, ours, goSide) => ({
  item,
  sides: {
    go: async (times) => Number(await goSide.ask(`time ${item.operation} ${item.subject} ${times}`)),
    hearsay: async (times) => ours.time(item, times),
  },
  counts: {},
  rounds: [],
})

/** What takes long is done a few times at least: the first ones are far slower than the rest. */
const LEAST_TIMES = 10

async function warmUp({ sides }, ms) {
  for (const side of Object.values(sides)) {
    let done = 0
    for (let spentMs = 0; spentMs < ms || (done < LEAST_TIMES && spentMs < 10 * ms); ) {
      const times = Math.max(1, done)
      spentMs += ((await side(times)) * times) / 1e6
      done += times
    }
  }
}

/** How many times each side does the thing in a round. */
async function count({ sides, counts }, roundMs) {
  for (const [name, side] of Object.entries(sides)) {
    let times = 1
    let each = await side(times)
    while (each * times < (roundMs * 1e6) / 8) {
      times *= 4
      each = await side(times)
    }
    counts[name] = Math.max(1, Math.round((roundMs * 1e6) / each))
  }
}

/** A row: medians of both sides, and of their ratios with an interval. What is counted is nanoseconds, or `item.unit`. */
export function summary({ item, rounds }) {
  const ratios = rounds.map((round) => round.hearsay / round.go)
  const ratio = median(ratios)
  const [low, high] = medianInterval(ratios)
  return {
    group: item.group,
    item: item.name,
    unit: item.unit ?? 'ns',
    goNs: median(rounds.map(({ go }) => go)),
    hearsayNs: median(rounds.map(({ hearsay }) => hearsay)),
    ratio,
    low,
    high,
    target: item.target,
    met: item.target === undefined ? undefined : ratio <= item.target,
  }
}
