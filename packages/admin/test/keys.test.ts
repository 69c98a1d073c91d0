// Goal: an operator rotates keys through the API and never sees one; whoever may not write cannot. Method: a real keyring
// behind the handler, keys whose text is searched for in every answer, fingerprints computed here from SHA-256.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Call, problemType, setUp } from './fake-node.ts'

/** Keys that look random, so that a part of one would be noticed: 32, 24 and 16 bytes. */
const keyOf = (name: string, sizeBytes = 32) => createHash('sha256').update(name).digest().subarray(0, sizeBytes)
const base64 = (key: Uint8Array) => Buffer.from(key).toString('base64')
const fingerprint = (key: Uint8Array) => createHash('sha256').update(key).digest('hex').slice(0, 16)

const old = keyOf('old')
const next = keyOf('next', 24)
const third = keyOf('third', 16)
const path = '/api/v1/keys'

function withKeys(keys: readonly Uint8Array[], options = {}) {
  const lines: unknown[][] = []
  const log = (...line: unknown[]) => void lines.push(line)
  const { node, call } = setUp({ logger: { error: log, info: log }, ...options })
  for (const key of keys) node.keyring.add(key)
  const post = (body: unknown, more: Call = {}) => call(path, { method: 'POST', body, ...more })
  return { node, call, post, lines, names: () => node.keyring.fingerprints() }
}

const listed = (...keys: readonly Uint8Array[]) => ({
  keys: keys.map((key, index) => ({ fingerprint: fingerprint(key), primary: index === 0 })),
  verifyIncoming: true,
  verifyOutgoing: true,
})

describe('GET /api/v1/keys', () => {
  it('lists fingerprints, the primary first, and what is insisted on', async () => {
    const { call, node } = withKeys([old, next])
    node.encryption = { verifyIncoming: false, verifyOutgoing: true }
    expect(await (await call(path)).json()).toEqual({ ...listed(old, next), verifyIncoming: false })
  })

  it('lists nothing where nothing is encrypted', async () => {
    expect(await (await withKeys([]).call(path)).json()).toEqual(listed())
  })
})

describe('POST /api/v1/keys', () => {
  it('rotates: add, use by key or fingerprint, remove by fingerprint', async () => {
    const { post } = withKeys([old])
    expect(await (await post({ add: base64(next) })).json()).toEqual(listed(old, next))
    expect(await (await post({ add: base64(third) })).json()).toEqual(listed(old, next, third))
    expect(await (await post({ use: base64(third) })).json()).toEqual(listed(third, old, next))
    expect(await (await post({ use: fingerprint(next) })).json()).toEqual(listed(next, third, old))
    expect(await (await post({ remove: fingerprint(old) })).json()).toEqual(listed(next, third))
    expect(await (await post({ remove: base64(third) })).json()).toEqual(listed(next))
  })

  it('makes the first key the primary', async () => {
    const { post } = withKeys([])
    expect(await (await post({ add: base64(next) })).json()).toEqual(listed(next))
  })

  it.each([
    ['add', base64(old)],
    ['remove', base64(third)],
    ['remove', fingerprint(third)],
  ])('has nothing to do for %s of %s, and says 200', async (action, text) => {
    const { post, names } = withKeys([old, next])
    const answer = await post({ [action]: text })
    expect([answer.status, names()]).toEqual([200, [fingerprint(old), fingerprint(next)]])
  })

  it.each([
    [{ use: base64(third) }, 404, 'encryption-key-unknown'],
    [{ use: fingerprint(third) }, 404, 'encryption-key-unknown'],
    [{ remove: base64(old) }, 409, 'encryption-key-primary'],
    [{ remove: fingerprint(old) }, 409, 'encryption-key-primary'],
    [{ add: base64(keyOf('short', 15)) }, 400, 'encryption-key-invalid'],
    [{ add: `${base64(old)}!` }, 400, 'encryption-key-invalid'],
    [{ add: base64(third).replace(/=+$/, '') }, 400, 'encryption-key-invalid'],
    [{ add: '' }, 400, 'encryption-key-invalid'],
    [{ add: fingerprint(old) }, 400, 'encryption-key-invalid'],
    [{ use: 'secret' }, 400, 'encryption-key-invalid'],
    [{ remove: base64(keyOf('short', 20)) }, 400, 'encryption-key-invalid'],
    [{ add: 1 }, 400, 'request-invalid'],
    [{}, 400, 'request-invalid'],
    [{ add: base64(third), use: base64(third) }, 400, 'request-invalid'],
    [{ [base64(third)]: 'add' }, 400, 'request-invalid'],
    [[base64(third)], 400, 'request-invalid'],
    ['null', 400, 'request-invalid'],
    [base64(third), 400, 'json-malformed'],
    [`{"add": ${base64(third)}}`, 400, 'json-malformed'],
    ['', 400, 'json-malformed'],
  ])('refuses %j with %i and changes nothing', async (body, status, type) => {
    const { post, names, lines } = withKeys([old, next])
    const answer = await post(body)
    expect([answer.status, await problemType(answer)]).toEqual([status, type])
    expect([names(), lines]).toEqual([[fingerprint(old), fingerprint(next)], []])
  })

  it('refuses one key too many', async () => {
    const { post } = withKeys(Array.from({ length: 64 }, (_, index) => keyOf(`${index}`)))
    const answer = await post({ add: base64(third) })
    expect([answer.status, await problemType(answer)]).toEqual([409, 'keyring-full'])
  })

  it('is bounded as every body', async () => {
    const { post } = withKeys([old], { maxBodyBytes: 30 })
    expect((await post({ add: base64(next) })).status).toBe(413)
  })
})

