/** One member of the story, in a process of its own: a node on loopback that answers questions. */
import { type AdminSource, createAdmin } from '@hearsay/admin'
import { createNode, type HearsayNode, type RingDesc, ringDesc } from '@hearsay/node'
import { servePage } from './page.ts'
import type { MemberOrders, MemberReport, Notice, Question, Request } from './protocol.ts'

/** Faster than memberlist's LAN preset, so that the story fits into half a minute. */
const quick = { probe: { intervalMs: 400, timeoutMs: 150 } }

const ways = {
  both: {},
  gossip: { pushPull: { intervalMs: 0 } },
  // Broadcasts ride on probes too: without those, only full states are left.
  'push-pull': { gossip: { intervalMs: 0 }, probe: { intervalMs: 0 }, pushPull: { intervalMs: 500 } },
}

const orders = JSON.parse(process.argv[2] ?? '{}') as MemberOrders
const now = (): number => performance.timeOrigin + performance.now()
const tell = (notice: Notice): void => {
  process.send?.(notice)
}

try {
  await live(orders)
} catch (error) {
  tell({ type: 'trouble', id: undefined, message: error instanceof Error ? error.message : String(error) })
  process.exitCode = 1
}

async function live({ name, join, ringKey, travel, page: wantsPage }: MemberOrders): Promise<void> {
  const node = await createNode({
    name,
    join,
    bindAddress: '127.0.0.1',
    bindPort: 0,
    requireJoin: join.length > 0,
    tuning: { ...quick, ...ways[travel] },
  })
  const ring = node.ring(ringKey, { heartbeatPeriodMs: 1000, heartbeatTimeoutMs: 3000 })
  const page = wantsPage ? await servePage(createAdmin(node satisfies AdminSource)) : undefined
  const report = (): MemberReport => describe(node, ringKey, page)

  node.on('member', ({ type, member, evidence }) =>
    tell({ type: 'member', at: now(), event: type, name: member.name, accuser: evidence.accuser }),
  )
  tell({ type: 'up', at: now(), report: report() })
  process.on('message', (request: Request) => {
    answer(node, ringKey, request.question).then(
      (at) => tell({ type: 'answer', id: request.id, at, report: report() }),
      (error: unknown) =>
        tell({ type: 'trouble', id: request.id, message: error instanceof Error ? error.message : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit())
  for await (const _change of ring.changes()) tell({ type: 'ring', at: now(), report: report() })
}

/** Does what is asked; returns when it was done here. */
async function answer(node: HearsayNode, ringKey: string, question: Question): Promise<number> {
  const ring = node.ring(ringKey)
  switch (question.ask) {
    case 'report':
      return now()
    case 'register': {
      const at = now()
      await ring.join({ tokens: question.tokens })
      return at
    }
    case 'pause': {
      const at = now()
      await node.kv.update(ringKey, ringDesc, (desc) => paused(desc, node.name))
      return at
    }
    case 'leave': {
      const at = now()
      await node.leave()
      // The answer goes out first.
      setImmediate(() => process.disconnect?.())
      return at
    }
  }
}

/** The ring with one instance that takes no new work. Its timestamp is its version, so it must grow. */
function paused(desc: RingDesc, id: string): RingDesc {
  const entry = desc.get(id)
  if (!entry) return desc
  const seconds = Math.max(Math.floor(Date.now() / 1000), Number(entry.timestamp) + 1)
  return desc.with([[id, entry.with({ readOnly: true, readOnlyUpdatedTimestamp: seconds, timestamp: seconds })]])
}

function describe(node: HearsayNode, ringKey: string, page: string | undefined): MemberReport {
  const view = node.ring(ringKey).view()
  const { kv } = node.metrics()
  return {
    name: node.name,
    address: node.address,
    page,
    members: node.members().map(({ name, status }) => ({ name, status })),
    instances: view.instances.map(({ id, state, tokens, isHeartbeatHealthy, isReadOnly }) => ({
      id,
      state,
      tokens: tokens.length,
      healthy: isHeartbeatHealthy,
      readOnly: isReadOnly,
    })),
    hash: view.hash(),
    counters: {
      broadcastsReceived: kv.receivedBroadcasts,
      broadcastBytesReceived: kv.receivedBroadcastsBytes,
      statesReceived: kv.statePushes,
      stateBytesReceived: kv.statePushesBytes,
    },
  }
}
