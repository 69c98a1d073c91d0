import { ClusterNode } from './cluster-node.ts'
import { NodeError } from './errors.ts'
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
 * `requireJoin`, has each seed's outcome; `ABORTED` when `signal` came first. A port in use or an address that is not
 * there rejects with the transport's `TransportError`. Whatever it rejects with, everything that was opened is closed.
 */
export async function createNode(options: NodeOptions = {}): Promise<HearsayNode> {
  const settings = settle(options)
  const { signal } = options
  if (signal?.aborted) throw calledOff(signal)
  const node = new ClusterNode(settings)
  // Closing ends every wait of a start.
  const callOff = (): void => void node.close()
  signal?.addEventListener('abort', callOff)
  try {
    await node.start()
    if (signal?.aborted) throw calledOff(signal)
  } catch (error) {
    await node.close()
    throw signal?.aborted ? calledOff(signal) : error
  } finally {
    signal?.removeEventListener('abort', callOff)
  }
  return node
}

const calledOff = (signal: AbortSignal): NodeError =>
  new NodeError('ABORTED', 'the start was called off', { cause: signal.reason })