describe('a key', () => {
  /** The shortest part that would be a leak rather than a coincidence. */
  const PART_LENGTH = 5
  const partOf = (text: string) => {
    const parts = [old, next, third].flatMap((key) => [base64(key), Buffer.from(key).toString('hex')])
    return parts
      .flatMap((each) => Array.from({ length: each.length - PART_LENGTH }, (_, at) => each.slice(at, at + PART_LENGTH)))
      .find((part) => text.includes(part))
  }

  it('is in no answer and no log line, not even in part', async () => {
    const { post, call, lines } = withKeys([old])
    const bodies: unknown[] = [
      ...['add', 'use', 'remove'].flatMap((action) => [old, next, third].map((key) => ({ [action]: base64(key) }))),
      base64(old),
      `{"add": ${base64(next)}}`,
      { [base64(third)]: 'add' },
      { add: `${base64(third)} ` },
      { use: base64(third).slice(0, 12) },
    ]
    const texts = await Promise.all(bodies.map(async (body) => (await post(body)).text()))
    texts.push(await (await call(path)).text(), await (await call('/metrics')).text(), JSON.stringify(lines))
    expect(texts.map(partOf)).toEqual(texts.map(() => undefined))
    // What would have been seen: the search finds a part where there is one.
    expect(partOf(`…${base64(next).slice(3, 9)}…`)).toBeDefined()
  })

  it('that came or went is logged by fingerprint', async () => {
    const { post, lines } = withKeys([old])
    await post({ add: base64(next) })
    expect(lines).toEqual([['encryption key request', { action: 'add', keys: [fingerprint(old), fingerprint(next)] }]])
  })
})

describe('changing keys', () => {
  it.each([
    ['from elsewhere', { from: '10.0.0.9' }, 'loopback-only'],
    ['through a proxy', { headers: { 'x-forwarded-for': '127.0.0.1' } }, 'loopback-only'],
    ['from a page of a stranger', { headers: { origin: 'https://example.com' } }, 'origin-refused'],
    ['from a page without an origin', { headers: { origin: 'null' } }, 'origin-refused'],
    ['by a name that is not ours', { headers: { host: 'rebound.example' } }, 'host-refused'],
  ])('%s is refused', async (_, how, type) => {
    const { post, names } = withKeys([old])
    expect(await problemType(await post({ add: base64(next) }, how))).toBe(type)
    expect(names()).toEqual([fingerprint(old)])
  })

  it('needs the token where there is one', async () => {
    const { post, names } = withKeys([old], { apiToken: 's3cret' })
    expect(await problemType(await post({ add: base64(next) }))).toBe('token-required')
    expect(names()).toEqual([fingerprint(old)])
    const headers = { authorization: 'Bearer s3cret' }
    expect((await post({ add: base64(next) }, { headers, from: '10.0.0.9' })).status).toBe(200)
  })

  it('has no other method', async () => {
    const { call } = withKeys([old])
    const answer = await call(path, { method: 'DELETE' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  })
})

describe('/metrics', () => {
  it('count keys, and drops by peer and reason', async () => {
    const { call, node } = withKeys([old, next])
    const text = async () => (await (await call('/metrics')).text()).split('\n')
    expect(await text()).toEqual(
      expect.arrayContaining([
        'hearsay_encryption_keys 2',
        'hearsay_drops_by_peer_total{peer="10.0.0.7",reason="label-mismatch"} 4',
        'hearsay_drops_by_peer_total{peer="fd00::7",reason="label-mismatch"} 2',
        'hearsay_drops_by_peer_total{peer="fd00::7",reason="decrypt-failed"} 1',
      ]),
    )
    node.keyring.remove(next)
    expect(await text()).toContain('hearsay_encryption_keys 1')
  })
})
