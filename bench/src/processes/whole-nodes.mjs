// B20, B21, B22: whole members, each a process of its own.

import { setTimeout as sleep } from 'node:timers/promises'
import { summary } from '../contest.mjs'
import { startGoNode } from '../go-side.mjs'
import { startOurs } from '../our-side.mjs'
import { twoCores } from './child.mjs'

const OTHERS = 999
/** As many as 62 packets name. */
const KNOWN = 992
/** Packets a second that either side has time for. */
const RATE = 3000
const GROWTH = [1000, 10_000, 50_000]
const DEADLINE_MS = 60_000

/** What can be measured: rows by name. `quick`: whether it works at all. */
export const wholeNodes = [
  ...['plain', 'encrypted'].map((encryption) => ({
    group: 'B20',
    names: ['flooded', 'at 3,000 a second'].map(
      (how) => `packet of 1.4 kB by a whole node, ${how}${encryption === 'plain' ? '' : ', encrypted'}`,
    ),
    // 0.6 of Go's rate.
    target: 1 / 0.6,
    measure: (names, target, quick) => packets(names, target, encryption, quick),
  })),
  {
    group: 'B21',
    names: GROWTH.slice(1).map((to, index) => `memory of a member, ${thousands(GROWTH[index])} to ${thousands(to)}`),
    target: 0.8,
    measure: memory,
  },
  { group: 'B22', names: ['a second of an idle node, one of 1,000'], target: 2, measure: idle },
]

function thousands(count) {
  return count.toLocaleString('en')
}

const rowOf = (group, name, target, rounds, unit) => summary({ item: { group, name, target, unit }, rounds })

/** Both, each as a process, closed again whatever happens. `places`: cores for the two. */
async function withNodes(use, places = []) {
  const nodes = { go: startGoNode({ core: places[0] }), hearsay: startOurs('node', { core: places[0] }) }
  const traffic = startOurs('traffic', { core: places[1] })
  try {
    return await use(nodes, traffic)
  } finally {
    for (const child of [nodes.go, nodes.hearsay, traffic]) child.stop()
  }
}

async function reading(node) {
  const [cpuNs, handled, members, waiting] = (await node.ask('read')).split(' ').map(Number)
  return { cpuNs, handled, members, waiting }
}

async function until(node, holds, what) {
  for (const started = performance.now(); !holds(await reading(node)); await sleep(50))
    if (performance.now() - started > DEADLINE_MS) throw new Error(`a node never ${what}`)
}

/** CPU time for each packet handled: while there are always more, and while there is time for all. */
function packets(names, target, encryption, quick) {
  return withNodes(async (nodes, traffic) => {
    const ports = {}
    for (const [side, node] of Object.entries(nodes)) {
      ports[side] = await node.ask(`start flood ${encryption}`)
      await traffic.ask(`introduce ${ports[side]} ${KNOWN} ${encryption}`)
      await until(node, ({ members }) => members > KNOWN, 'knew all others')
    }
    const [pairs, ms] = quick ? [2, 300] : [15, 1000]
    const round = async (side, what, rate) => {
      const before = await reading(nodes[side])
      await traffic.ask(`${what} ${ports[side]} ${ms} ${encryption} ${rate}`)
      await sleep(100)
      const after = await reading(nodes[side])
      return (after.cpuNs - before.cpuNs) / (after.handled - before.handled)
    }
    const rows = []
    for (const [index, what] of ['flood', 'pace'].entries()) {
      const rounds = []
      for (let pair = -1; pair < pairs; pair++)
        rounds.push({ go: await round('go', what, RATE), hearsay: await round('hearsay', what, RATE) })
      // The first one is for warming up.
      rows.push(rowOf('B20', names[index], target, rounds.slice(1)))
    }
    return rows
  }, twoCores())
}

/** Bytes for each further member. */
async function memory(names, target, quick) {
  const sizes = quick ? GROWTH.slice(0, 2) : GROWTH
  const rounds = sizes.slice(1).map(() => [])
  for (let pair = 0; pair < (quick ? 1 : 6); pair++)
    await withNodes(async (nodes) => {
      const bytes = {}
      for (const [side, node] of Object.entries(nodes)) {
        bytes[side] = []
        for (const size of sizes) bytes[side].push(Number(await node.ask(`memory ${size}`)))
      }
      const slope = (side, step) => (bytes[side][step + 1] - bytes[side][step]) / (sizes[step + 1] - sizes[step])
      for (const [step, each] of rounds.entries()) each.push({ go: slope('go', step), hearsay: slope('hearsay', step) })
    })
  return rounds.map((each, step) => rowOf('B21', names[step], target, each, 'B'))
}

/** CPU time a second of members that only probe and are probed, both at the same time. */
function idle([name], target, quick) {
  return withNodes(async (nodes, traffic) => {
    for (const node of Object.values(nodes)) {
      const port = await node.ask('start idle plain')
      await traffic.ask(`surround ${port} ${OTHERS}`)
    }
    for (const node of Object.values(nodes))
      await until(node, ({ members, waiting }) => members > OTHERS && waiting === 0, 'came to rest')
    await sleep(quick ? 500 : 5000)
    const [windows, ms] = quick ? [3, 700] : [12, 5000]
    const rounds = []
    let before = await cpuOf(nodes)
    for (let window = 0; window < windows; window++) {
      await sleep(ms)
      const after = await cpuOf(nodes)
      const aSecond = (side) => ((after[side] - before[side]) / ms) * 1000
      rounds.push({ go: aSecond('go'), hearsay: aSecond('hearsay') })
      before = after
    }
    return [rowOf('B22', name, target, rounds)]
  })
}

const cpuOf = async ({ go, hearsay }) => ({ go: (await reading(go)).cpuNs, hearsay: (await reading(hearsay)).cpuNs })
