// Goal: a start can be called off whatever it waits for, and then leaves nothing open. Method: the signal aborts before
// the start, while it listens, and while it dials a seed that never answers.

import { memoryNetwork, type Transport } from '@hearsay/transport'
import { expect, it, vi } from 'vitest'
import { failure, start, statuses } from './nodes.ts'

const own = '10.0.0.1:7946'
const seed = '10.0.0.50:7946'

/** Tells of each dial before it begins. */
const observed = (transport: Transport, onDial: () => void): Transport => {
  const dial = transport.dial.bind(transport)
  return Object.assign(transport, {
    dial: (...args: Parameters<Transport['dial']>) => {
      onDial()
      return dial(...args)
    },
  })
}

it('is refused with the reason when the signal has aborted already, before anything is opened', async () => {
  const network = memoryNetwork()
  const reason = new Error('no more')
  const listen = vi.fn()
  const transport = Object.assign(network.transport(own), { listen })
  const error = await failure({ transport, signal: AbortSignal.abort(reason) })
  expect(error).toMatchObject({ name: 'NodeError', code: 'ABORTED', cause: reason })
  expect(listen).not.toHaveBeenCalled()
})

it('is called off while it listens', async () => {
  const network = memoryNetwork()
  const controller = new AbortController()
  const starting = failure({ transport: network.transport(own), signal: controller.signal })
  controller.abort()
  expect(await starting).toMatchObject({ code: 'ABORTED' })
  await start({ transport: network.transport(own) })
})

it.each([false, true])(
  'is called off while a seed does not answer (requireJoin %s)',
  { timeout: 10_000 },
  async (requireJoin) => {
    const network = memoryNetwork()
    await start({ name: 'seed', transport: network.transport(seed) })
    network.cut(own, seed)
    const controller = new AbortController()
    const transport = observed(network.transport(own), () => controller.abort('enough'))
    const { signal } = controller
    const join = [seed]
    const error = await failure({ name: 'a', transport, join, requireJoin, joinTimeoutMs: 3_600_000, signal })
    expect(error).toMatchObject({ code: 'ABORTED', cause: 'enough' })
    await start({ name: 'b', transport: network.transport(own) })
  },
)

it('means nothing once the node runs', async () => {
  const controller = new AbortController()
  const node = await start({ name: 'a', transport: memoryNetwork(), signal: controller.signal })
  controller.abort()
  await node.kv.idle()
  expect(statuses(node)).toEqual({ a: 'alive' })
  expect(() => node.broadcast(new Uint8Array(1))).not.toThrow()
})

it('waits as long as it is told, beyond what a timer can hold', async () => {
  const network = memoryNetwork({ delayMs: 5 })
  const far = 2 ** 31
  const first = await start({ name: 'first', transport: network.transport(own) })
  const second = await start({ name: 'second', transport: network, join: [first.address], joinTimeoutMs: far })
  expect(second.joined).toBe(true)

  let dialCount = 0
  const transport = observed(network.transport(), () => dialCount++)
  const quiet = { probe: { intervalMs: 0 }, pushPull: { intervalMs: 0 } }
  await start({ name: 'alone', transport, join: [seed], rejoinIntervalMs: far, tuning: quiet })
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(dialCount).toBe(1)
})

it('releases a transport that listens under an address nobody can be told', async () => {
  const network = memoryNetwork()
  const inner = network.transport(own)
  const listen = inner.listen.bind(inner)
  const transport = Object.assign(inner, {
    listen: async (...args: Parameters<Transport['listen']>) => ({ ...(await listen(...args)), advertised: 'nowhere' }),
  })
  await expect(failure({ transport })).resolves.toBeInstanceOf(Error)
  await start({ transport: network.transport(own) })
})
