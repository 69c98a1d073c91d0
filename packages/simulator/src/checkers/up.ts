import type { SimNode } from '../node.ts'

/** Whether a member runs, is not stalled, and takes part. */
export const isUp = (node: SimNode): boolean =>
  node.running !== undefined && node.state !== 'stalled' && node.machine.self.status === 'alive'
