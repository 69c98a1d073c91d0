// Goal: the store over HTTP merges, replaces and refuses as the design says. Method: the real store behind it.
import { encodeFullState, encodePair } from '@hearsay/kv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { halves, problemType, setUp } from './fake-node.ts'

const ring = '/api/v1/kv/collectors%2Fring'
const put = (body: unknown, headers: Record<string, string> = {}) => ({ method: 'PUT', body, headers })

describe('PUT', () => {
  it('merges a value in and says its version and tag', async () => {
    const { call, node } = setUp()
    const response = await call(`${ring}?codec=ringDesc`, put(halves()))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ key: 'collectors/ring', codec: 'ringDesc', version: 1, changed: true })
    expect(response.headers.get('etag')).toBe('"boot-a-1"')
    expect(node.kv.entry('collectors/ring')?.version).toBe(1)
  })

  it('keeps what the body does not mention', async () => {
    const { call } = setUp()
    const { 'i-1': first, 'i-2': second } = halves().ingesters
    await call(`${ring}?codec=ringDesc`, put({ ingesters: { 'i-1': first } }))
    await call(ring, put({ ingesters: { 'i-2': second } }))
    const value = (await (await call(ring)).json()) as { ingesters: object }
    expect(Object.keys(value.ingesters)).toEqual(['i-1', 'i-2'])
  })

  it('of what is known already changes nothing', async () => {
    const { call } = setUp()
    const value = halves()
    await call(`${ring}?codec=ringDesc`, put(value))
    expect(await (await call(ring, put(value))).json()).toMatchObject({ version: 1, changed: false })
  })

  it('with If-Match replaces: what is absent becomes a tombstone', async () => {
    const { call, node } = setUp()
    await call(`${ring}?codec=ringDesc`, put(halves()))
    const { 'i-2': second } = halves().ingesters
    const response = await call(ring, put({ ingesters: { 'i-2': second } }, { 'if-match': '"boot-a-1"' }))
    expect([response.status, response.headers.get('etag')]).toEqual([200, '"boot-a-2"'])
    const value = (await (await call(ring)).json()) as { ingesters: object }
    expect(Object.keys(value.ingesters)).toEqual(['i-2'])
    const stored = node.kv.entry('collectors/ring')!
    expect(stored.type.toJson(stored.state)).toMatchObject({ ingesters: { 'i-1': { state: 'LEFT' } } })
  })

  it.each(['"boot-a-1"', '"boot-b-2"', 'W/"boot-a-2"', '"other"'])(
    'with If-Match %s loses against version 2 and leaves it alone',
    async (tag) => {
      const { call, node } = setUp()
      const { 'i-1': first, 'i-2': second } = halves().ingesters
      await call(`${ring}?codec=ringDesc`, put({ ingesters: { 'i-1': first } }))
      await call(ring, put({ ingesters: { 'i-2': second } }))
      const response = await call(ring, put({ ingesters: {} }, { 'if-match': tag }))
      expect([response.status, await problemType(response)]).toEqual([412, 'precondition-failed'])
      expect(node.kv.entry('collectors/ring')?.version).toBe(2)
    },
  )

  it('of two replacements of one version accepts one', async () => {
    const { call } = setUp()
    await call(`${ring}?codec=ringDesc`, put(halves()))
    const { 'i-1': first, 'i-2': second } = halves().ingesters
    const responses = await Promise.all(
      [first, second].map((instance, index) =>
        call(ring, put({ ingesters: { [`i-${index + 1}`]: instance } }, { 'if-match': '"boot-a-1"' })),
      ),
    )
    expect(responses.map((response) => response.status).sort()).toEqual([200, 412])
  })

  it('with If-Match * needs a key, with If-None-Match * needs none', async () => {
    const { call } = setUp()
    expect((await call(`${ring}?codec=ringDesc`, put(halves(), { 'if-match': '*' }))).status).toBe(412)
    expect((await call(`${ring}?codec=ringDesc`, put(halves(), { 'if-none-match': '*' }))).status).toBe(200)
    expect((await call(`${ring}?codec=ringDesc`, put(halves(), { 'if-none-match': '*' }))).status).toBe(412)
    expect((await call(ring, put({ ingesters: {} }, { 'if-match': '*' }))).status).toBe(200)
  })

  it.each([
    ['?codec=nobodys', halves(), 400, 'codec-unknown'],
    ['', halves(), 400, 'codec-required'],
    ['?codec=ringDesc', '{"ingesters": ', 400, 'json-malformed'],
    ['?codec=ringDesc', '', 400, 'json-malformed'],
    ['?codec=ringDesc', [], 400, 'value-invalid'],
    ['?codec=ringDesc', ' '.repeat(1024 * 1024 + 1), 413, 'body-too-large'],
  ])('of %s %s is refused', async (query, body, status, type) => {
    const { call, node } = setUp()
    const response = await call(ring + query, put(body))
    expect([response.status, await problemType(response)]).toEqual([status, type])
    expect(node.kv.entry('collectors/ring')).toBeUndefined()
  })

  it('names the path of what is wrong in a value', async () => {
    const { call } = setUp()
    const value = { ingesters: { 'i-1': { ...halves().ingesters['i-1'], tokens: [1, -1] } } }
    const response = await call(`${ring}?codec=ringDesc`, put(value))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ path: '$.ingesters["i-1"].tokens[1]' })
  })

  it('stops reading a body without a length once it is too large', async () => {
    const { admin } = setUp({ maxBodyBytes: 100 })
    let pulled = 0
    const body = new ReadableStream({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(60))
      },
    })
    const request = new Request(`http://127.0.0.1${ring}?codec=ringDesc`, {
      method: 'PUT',
      body,
      duplex: 'half',
    } as RequestInit)
    const response = await admin.fetch(request, { remoteAddress: '127.0.0.1' })
    expect(response.status).toBe(413)
    expect(pulled).toBeLessThan(5)
  })

  it('of another codec than the stored one is a conflict', async () => {
    const { call } = setUp()
    await call(`${ring}?codec=ringDesc`, put(halves()))
    const codec = (await import('@hearsay/kv')).register().codecId
    const response = await call(`${ring}?codec=${codec}`, put({}))
    expect([response.status, await problemType(response)]).toEqual([409, 'codec-mismatch'])
  })
})

