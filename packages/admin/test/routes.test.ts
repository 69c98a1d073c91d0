// Goal: each remaining route answers as the design says. Method: known members, rings and counters behind the handler.
import { describe, expect, it } from 'vitest'
import { createAdmin } from '../src/index.ts'
import { caller, halves, member, nowSeconds, problemType, setUp } from './fake-node.ts'

/** As much of a page as the script touches. */
class FakeElement {
  textContent = ''
  children: FakeElement[] = []
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  append(...children: FakeElement[]) {
    this.children.push(...children)
  }

  replaceChildren(...children: FakeElement[]) {
    this.children = children
  }

  all(name: string): FakeElement[] {
    return [...(this.name === name ? [this] : []), ...this.children.flatMap((child) => child.all(name))]
  }
}

class FakeDocument {
  readonly #byId = new Map<string, FakeElement>()
  filled: Promise<void>
  #fill = () => {}

  constructor() {
    this.filled = new Promise((resolve) => {
      this.#fill = resolve
    })
    const status = new FakeElement('p')
    // The script says when it was, last of all.
    Object.defineProperty(status, 'className', { set: () => this.#fill() })
    this.#byId.set('status', status)
  }

  createElement(name: string) {
    return new FakeElement(name)
  }

  getElementById(id: string) {
    const element = this.#byId.get(id) ?? new FakeElement('section')
    this.#byId.set(id, element)
    return element
  }

  cells(id: string) {
    return this.getElementById(id)
      .all('td')
      .map((cell) => cell.textContent)
  }
}

describe('/live and /ready', () => {
  it('live is 200 from the beginning; everything else waits for the node', async () => {
    const call = caller(createAdmin(() => undefined))
    expect((await call('/live')).status).toBe(200)
    const ready = await call('/ready')
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, joined: false, seeds: [] }])
    expect((await call('/metrics')).status).toBe(200)
    for (const path of ['/', '/memberlist', '/api/v1/members', '/api/v1/kv', '/api/v1/rings', '/api/v1/events']) {
      const response = await call(path)
      expect([response.status, await problemType(response)]).toEqual([503, 'not-started'])
    }
  })

  it('ready waits until each seed was tried, and by default not until one was joined', async () => {
    const { call, node } = setUp()
    node.joined = false
    node.seedList = [
      { seed: 'a:1', outcome: 'failed', reason: 'a:1 did not answer' },
      { seed: 'b:1', outcome: 'pending' },
    ]
    expect((await call('/ready')).status).toBe(503)
    node.seedList[1] = { seed: 'b:1', outcome: 'failed', reason: 'no such name' }
    const response = await call('/ready')
    expect([response.status, await response.json()]).toEqual([
      200,
      { ready: true, joined: false, seeds: node.seedList },
    ])
  })

  it('ready may be made to wait until joined', async () => {
    const { call, node } = setUp({ readyRequiresJoin: true })
    node.joined = false
    expect((await call('/ready')).status).toBe(503)
    node.joined = true
    expect((await call('/ready')).status).toBe(200)
  })

  it('ready is over when the node leaves, live is not', async () => {
    const { call, admin } = setUp()
    admin.close()
    const response = await call('/ready')
    expect([response.status, await response.json()]).toMatchObject([503, { ready: false }])
    expect((await call('/live')).status).toBe(200)
  })
})

describe('/api/v1/members', () => {
  it('has exactly the fields of the design, in order of names', async () => {
    const { call, node } = setUp()
    node.memberList = [
      member('b', { address: '[2001:db8::1]:7947', status: 'left', meta: Uint8Array.of(0, 255), versions: null }),
      member('a', { status: 'suspect', incarnation: 4294967295, rttMs: 0.25 }),
    ]
    expect(await (await call('/api/v1/members')).json()).toEqual({
      members: [
        {
          name: 'a',
          addr: '10.0.0.1',
          port: 7946,
          state: 'suspect',
          incarnation: 4294967295,
          meta: '',
          protocol: 2,
          rttMs: 0.25,
        },
        {
          name: 'b',
          addr: '2001:db8::1',
          port: 7947,
          state: 'left',
          incarnation: 7,
          meta: 'AP8=',
          protocol: 0,
          rttMs: null,
        },
      ],
    })
  })
})

