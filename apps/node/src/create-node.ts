import { ClusterNode } from './cluster-node.ts'
import type { HearsayNode } from './node.ts'
import type { NodeOptions } from './options.ts'
import { settle } from './settings.ts'

/**
 * Starts a member of a cluster.
 *
 * Resolves when the node listens and has joined a seed, or has tried each seed once; it then goes on trying in the
 * background. Alone, without seeds, is success.
 *
 * Rejects with a `NodeError`: `CONFIG_INVALID` lists everything wrong with the options; `JOIN_FAILED`, only with
 * `requireJoin`, has each seed's outcome, and everything that was opened is closed again. A port in use or an address
 * that is not there rejects with the transport's `TransportError`.
 */
export async function createNode(options: NodeOptions = {}): Promise<HearsayNode> {
  const node = new ClusterNode(settle(options))
  try {
    await node.start()
  } catch (error) {
    await node.close()
    throw error
  }
  return node
}
