/** Our side: a node on loopback that is closed at the end of its scope. */
import { createNode, type HearsayNode, type NodeOptions } from '@hearsay/node'

/** A node on 127.0.0.1 and a free port. */
export function ourNode(name: string, options: NodeOptions = {}): Promise<HearsayNode> {
  return createNode({ name, bindAddress: '127.0.0.1', bindPort: 0, ...options })
}

/** The status of a member as one of ours sees it. */
export const statusOf = (node: HearsayNode, name: string): string | undefined =>
  node.members().find((member) => member.name === name)?.status

/** Metadata of a member as one of ours sees it, as text. */
export const metaOf = (node: HearsayNode, name: string): string | undefined => {
  const meta = node.members().find((member) => member.name === name)?.meta
  return meta && new TextDecoder().decode(meta)
}
