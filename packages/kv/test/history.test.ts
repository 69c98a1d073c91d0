// The message history: kv spec 3.11.
import { describe, expect, it } from 'vitest'
import { KvStore, lastWriterMap, type QueuedBroadcast, register } from '../src/index.ts'
import { VirtualSystem } from './virtual-system.ts'

function two(messageHistoryBytes: number) {
  const system = new VirtualSystem()
  const queue: QueuedBroadcast[] = []
  const [a, b] = [new KvStore({ system, messageHistoryBytes }), new KvStore({ system, messageHistoryBytes })]
  a.delegate().attach({ broadcast: (item) => queue.push(item), memberCount: () => 2 })
  b.delegate().attach({ broadcast: () => {}, memberCount: () => 2 })
  const gossip = async () => {
    for (const { payload } of queue.splice(0)) b.delegate().onMessage(payload, { from: 'x', channel: 'packet' })
    await system.settle()
  }
  return { system, a, b, gossip }
}
const set = (store: KvStore, name: string, value: unknown = 1) =>
  store.update('k', lastWriterMap<unknown>(), (map) => map.set(name, value))

describe('the message history', () => {
  it('has what was sent and received, by one counter, with what became of it', async () => {
    const { system, a, b, gossip } = two(10_000)
    await set(a, 'x')
    await set(a, 'y')
    await gossip()
    const payload = a.delegate().localState(false)
    b.delegate().mergeRemoteState(payload, false, { from: 'x', channel: 'stream' })
    await system.settle()
    const { sent } = a.history.messages
    expect(sent).toMatchObject([
      { id: 1, version: 1, names: ['x'], channel: 'broadcast', pair: { key: 'k', codecId: 'hearsay.lastWriterMap' } },
      { id: 2, version: 2, names: ['y'], channel: 'broadcast' },
      { id: 3, version: 2, names: [], channel: 'full-state' },
    ])
    const { received } = b.history.messages
    expect(received).toMatchObject([
      { version: 1, names: ['x'], channel: 'broadcast' },
      { version: 2, names: ['y'] },
      { version: 0, names: [], channel: 'full-state' },
    ])
    // One counter for both directions: b passed on what it received.
    const ids = [...received, ...b.history.messages.sent].map(({ id }) => id)
    expect(ids.sort()).toEqual([1, 2, 3, 4, 5])
    expect(received[0]!.pair.value).toEqual(sent[0]!.pair.value)
  })

  it('shows a received deletion as the merge left it, not as it came', async () => {
    const { a, b, gossip } = two(10_000)
    await a.update('k', register, (r) => r.set(1))
    await gossip()
    await b.delete('k')
    await a.update('k', register, (r) => r.set(2))
    await gossip()
    expect(b.history.messages.received.at(-1)!.pair).toMatchObject({
      deleted: true,
      updateTimeMs: b.entry('k')!.deletedAt,
    })
  })

  it('keeps within its bytes: the oldest give way, a single larger one is not kept', async () => {
    const { a } = two(400)
    for (let index = 0; index < 20; index++) await set(a, `name-${index}`)
    const { sent } = a.history.messages
    expect(sent.at(-1)!.names).toEqual(['name-19'])
    expect(sent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThanOrEqual(400)
    expect(sent.length).toBeGreaterThan(3)
    await set(a, 'large', 'x'.repeat(500))
    expect(a.history.messages.sent).toEqual([])
    await set(a, 'small')
    a.history.clear()
    expect(a.history.messages).toEqual({ sent: [], received: [] })
  })

  it('is off unless asked for', async () => {
    const { a } = two(0)
    await set(a, 'x')
    a.delegate().localState(false)
    expect(a.history.isOn).toBe(false)
    expect(a.history.messages).toEqual({ sent: [], received: [] })
  })
})
