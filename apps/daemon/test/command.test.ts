// Goal: the command shows people tables and programs the API's JSON, and says in one sentence what went wrong.
// Method: a server with known answers; every output compared as text.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { command } from '../src/command/program.ts'
import { FakeIo } from './fake-io.ts'

interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body: string
}

let server: Server
let url: string
let answers: Record<string, Answer>
let requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const key = `${request.method} ${request.url}`
    requests.push({ method: request.method!, url: request.url!, headers: request.headers, body })
    const answer = answers[key] ?? {
      status: 404,
      body: JSON.stringify({ title: 'No such thing', detail: `no ${key}` }),
    }
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
    response.end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  answers = {}
  requests = []
})

async function run(argv: string[], stdin = '') {
  const io = new FakeIo(stdin)
  const status = await command(argv, io)
  return { status, out: io.out, err: io.err }
}

const members = {
  members: [
    {
      name: 'a',
      addr: '10.0.0.1',
      port: 7946,
      state: 'alive',
      incarnation: 12,
      meta: 'AQ==',
      protocol: 2,
      rttMs: 1.25,
    },
    {
      name: 'b\u001b[31m',
      addr: '2001:db8::1',
      port: 1,
      state: 'suspect',
      incarnation: 3,
      meta: '',
      protocol: 2,
      rttMs: null,
    },
  ],
}

describe('members', () => {
  it('are a table in which nothing drives the terminal', async () => {
    answers['GET /api/v1/members'] = { body: JSON.stringify(members) }
    expect(await run(['members', '--http', url])).toEqual({
      status: 0,
      err: '',
      out: [
        'NAME         ADDRESS          STATE    INCARNATION  PROTOCOL    RTT  META',
        'a            10.0.0.1:7946    alive             12         2  1.3ms  AQ==',
        'b\\u001b[31m  [2001:db8::1]:1  suspect            3         2      -',
        '',
      ].join('\n'),
    })
  })

  it('with --json are the API’s own JSON on one line', async () => {
    answers['GET /api/v1/members'] = { body: JSON.stringify(members) }
    const { out } = await run(['members', '--http', `${url}/`, '--json'])
    expect(out).toBe(`${JSON.stringify(members)}\n`)
  })
})

describe('kv', () => {
  it('list is a table', async () => {
    const keys = [{ key: 'collectors/ring', codec: 'ringDesc', version: 3, size: 1234, deleted: false }]
    answers['GET /api/v1/kv'] = { body: JSON.stringify({ keys }) }
    expect((await run(['kv', 'list', '--http', url])).out).toBe(
      'KEY              CODEC     VERSION  SIZE  DELETED\ncollectors/ring  ringDesc        3  1234  no\n',
    )
  })

  it('get asks for the key percent-encoded and prints its JSON', async () => {
    answers['GET /api/v1/kv/a%2Fb%20c'] = { body: '{"x":1}' }
    expect((await run(['kv', 'get', 'a/b c', '--http', url])).out).toBe('{\n  "x": 1\n}\n')
    expect((await run(['kv', 'get', 'a/b c', '--http', url, '--json'])).out).toBe('{"x":1}\n')
  })

  it('get of an unknown key says so and ends with 3', async () => {
    expect(await run(['kv', 'get', 'x', '--http', url])).toEqual({
      status: 3,
      out: '',
      err: 'hearsay: no GET /api/v1/kv/x\n',
    })
  })

  it('put sends the value, its codec and the token', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'hearsay-'))
    const token = join(scratch, 'token')
    writeFileSync(token, 's3cret\n')
    answers['PUT /api/v1/kv/k?codec=ringDesc'] = { headers: { etag: '"b-1"' }, body: '{"version":1,"changed":true}' }
    const { out } = await run([
      'kv',
      'put',
      'k',
      '{"a":1}',
      '--codec',
      'ringDesc',
      '--http',
      url,
      '--token-file',
      token,
    ])
    rmSync(scratch, { recursive: true })
    expect(out).toBe('k: version 1, tag "b-1"\n')
    expect(requests[0]).toMatchObject({ body: '{"a":1}', headers: { authorization: 'Bearer s3cret' } })
    expect(requests[0]!.headers['if-match']).toBeUndefined()
  })

  it('put reads standard input, and sends If-Match as a quoted tag', async () => {
    answers['PUT /api/v1/kv/k'] = { body: '{"version":1,"changed":false}' }
    const { out } = await run(['kv', 'put', 'k', '--if-match', 'b-1', '--http', url], '[1]')
    expect(out).toBe('k: nothing new in it, still version 1\n')
    expect(requests[0]).toMatchObject({ body: '[1]', headers: { 'if-match': '"b-1"' } })
  })

  it('put that lost ends with 4', async () => {
    answers['PUT /api/v1/kv/k'] = { status: 412, body: JSON.stringify({ detail: 'it is now "b-2"' }) }
    expect(await run(['kv', 'put', 'k', '{}', '--if-match', '"b-1"', '--http', url])).toMatchObject({
      status: 4,
      err: 'hearsay: it is now "b-2"\n',
    })
  })

  it('put of what is no JSON asks nobody and ends with 2', async () => {
    expect((await run(['kv', 'put', 'k', '{', '--http', url])).status).toBe(2)
    expect(requests).toEqual([])
  })

  it('delete says so', async () => {
    answers['DELETE /api/v1/kv/k'] = { body: '{}' }
    expect((await run(['kv', 'delete', 'k', '--http', url])).out).toBe('k: deleted\n')
  })

  it('watch prints each event’s data on a line, and passes over comments', async () => {
    answers['GET /api/v1/kv/k/watch'] = {
      headers: { 'content-type': 'text/event-stream' },
      body: 'retry: 2000\n\n: alive\n\nevent: value\nid: b-1\ndata: {"a":1}\n\nevent: change\ndata: {"a":2}\n\n',
    }
    expect(await run(['kv', 'watch', 'k', '--http', url])).toMatchObject({ status: 0, out: '{"a":1}\n{"a":2}\n' })
  })
})

