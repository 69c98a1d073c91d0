import type { SimNode } from '../node.ts'
import { isUp } from './up.ts'

/** Of some members those who are up; asked later, those of them who have been up in the same life since. */
export function witnesses(nodes: readonly SimNode[]): () => SimNode[] {
  const there = nodes.filter(isUp).map((node) => ({ node, life: node.life }))
  return () => there.filter(({ node, life }) => isUp(node) && node.life === life).map(({ node }) => node)
}
