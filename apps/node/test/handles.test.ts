// Goal: what was closed, or never came to be, keeps nothing of the process. Method: the resources that Node itself lists,
// before and after.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { createNode, type NodeOptions } from '../src/index.ts'
import { failure, soon, tuning } from './nodes.ts'

type Resources = Record<string, number>
const kinds = ['UDPWrap', 'TCPServerWrap', 'TCPSocketWrap', 'Timeout']
const resources = (): Resources => {
  const active = process.getActiveResourcesInfo()
  return Object.fromEntries(kinds.map((kind) => [kind, active.filter((other) => other === kind).length]))
}
const loopback = { bindAddress: '127.0.0.1', bindPort: 0, tuning } as const

/** Handles go in later turns of the event loop than the promises that tell of it; a timer left behind would not go in them. */
async function expectNoMoreThan(before: Resources): Promise<void> {
  const surplus = () => Object.entries(resources()).filter(([kind, count]) => count > before[kind]!)
  for (let turn = 0; turn < 20 && surplus().length > 0; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(surplus()).toEqual([])
}

it.each(['udp', 'tcp'] as const)('nothing is left after leave and close over %s', async (transport) => {
  const before = resources()
  const a = await createNode({ name: 'a', transport, ...loopback })
  const b = await createNode({ name: 'b', transport, ...loopback, join: [a.address] })
  await b.ring('workers').join({ tokens: 8 })
  await soon(() => expect(a.rings()).toEqual(['workers']))
  expect(resources().TCPServerWrap).toBe(before.TCPServerWrap! + 2)
  await b.leave()
  await a.close()
  await expectNoMoreThan(before)
})

it('nothing is left of a start that could not join', async () => {
  const before = resources()
  const error = await failure({ ...loopback, join: ['127.0.0.1:1'], requireJoin: true })
  expect(error).toMatchObject({ code: 'JOIN_FAILED', seeds: [{ seed: '127.0.0.1:1', outcome: 'failed' }] })
  await expectNoMoreThan(before)
})

it('a UDP port in use rejects in one sentence with a code, and the TCP port beside it is free again', async () => {
  const taken = createSocket('udp4')
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address()
  const before = resources()
  const options: NodeOptions = { ...loopback, bindPort: port }
  const error = await failure(options)
  expect(error.code).toBe('ADDRESS_IN_USE')
  expect(error.message).toContain(`127.0.0.1:${port}`)
  expect(error.message).not.toContain('\n')
  await expectNoMoreThan(before)

  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
  taken.close()
  await once(taken, 'close')
})
