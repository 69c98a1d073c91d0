/**
 * One end of a push/pull of a large state, as a process of its own. It answers lines:
 *
 *   receive                     a node on loopback; its port
 *   push PORT INSTANCES TOKENS  a node with a ring of that size joins the one at the port; bytes of the ring's value
 *   watch                       from now on, turns of the event loop are timed
 *   longest                     milliseconds of the longest turn since, and instances of the ring
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createNode, type HearsayNode } from '../../../apps/node/src/index.ts'
import { type RingDesc, ringDesc } from '../../../packages/ring/src/index.ts'
import { ringOf } from '../kv/receive.ts'
import { label, selfName } from '../membership/member.ts'
import { answerLines } from './lines.ts'

const KEY = 'ring'
/** How often the event loop is looked at: a turn is known to no less than that. */
const RESOLUTION_MS = 1

const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
let node: HearsayNode

const start = (name: string): Promise<HearsayNode> =>
  createNode({ name, label, bindAddress: '127.0.0.1', bindPort: 0, tuning: { pushPull: { intervalMs: 0 } } })

const portOf = ({ address }: HearsayNode): string => address.split(':')[1]!

async function push(port: number, instances: number, tokens: number): Promise<string> {
  node = await start('sender')
  const ring = ringOf(instances, tokens, Math.floor(Date.now() / 1000))
  await node.kv.mergeIn(KEY, ringDesc, ring)
  const { joinedCount } = await node.join([`127.0.0.1:${port}`])
  if (joinedCount !== 1) throw new Error('the state was not taken')
  return String(ringDesc.encode(ring).length)
}

answerLines({
  receive: async () => {
    node = await start(selfName)
    return portOf(node)
  },
  push: ([port, instances, tokens]) => push(Number(port), Number(instances), Number(tokens)),
  watch: () => {
    delays.enable()
    delays.reset()
    return 'watching'
  },
  longest: async () => {
    await node.kv.idle()
    const ring = node.kv.entry(KEY)?.state as RingDesc | undefined
    return `${delays.max / 1e6 - RESOLUTION_MS} ${ring?.size ?? 0}`
  },
})