describe('/api/v1/rings', () => {
  const withRing = async () => {
    const { call, node } = setUp()
    const value = halves()
    value.ingesters['i-2'].timestamp = nowSeconds() - 3600
    await call('/api/v1/kv/collectors%2Fring?codec=ringDesc', { method: 'PUT', body: value })
    return { call, node, value }
  }

  it('lists rings', async () => {
    const { call } = await withRing()
    expect(await (await call('/api/v1/rings')).json()).toEqual({
      rings: [
        {
          key: 'collectors/ring',
          instances: 2,
          states: { ACTIVE: 2 },
          unhealthy: 1,
          tokens: 2,
          zones: ['a', 'b'],
        },
      ],
    })
  })

  it('shows instances with tokens and ownership', async () => {
    const { call, value } = await withRing()
    const ring = (await (await call('/api/v1/rings/collectors%2Fring')).json()) as { instances: object[] }
    expect(ring).toMatchObject({ key: 'collectors/ring', tokens: 2 })
    expect(ring.instances).toEqual([
      {
        id: 'i-1',
        addr: '10.0.0.1:9095',
        zone: 'a',
        state: 'ACTIVE',
        healthy: true,
        timestamp: value.ingesters['i-1'].timestamp,
        registeredTimestamp: 5,
        readOnly: false,
        tokens: [0],
        ownership: 0.5,
        zoneOwnership: 1,
      },
      {
        id: 'i-2',
        addr: '10.0.0.2:9095',
        zone: 'b',
        state: 'ACTIVE',
        healthy: false,
        timestamp: value.ingesters['i-2'].timestamp,
        registeredTimestamp: 6,
        readOnly: false,
        tokens: [2 ** 31],
        ownership: 0.5,
        zoneOwnership: 1,
      },
    ])
  })

  it('looks a key up', async () => {
    const { call } = setUp()
    const value = halves()
    const third = { ...value.ingesters['i-1'], addr: '10.0.0.3:9095', tokens: [1] }
    await call('/api/v1/kv/r?codec=ringDesc', {
      method: 'PUT',
      body: { ingesters: { ...value.ingesters, 'i-3': third } },
    })
    // 32-bit FNV-1a of "a" is 0xe40c292c, after 2^31: the ring wraps to token 0.
    expect(await (await call('/api/v1/rings/r/lookup?key=a')).json()).toEqual({
      token: 0,
      owner: 'i-1',
      replicas: [
        { id: 'i-1', addr: '10.0.0.1:9095', zone: 'a', state: 'ACTIVE' },
        { id: 'i-3', addr: '10.0.0.3:9095', zone: 'a', state: 'ACTIVE' },
        { id: 'i-2', addr: '10.0.0.2:9095', zone: 'b', state: 'ACTIVE' },
      ],
      maxErrors: 1,
      why: 'the first token after the key is 0, held by i-1',
    })
  })

  it.each([
    ['/api/v1/rings/none', 404, 'ring-unknown'],
    ['/api/v1/rings/none/lookup?key=a', 404, 'ring-unknown'],
    ['/api/v1/rings/collectors%2Fring/lookup', 400, 'query-invalid'],
    ['/api/v1/rings/collectors%2Fring/lookup?key=a&op=dance', 400, 'query-invalid'],
    ['/api/v1/rings/collectors%2Fring/lookup?key=a', 409, 'lookup-failed'],
  ])('refuses %s', async (path, status, type) => {
    const { call } = await withRing()
    const response = await call(path)
    expect([response.status, await problemType(response)]).toEqual([status, type])
  })
})