describe('ring', () => {
  it('without a key lists rings', async () => {
    const rings = [{ key: 'r', instances: 2, tokens: 256, zones: ['', 'a', 'b'] }]
    answers['GET /api/v1/rings'] = { body: JSON.stringify({ rings }) }
    expect((await run(['ring', '--http', url])).out).toBe(
      'RING  INSTANCES  TOKENS  ZONES\nr             2     256  a b\n',
    )
  })

  it('with a key shows its instances', async () => {
    const instance = {
      id: 'i-1',
      addr: '10.0.0.1:9095',
      zone: '',
      state: 'ACTIVE',
      healthy: false,
      timestamp: 1_700_000_000,
      tokens: [1, 2],
      ownership: 1 / 3,
    }
    answers['GET /api/v1/rings/a%2Fb'] = { body: JSON.stringify({ key: 'a/b', instances: [instance] }) }
    expect((await run(['ring', 'a/b', '--http', url])).out).toBe(
      [
        'INSTANCE  ADDRESS        ZONE  STATE   HEALTHY  HEARTBEAT             TOKENS  OWNERSHIP',
        'i-1       10.0.0.1:9095  -     ACTIVE  no       2023-11-14T22:13:20Z       2      33.3%',
        '',
      ].join('\n'),
    )
  })
})

describe('keygen', () => {
  it.each([
    [[], 32],
    [['--bytes', '16'], 16],
    [['--bytes', '24'], 24],
  ])('%j makes a key of %i bytes', async (options, size) => {
    const { out } = await run(['keygen', ...options])
    expect(Buffer.from(out.trim(), 'base64')).toHaveLength(size)
  })

  it('makes another one each time', async () => {
    expect((await run(['keygen'])).out).not.toBe((await run(['keygen'])).out)
  })
})

describe('what goes wrong', () => {
  it('nobody listens', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    const { status, err } = await run(['members', '--http', `http://127.0.0.1:${port}`])
    expect(status).toBe(1)
    expect(err).toBe(
      `hearsay: cannot reach a daemon at http://127.0.0.1:${port} (connection refused); start hearsayd, or say where it is with --http URL\n`,
    )
  })

  it('somebody else answers', async () => {
    answers['GET /api/v1/members'] = { body: '<html>' }
    const { status, err } = await run(['members', '--http', url])
    expect([status, err.split('\n').length]).toEqual([1, 2])
    expect(err).toContain('is it hearsayd?')
  })

  it('a refusal is said as the daemon says it, harmlessly', async () => {
    answers['GET /api/v1/members'] = { status: 421, body: JSON.stringify({ detail: 'no \u001b[2J' }) }
    expect(await run(['members', '--http', url])).toMatchObject({ status: 1, err: 'hearsay: no \\u001b[2J\n' })
  })

  it.each([
    [['members', '--http', 'ftp://x'], /--http/],
    [['members', '--nonsense'], /--nonsense/],
    [['dance'], /dance/],
    [['kv', 'get'], /key/],
    [['keygen', '--bytes', '33'], /16, 24, 32/],
    [['members', '--token-file', '/nowhere/at/all'], /--token-file/],
    [['run', '-nonsense'], /-nonsense/],
    [['run', '-server.http-listen-port=8080', '-nonsense'], /-nonsense.*\n-server\.http-listen-port: .*hearsayd/],
  ])('%j ends with 2 and one line', async (argv, message) => {
    const { status, err, out } = await run(argv)
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err).not.toMatch(/\n {4}at /)
  })

  it.each([['--help'], ['kv', '--help'], ['--version']])('%s prints and ends with 0', async (...argv) => {
    const { status, out, err } = await run(argv)
    expect([status, err]).toEqual([0, ''])
    expect(out.length).toBeGreaterThan(5)
  })
})
