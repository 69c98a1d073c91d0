// Goal: streams begin with what is there, follow what changes, and are bounded. Method: read the bytes a browser would.
import { describe, expect, it } from 'vitest'
import { type AdminSystem, MAX_STREAMS } from '../src/index.ts'
import { halves, member, problemType, setUp } from './fake-node.ts'

/** Reads events of a stream one by one. */
function reader(response: Response) {
  const stream = response.body!.getReader()
  const decoder = new TextDecoder()
  let pending = ''
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const end = pending.indexOf('\n\n')
      if (end >= 0) {
        const block = pending.slice(0, end)
        pending = pending.slice(end + 2)
        return block
      }
      const { done, value } = await stream.read()
      if (done) return undefined
      pending += decoder.decode(value, { stream: true })
    }
  }
  return { next, cancel: () => stream.cancel() }
}

const data = (block: string | undefined) => JSON.parse(/^data: (.*)$/m.exec(block ?? '')![1]!)

describe('watching a key', () => {
  it('begins with the value and goes on with each change', async () => {
    const { call } = setUp()
    const put = (body: unknown) => call('/api/v1/kv/ring?codec=ringDesc', { method: 'PUT', body })
    const { 'i-1': first, 'i-2': second } = halves().ingesters
    await put({ ingesters: { 'i-1': first } })
    const response = await call('/api/v1/kv/ring/watch')
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const events = reader(response)
    expect(await events.next()).toBe('retry: 2000')
    const value = await events.next()
    expect(value).toMatch(/^event: value\nid: boot-a-1\n/)
    expect(Object.keys(data(value).value.ingesters)).toEqual(['i-1'])
    await put({ ingesters: { 'i-2': second } })
    const change = await events.next()
    expect(change).toMatch(/^event: change\nid: boot-a-2\n/)
    expect(data(change)).toMatchObject({ key: 'ring', codec: 'ringDesc', version: 2, deleted: false, origin: 'local' })
    expect(Object.keys(data(change).change.ingesters)).toEqual(['i-2'])
    expect(Object.keys(data(change).value.ingesters)).toEqual(['i-1', 'i-2'])
    await events.cancel()
  })

  it('waits for a key that does not exist yet', async () => {
    const { call } = setUp()
    const events = reader(await call('/api/v1/kv/ring/watch'))
    await events.next()
    const change = events.next()
    await call('/api/v1/kv/ring?codec=ringDesc', { method: 'PUT', body: halves() })
    expect(data(await change).version).toBe(1)
    await events.cancel()
  })

  it('ends the watch in the store when the reader goes away', async () => {
    const { call, node } = setUp()
    const events = reader(await call('/api/v1/kv/ring/watch'))
    await events.next()
    expect(node.kv.metrics().watchers).toBe(1)
    await events.cancel()
    expect(node.kv.metrics().watchers).toBe(0)
  })
})

describe('membership events', () => {
  it('come with member and evidence', async () => {
    const { call, node } = setUp()
    const events = reader(await call('/api/v1/events'))
    await events.next()
    const event = events.next()
    await new Promise((resolve) => setImmediate(resolve))
    node.emit({
      type: 'suspect',
      member: member('node-2', { status: 'suspect' }),
      evidence: { source: 'gossip', accuser: 'node-3' },
    })
    const block = await event
    expect(block).toMatch(/^event: suspect\n/)
    expect(data(block)).toMatchObject({
      type: 'suspect',
      member: { name: 'node-2', state: 'suspect' },
      evidence: { source: 'gossip', accuser: 'node-3' },
    })
    await events.cancel()
  })
})

describe('every stream', () => {
  it('is one of a bounded number, and leaves its place when it ends', async () => {
    const { call } = setUp()
    const open = []
    for (let count = 0; count < MAX_STREAMS; count++) open.push(await call('/api/v1/events'))
    const refused = await call('/api/v1/events')
    expect([refused.status, await problemType(refused)]).toEqual([503, 'too-many-streams'])
    await open[0]!.body!.cancel()
    expect((await call('/api/v1/events')).status).toBe(200)
  })

  it('takes no place for a HEAD', async () => {
    const { call } = setUp()
    for (let count = 0; count < MAX_STREAMS + 1; count++)
      expect((await call('/api/v1/events', { method: 'HEAD' })).status).toBe(200)
    expect((await call('/api/v1/events')).status).toBe(200)
  })

  it('ends when the node leaves, and no new one begins', async () => {
    const { call, admin } = setUp()
    const events = reader(await call('/api/v1/events'))
    await events.next()
    const end = events.next()
    admin.close()
    expect(await end).toBeUndefined()
    expect((await call('/api/v1/events')).status).toBe(503)
  })

  it('sends a comment at each tick, but not to a reader that does not keep up', async () => {
    const ticks = new Set<() => void>()
    const system: AdminSystem = {
      wallNowMs: () => 0,
      every(_period, tick) {
        ticks.add(tick)
        return () => ticks.delete(tick)
      },
    }
    const tickAll = () => {
      for (const tick of ticks) tick()
    }
    const { call } = setUp({ system })
    const events = reader(await call('/api/v1/events'))
    // Nothing was read yet: the first chunk still waits.
    for (let count = 0; count < 10; count++) tickAll()
    expect(await events.next()).toBe('retry: 2000')
    let beats = 0
    const beat = events.next().finally(() => beats++)
    await new Promise((resolve) => setImmediate(resolve))
    expect(beats).toBe(0)
    tickAll()
    expect(await beat).toBe(': alive')
    await events.cancel()
    expect(ticks.size).toBe(0)
  })
})
