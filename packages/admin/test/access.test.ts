// Goal: a page in an operator's browser can neither write nor, by rebinding a name, read; strangers cannot write.
// Method: the same write or read with one thing about the caller changed at a time.
import { describe, expect, it } from 'vitest'
import { type Call, halves, problemType, setUp } from './fake-node.ts'

const put = (call: Call = {}): Call => ({ method: 'PUT', body: halves(), ...call })
const path = '/api/v1/kv/ring?codec=ringDesc'

describe('changes without a token', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('are accepted from %s', async (from) => {
    expect((await setUp().call(path, put({ from }))).status).toBe(200)
  })

  it.each([null, '10.0.0.9', '::ffff:10.0.0.9', '128.0.0.1', '::2', '127.0.0.1.example.com', ''])(
    'are refused from %s',
    async (from) => {
      const { call, node } = setUp()
      const response = await call(path, put({ from }))
      expect([response.status, await problemType(response)]).toEqual([403, 'loopback-only'])
      expect(node.kv.entry('ring')).toBeUndefined()
    },
  )

  it.each(['forwarded', 'x-forwarded-for', 'x-real-ip', 'via', 'x-forwarded-host'])(
    'are refused when a proxy forwarded them with %s',
    async (header) => {
      const response = await setUp().call(path, put({ headers: { [header]: '127.0.0.1' } }))
      expect(await problemType(response)).toBe('loopback-only')
    },
  )

  it('covers deleting', async () => {
    const response = await setUp().call('/api/v1/kv/ring', { method: 'DELETE', from: '10.0.0.9' })
    expect(response.status).toBe(403)
  })
})

describe('changes with a token', () => {
  it.each(['10.0.0.9', '127.0.0.1', null])('are accepted with it from %s', async (from) => {
    const { call } = setUp({ apiToken: 's3cret' })
    expect((await call(path, put({ from, headers: { authorization: 'Bearer s3cret' } }))).status).toBe(200)
  })

  it.each([undefined, 'Bearer wrong', 'Bearer s3cre', 'Bearer s3crett', 'Basic s3cret', 'Bearer ', 's3cret'])(
    'are refused with %s, even from loopback',
    async (authorization) => {
      const { call } = setUp({ apiToken: 's3cret' })
      const response = await call(path, put(authorization === undefined ? {} : { headers: { authorization } }))
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      expect(await problemType(response)).toBe('token-required')
    },
  )

  it('leaves reading open', async () => {
    expect((await setUp({ apiToken: 's3cret' }).call('/api/v1/members', { from: '10.0.0.9' })).status).toBe(200)
  })
})

describe('a Host that is a name', () => {
  const passing = [
    'localhost',
    'localhost:8080',
    'LOCALHOST:1',
    '10.1.2.3:8080',
    '[::1]:8080',
    '[2001:db8::1]',
    'ok.example',
  ]
  it.each(passing)('is answered as %s', async (host) => {
    const { call } = setUp({ allowedHosts: ['OK.example'] })
    expect((await call('/api/v1/members', { headers: { host } })).status).toBe(200)
  })

  const refused = [
    'evil.example',
    'localhost.evil.example',
    'ok.example.evil',
    '127.0.0.1.nip.io',
    'a@127.0.0.1',
    'x y',
    '1.2.3.4.5',
  ]
  it.each(refused)('is refused as %s', async (host) => {
    const { call } = setUp({ allowedHosts: ['ok.example'] })
    for (const route of ['/', '/memberlist', '/api/v1/members', '/api/v1/kv', '/nowhere']) {
      const response = await call(route, { headers: { host } })
      expect([response.status, await problemType(response)]).toEqual([421, 'host-refused'])
    }
  })

  it('does not matter to probes and scrapers', async () => {
    const { call } = setUp()
    for (const route of ['/live', '/ready', '/metrics'])
      expect((await call(route, { headers: { host: 'node-1.gossip.svc' } })).status).toBe(200)
  })

  it('is refused for changes, too, token or not', async () => {
    const { call } = setUp({ apiToken: 't' })
    const headers = { host: 'evil.example', authorization: 'Bearer t' }
    expect((await call(path, put({ headers }))).status).toBe(421)
  })
})

describe('an Origin', () => {
  it('of our own pages may change something', async () => {
    const headers = { origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' }
    expect((await setUp().call(path, put({ headers }))).status).toBe(200)
  })

  it.each(['http://evil.example', 'http://127.0.0.1:9999', 'http://localhost:8080', 'null', 'http://127.0.0.1'])(
    'of %s may not',
    async (origin) => {
      const { call } = setUp({ apiToken: 't' })
      const headers = { origin, host: '127.0.0.1:8080', authorization: 'Bearer t' }
      const response = await call(path, put({ headers }))
      expect([response.status, await problemType(response)]).toEqual([403, 'origin-refused'])
    },
  )
})
