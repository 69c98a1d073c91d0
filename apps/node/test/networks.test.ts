// Goal: a node held to networks neither hears nor lists who is elsewhere, and says so. Method: real sockets on loopback,
// with and without 127.0.0.0/8 among the networks.

import { afterEach, describe, expect, it } from 'vitest'
import { createNode, type HearsayNode, type NodeOptions } from '../src/index.ts'

const nodes: HearsayNode[] = []
const start = async (name: string, options: NodeOptions): Promise<HearsayNode> => {
  const node = await createNode({ name, bindAddress: '127.0.0.1', bindPort: 0, joinTimeoutMs: 2000, ...options })
  nodes.push(node)
  return node
}
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.close())))
const names = (node: HearsayNode): string[] => node.members().map(({ name }) => name)

describe.each(['udp', 'tcp'] as const)('allowedCidrs, over %s', (transport) => {
  it('let in who is inside', async () => {
    const a = await start('a', { transport, allowedCidrs: ['192.0.2.0/24', '127.0.0.0/8'] })
    const b = await start('b', { transport, join: [a.address], requireJoin: true })
    expect(names(b)).toContain('a')
    expect(a.metrics().transport.drops).toEqual({})
  })

  it('keep out who is elsewhere: nothing of it is read', async () => {
    const a = await start('a', { transport, allowedCidrs: ['192.0.2.0/24'] })
    const b = await start('b', { transport, join: [a.address] })
    expect(b.joined).toBe(false)
    expect(names(a)).toEqual(['a'])
    expect(a.metrics().transport.drops['not-allowed']).toBeGreaterThan(0)
    expect(a.metrics().membership.messagesIn).toEqual({})
  })
})