describe('/metrics', () => {
  it('has dskit’s names with the node’s numbers', async () => {
    const { call, node } = setUp()
    node.memberList = [member('a'), member('b', { status: 'dead' })]
    await call('/api/v1/kv/collectors%2Fring?codec=ringDesc', { method: 'PUT', body: halves() })
    const response = await call('/metrics')
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const lines = (await response.text()).split('\n')
    for (const line of [
      'memberlist_client_cluster_members_count 13',
      'memberlist_client_cluster_node_health_score 2',
      'memberlist_client_kv_store_count 1',
      'memberlist_client_messages_in_broadcast_queue{queue="local"} 0',
      'memberlist_client_messages_in_broadcast_queue{queue="gossip"} 0',
      'memberlist_client_received_broadcasts_total 0',
      'memberlist_tcp_transport_incoming_streams_total 26',
      'memberlist_tcp_transport_outgoing_streams_total 25',
      'memberlist_tcp_transport_outgoing_stream_errors_total 27',
      'memberlist_tcp_transport_packets_received_total 22',
      'memberlist_tcp_transport_packets_received_bytes_total 24',
      'memberlist_tcp_transport_packets_received_errors_total 29',
      'memberlist_tcp_transport_packets_sent_total 21',
      'memberlist_tcp_transport_packets_dropped_total 29',
      'ring_members{name="collectors/ring",state="ACTIVE"} 2',
      'ring_members{name="collectors/ring",state="Unhealthy"} 0',
      'ring_tokens_total{name="collectors/ring"} 2',
      'hearsay_members{state="dead"} 1',
      'hearsay_drops_total{reason="label-mismatch"} 7',
      'hearsay_refutations_total 31',
      'hearsay_relays 32',
      'hearsay_rejoins_total{outcome="attempted"} 33',
      'hearsay_rejoins_total{outcome="answered"} 34',
      'hearsay_seed_lookups_total{outcome="tried"} 18',
      'hearsay_seed_lookups_total{outcome="failed"} 19',
      'hearsay_broadcasts_waiting{class="control"} 35',
      'hearsay_broadcasts_waiting_bytes{class="control"} 36',
      'hearsay_process_lag_seconds_total 1.5',
      'hearsay_process_lag_max_seconds 0.9',
      'hearsay_hooks_total{outcome="failed"} 1',
      'hearsay_hooks_total{outcome="merge-refused"} 14',
      'hearsay_hooks_total{outcome="merge-timed-out"} 15',
      'hearsay_events_lost_total 16',
      'hearsay_notifications_hurried_total 17',
      'hearsay_incarnation_save_errors_total 30',
      '# TYPE memberlist_client_received_broadcasts_total counter',
      '# TYPE memberlist_client_kv_store_count gauge',
    ])
      expect(lines).toContain(line)
  })

  it('says the same when scraped twice', async () => {
    const { call } = setUp()
    const first = await (await call('/metrics')).text()
    expect(await (await call('/metrics')).text()).toBe(first)
  })
})

describe('/memberlist', () => {
  it('as JSON has exactly dskit’s keys', async () => {
    const { call, node } = setUp()
    node.memberList = [
      member('b', { status: 'suspect' }),
      member('a', { meta: Uint8Array.of(1) }),
      member('c', { status: 'dead' }),
    ]
    await call('/api/v1/kv/r?codec=ringDesc', { method: 'PUT', body: halves() })
    const accept = 'text/html, application/json;q=0.9'
    const json = (await (await call('/memberlist', { headers: { accept } })).json()) as Record<string, unknown>
    expect(Object.keys(json)).toEqual([
      'Now',
      'Memberlist',
      'SortedMembers',
      'Store',
      'StoreSizes',
      'TotalStoreSize',
      'MessageHistoryBufferBytes',
      'SentMessages',
      'ReceivedMessages',
      'ZoneAwareRouting',
    ])
    const versions = { PMin: 1, PMax: 5, PCur: 2, DMin: 0, DMax: 0, DCur: 0 }
    expect(json.SortedMembers).toEqual([
      { Name: 'a', Addr: '10.0.0.1', Port: 7946, Meta: 'AQ==', State: 0, ...versions },
      { Name: 'b', Addr: '10.0.0.1', Port: 7946, Meta: null, State: 1, ...versions },
    ])
    expect(json.Store).toEqual({
      r: { Version: 1, CodecID: 'ringDesc', Deleted: false, UpdateTime: '0001-01-01T00:00:00Z' },
    })
    expect(json.TotalStoreSize).toBe(node.kv.entry('r')!.sizeBytes)
  })

  it('as a page shows names harmlessly', async () => {
    const { call, node } = setUp()
    node.memberList = [member('<script>alert("x")</script>')]
    const response = await call('/memberlist')
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    const text = await response.text()
    expect(text).not.toContain('<script>alert')
    expect(text).toContain('&#60;script&#62;')
  })
})

