/** Nodes for tests: brisk, closed after each test. */

import { memoryNetwork } from '@hearsay/transport'
import { afterEach, expect, vi } from 'vitest'
import { createNode, type HearsayNode, type NodeError, type NodeOptions } from '../src/index.ts'

export const tuning = {
  probe: { intervalMs: 100, timeoutMs: 50 },
  gossip: { intervalMs: 10 },
  pushPull: { intervalMs: 200 },
} as const
const nodes: HearsayNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
})

export async function start(options: NodeOptions): Promise<HearsayNode> {
  const node = await createNode({ tuning, ...options })
  nodes.push(node)
  return node
}

export async function cluster(...names: string[]): Promise<HearsayNode[]> {
  const network = memoryNetwork()
  const made: HearsayNode[] = []
  for (const name of names)
    made.push(await start({ name, transport: network, join: made.slice(0, 1).map(({ address }) => address) }))
  return made
}

/** Waits for a state. The bound only says when to stop hoping, on a machine however busy. */
export const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 })

export const statuses = (node: HearsayNode) =>
  Object.fromEntries(node.members().map(({ name, status }) => [name, status]))
export const failure = (options: NodeOptions) =>
  start(options).then(
    () => expect.fail('it started'),
    (error: unknown) => error as NodeError,
  )
