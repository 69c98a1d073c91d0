// `/memberlist` with parameters: kv spec 7.5 and check 54.
import { KvStore, lastWriterMap } from '@hearsay/kv'
import { describe, expect, it } from 'vitest'
import { setUp } from './fake-node.ts'

/** A key with a value and a tombstone, as a peer sent it. */
async function withMessages() {
  const made = setUp()
  const { node } = made
  const peer = new KvStore()
  const sent: Uint8Array[] = []
  peer.delegate().attach({ broadcast: ({ payload }) => sent.push(payload), memberCount: () => 2 })
  await peer.update('flags/a b', lastWriterMap, (map) => map.set('eu', 1).set('us', 2))
  await peer.update('flags/a b', lastWriterMap, (map) => map.delete('us'))
  for (const payload of sent) node.kv.delegate().onMessage(payload, { from: 'x', channel: 'packet' })
  await node.kv.idle()
  return made
}
const KEY = encodeURIComponent('flags/a b')

describe('54. /memberlist with a parameter', () => {
  it('shows a value with the tombstones that reading hides, in either form', async () => {
    const { call, node } = await withMessages()
    expect([...node.kv.get('flags/a b', lastWriterMap)!]).toEqual([['eu', 1]])
    const plain = await call(`/memberlist?viewKey=${KEY}&format=json`)
    expect([plain.status, plain.headers.get('content-type')]).toEqual([200, 'application/json'])
    const text = await plain.text()
    expect(JSON.parse(text)).toMatchObject({ entries: { eu: { value: 1 }, us: { deleted: true } } })
    expect(text.trim()).not.toContain('\n')
    const pretty = await (await call(`/memberlist?viewKey=${KEY}&format=json-pretty`)).text()
    expect(pretty).toContain('\n    "entries"')
    expect((await call('/memberlist?viewKey=nothing')).status).toBe(404)
  })

  it('gives a value to take along, under a harmless name', async () => {
    const { call, node } = await withMessages()
    const response = await call(`/memberlist?downloadKey=${KEY}`)
    const entry = node.kv.entry('flags/a b')!
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(bytes).toEqual(entry.type.encode(entry.state))
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
      'content-disposition': 'attachment; filename="2-flags_a_b"',
    })
    expect((await call('/memberlist?downloadKey=nothing')).status).toBe(404)
  })

  it('shows a message of the history by its number', async () => {
    const { call, node } = await withMessages()
    const { received } = node.kv.history.messages
    const view = async (id: unknown) => (await call(`/memberlist?viewMsg=${id}&format=json`)).status
    expect(await (await call(`/memberlist?viewMsg=${received[1]!.id}&format=json`)).json()).toMatchObject({
      entries: { us: { deleted: true } },
    })
    expect([await view('x'), await view(''), await view(999), await view(received[0]!.id)]).toEqual([
      400, 200, 404, 200,
    ])
  })

  it('forgets the history when it is asked to by POST, and by nothing else', async () => {
    const { call, node } = await withMessages()
    const refused = await call('/memberlist?deleteMessages=true')
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await call('/memberlist?deleteMessages=false')).status).toBe(200)
    expect((await call('/memberlist', { method: 'POST' })).status).toBe(400)
    const foreign = { method: 'POST', headers: { origin: 'http://evil.example' } }
    expect((await call('/memberlist?deleteMessages=true', foreign)).status).toBe(403)
    expect(node.kv.history.messages.received).toHaveLength(2)
    const response = await call('/memberlist?deleteMessages=true', { method: 'POST' })
    expect([response.status, response.headers.get('location')]).toEqual([302, '/memberlist?deleteMessages=false'])
    expect(node.kv.history.messages).toEqual({ sent: [], received: [] })
  })

  it('goes by the first of several, and by the first value of each', async () => {
    const { call } = await withMessages()
    const both = await call(`/memberlist?viewKey=${KEY}&downloadKey=${KEY}&downloadKey=nothing`)
    expect(both.headers.get('content-type')).toBe('application/octet-stream')
  })
})

describe('the history', () => {
  it('is in the JSON, with dskit’s names, and on the page', async () => {
    const { call } = await withMessages()
    const json = await (await call('/memberlist', { headers: { accept: 'application/json' } })).json()
    const received = json as { MessageHistoryBufferBytes: number; ReceivedMessages: Record<string, unknown>[] }
    expect(received.MessageHistoryBufferBytes).toBe(100_000)
    expect(received.ReceivedMessages).toHaveLength(2)
    expect(received.ReceivedMessages[1]).toEqual({
      ID: expect.any(Number),
      Time: expect.stringMatching(/^2.*Z$/),
      Size: expect.any(Number),
      Pair: { key: 'flags/a b', value: expect.any(String), codec: 'hearsay.lastWriterMap' },
      Version: 2,
      Changes: ['us'],
    })
    const page = await (await call('/memberlist')).text()
    expect(page).toContain('Received messages')
    expect(page).toContain(`href="?viewKey=${KEY}&amp;format=json"`)
  })
})