describe('the live page', () => {
  it('carries no script or style of its own, and asks nobody else', async () => {
    const { call, node } = setUp()
    node.memberList = [member('"><img src=x onerror=alert(1)>')]
    const response = await call('/')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self'/)
    const text = await response.text()
    expect(text).not.toMatch(/<img|<style| style=| on\w+="|https?:\/\/(?!127)/)
    const assets = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!)
    expect(assets.sort()).toEqual(['/assets/page.css', '/assets/page.js'])
    for (const path of assets) expect((await call(path)).status).toBe(200)
  })

  it('has a script that parses and asks only for routes that exist', async () => {
    const { call } = setUp()
    const script = await (await call('/assets/page.js')).text()
    expect(() => new Function(script)).not.toThrow()
    const routes = [...script.matchAll(/get\('([^']+)'\)/g)].map((match) => match[1]!)
    expect(routes.length).toBe(3)
    for (const path of routes) expect((await call(path)).status).toBe(200)
    expect(script).not.toMatch(/innerHTML|eval|https?:/)
  })

  it('fills its tables from the API', async () => {
    const { call, node } = setUp()
    node.memberList = [member('<b>', { address: '[::1]:1', rttMs: 1.25 })]
    await call('/api/v1/kv/r?codec=ringDesc', { method: 'PUT', body: halves() })
    const document = new FakeDocument()
    const script = await (await call('/assets/page.js')).text()
    new Function('document', 'fetch', 'AbortSignal', script)(document, call, { timeout: () => new EventTarget() })
    await document.filled
    expect(document.cells('members')).toEqual(['<b>', '[::1]:1', 'alive', '7', '1.3 ms'])
    expect(document.cells('rings')).toEqual(['r', '2', '2 ACTIVE', '0', '2', 'a, b'])
    expect(document.cells('keys').slice(0, 3)).toEqual(['r', 'ringDesc', '1'])
  })
})

describe('every other request', () => {
  it.each(['/nowhere', '/api', '/api/v1', '/api/v1/kv/', '/api/v1/kv/a/b', '/live/'])('%s is 404', async (path) => {
    const response = await setUp().call(path)
    expect([response.status, await problemType(response)]).toEqual([404, 'not-found'])
  })

  it.each([
    ['/live', 'POST', 'GET, HEAD'],
    ['/api/v1/members', 'PUT', 'GET, HEAD'],
    ['/api/v1/kv/a', 'POST', 'GET, HEAD, PUT, DELETE'],
    ['/api/v1/kv/a', 'OPTIONS', 'GET, HEAD, PUT, DELETE'],
    ['/', 'DELETE', 'GET, HEAD'],
  ])('%s does not have %s', async (path, method, allow) => {
    const response = await setUp().call(path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    expect(await problemType(response)).toBe('method-not-allowed')
  })

  it('HEAD is GET without a body', async () => {
    const response = await setUp().call('/api/v1/members', { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it('is never cached, sniffed or framed', async () => {
    const { call } = setUp()
    for (const path of ['/', '/api/v1/members', '/nowhere']) {
      const { headers } = await call(path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
  })

  it('of a node that fails is 500 without its secrets, and logged', async () => {
    const logged: unknown[] = []
    const { call, node } = setUp({ logger: { error: (message, fields) => logged.push([message, fields]) } })
    node.members = () => {
      throw new Error('secret detail')
    }
    const response = await call('/api/v1/members')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(logged).toHaveLength(1)
  })
})
