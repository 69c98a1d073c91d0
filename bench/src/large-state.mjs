// What a node does meanwhile when it is told a large state: its longest turn, and the longest that a ping waits.
//
//   npm run bench -- --large-state

import { setTimeout as sleep } from 'node:timers/promises'
import { ourSide, startOurs } from './our-side.mjs'
import { twoCores } from './processes/child.mjs'

/** Rings of 0.35 and 2.6 MB. */
const SIZES = [
  [600, 128],
  [1000, 512],
]
const ROUNDS = 5
const WATCHED_MS = 2000

/** Prints a line for each size, over some rounds, each with processes of its own. */
export async function largeState() {
  await ourSide()
  for (const [instances, tokens] of SIZES) {
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) rounds.push(await push(instances, tokens))
    const worst = (what) => Math.max(...rounds.map((each) => each[what])).toFixed(1)
    const { sizeBytes } = rounds[0]
    const count = (what) => rounds.reduce((sum, each) => sum + each[what], 0)
    console.log(
      `${instances} × ${tokens} tokens, ${(sizeBytes / 1e6).toFixed(2)} MB, ${ROUNDS} times: longest turn ${worst('turnMs')} ms, ` +
        `longest wait of a ping ${worst('waitMs')} ms (at rest ${worst('restMs')} ms), ${count('answered')} of ${count('sent')} pings answered`,
    )
  }
}

async function push(instances, tokens) {
  const [core, other] = twoCores()
  const receiver = startOurs('largeState', { core })
  const sender = startOurs('largeState', { core: other })
  const traffic = startOurs('traffic', { core: other })
  try {
    const port = await receiver.ask('receive')
    const [, , restMs] = numbers(await traffic.ask(`ping ${port} ${WATCHED_MS / 4}`))
    await receiver.ask('watch')
    const pinging = traffic.ask(`ping ${port} ${WATCHED_MS}`)
    await sleep(WATCHED_MS / 4)
    const sizeBytes = Number(await sender.ask(`push ${port} ${instances} ${tokens}`))
    const [sent, answered, waitMs] = numbers(await pinging)
    const [turnMs, known] = numbers(await receiver.ask('longest'))
    if (known !== instances) throw new Error(`of ${instances} instances ${known} arrived`)
    return { sizeBytes, turnMs, waitMs, restMs, sent, answered }
  } finally {
    for (const child of [receiver, sender, traffic]) child.stop()
  }
}

const numbers = (line) => line.split(' ').map(Number)