describe('GET', () => {
  it('gives the codec’s JSON form with its tag, states as names', async () => {
    const { call } = setUp()
    const value = halves()
    await call(`${ring}?codec=ringDesc`, put(value))
    const response = await call(ring)
    expect(response.headers.get('etag')).toBe('"boot-a-1"')
    expect(await response.json()).toEqual({
      ingesters: { ...value.ingesters, 'i-2': { ...value.ingesters['i-2'], state: 'ACTIVE' } },
    })
  })

  it('of a known tag is 304 without a body', async () => {
    const { call } = setUp()
    await call(`${ring}?codec=ringDesc`, put(halves()))
    const response = await call(ring, { headers: { 'if-none-match': '"x", "boot-a-1"' } })
    expect([response.status, await response.text()]).toEqual([304, ''])
  })

  it('of an unknown key is 404', async () => {
    expect(await problemType(await setUp().call(ring))).toBe('key-unknown')
  })

  it('lists every key with codec, version, size and whether it was deleted', async () => {
    const { call, node } = setUp()
    await call('/api/v1/kv/b?codec=ringDesc', put(halves()))
    await call('/api/v1/kv/a?codec=ringDesc', put(halves()))
    await call('/api/v1/kv/b', { method: 'DELETE' })
    const { keys } = (await (await call('/api/v1/kv')).json()) as { keys: object[] }
    const size = (key: string) => node.kv.entry(key)!.sizeBytes
    expect(keys).toMatchObject([
      { key: 'a', codec: 'ringDesc', version: 1, size: size('a'), deleted: false },
      { key: 'b', codec: 'ringDesc', version: 2, size: size('b'), deleted: true },
    ])
  })

  it('lists values nobody here can read, and says so when one is asked for', async () => {
    const { call, node } = setUp()
    const pair = { key: 'theirs', value: Uint8Array.of(1, 2, 3), codecId: 'strange', deleted: false, updateTimeMs: 0 }
    node.kv.delegate().mergeRemoteState?.(encodeFullState([encodePair(pair as never)]), false, {} as never)
    await node.kv.idle()
    const { keys } = (await (await call('/api/v1/kv')).json()) as { keys: object[] }
    expect(keys).toMatchObject([{ key: 'theirs', codec: 'strange', size: 3, readable: false }])
    const response = await call('/api/v1/kv/theirs')
    expect([response.status, await problemType(response)]).toEqual([409, 'value-undeclared'])
  })

  it('finds any key that was put, however it is spelled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((key) => key !== '.' && key !== '..'),
        async (key) => {
          const { call, node } = setUp()
          const path = `/api/v1/kv/${encodeURIComponent(key)}`
          expect((await call(`${path}?codec=ringDesc`, put(halves()))).status).toBe(200)
          expect(node.kv.keys()).toEqual([key])
          expect((await call(path)).status).toBe(200)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('refuses a path that is not well encoded', async () => {
    expect(await problemType(await setUp().call('/api/v1/kv/%ff'))).toBe('path-malformed')
  })
})

describe('DELETE', () => {
  it('tombstones a key: it is listed as deleted and not found any more', async () => {
    const { call, node } = setUp()
    await call(`${ring}?codec=ringDesc`, put(halves()))
    const response = await call(ring, { method: 'DELETE' })
    expect(await response.json()).toMatchObject({ key: 'collectors/ring', changed: true })
    expect(node.kv.entry('collectors/ring')?.deleted).toBe(true)
    for (const method of ['GET', 'DELETE']) expect(await problemType(await call(ring, { method }))).toBe('key-deleted')
  })

  it('with If-Match of an older version is refused', async () => {
    const { call } = setUp()
    await call(`${ring}?codec=ringDesc`, put(halves()))
    expect((await call(ring, { method: 'DELETE', headers: { 'if-match': '"boot-a-9"' } })).status).toBe(412)
    expect((await call(ring, { method: 'DELETE', headers: { 'if-match': '"boot-a-1"' } })).status).toBe(200)
  })

  it('of an unknown key is 404', async () => {
    expect(await problemType(await setUp().call(ring, { method: 'DELETE' }))).toBe('key-unknown')
  })
})
