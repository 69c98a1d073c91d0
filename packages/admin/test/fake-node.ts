// A node in memory: the real store and the real rings, with members and events as a test wants them.
import { type KvMetrics, KvStore, lastWriterMap, register } from '@hearsay/kv'
import type { Member, MemberEvent } from '@hearsay/membership'
import { Ring, ringDesc } from '@hearsay/ring'
import { Keyring } from '@hearsay/wire'
import { type Admin, type AdminOptions, type AdminSource, createAdmin, type SeedSource } from '../src/index.ts'

export const member = (name: string, fields: Partial<Member> = {}): Member => ({
  name,
  address: '10.0.0.1:7946',
  meta: new Uint8Array(0),
  status: 'alive',
  incarnation: 7,
  versions: {
    protocolMin: 1,
    protocolMax: 5,
    protocolCurrent: 2,
    delegateMin: 0,
    delegateMax: 0,
    delegateCurrent: 0,
  },
  statusSinceMs: 0,
  rttMs: undefined,
  isSelf: false,
  ...fields,
})

export class FakeNode implements AdminSource {
  readonly name = 'node-1'
  readonly address = '10.0.0.1:7946'
  readonly bootId = 'boot-a'
  joined = true
  seedList: SeedSource[] = []
  memberList: Member[] = [member('node-1', { isSelf: true })]
  readonly kv = new KvStore({ types: [ringDesc], messageHistoryBytes: 100_000 })
  readonly keyring = new Keyring()
  encryption = { verifyIncoming: true, verifyOutgoing: true }
  readonly #rings = new Map<string, Ring>()
  readonly #waiting: ((event: MemberEvent) => void)[] = []

  members() {
    return this.memberList
  }

  seeds() {
    return this.seedList
  }

  rings() {
    return this.kv.entries().flatMap((entry) => (entry.codecId === 'ringDesc' ? [entry.key] : []))
  }

  ring(key: string): Ring {
    let ring = this.#rings.get(key)
    if (!ring) {
      ring = new Ring({ key, store: this.kv, instance: { id: this.name, address: this.address, zone: '' } })
      this.#rings.set(key, ring)
    }
    return ring
  }

  async *events({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<MemberEvent> {
    while (!signal.aborted) {
      const event = await new Promise<MemberEvent | undefined>((resolve) => {
        this.#waiting.push(resolve)
        signal.addEventListener('abort', () => resolve(undefined))
      })
      if (event) yield event
    }
  }

  emit(event: MemberEvent): void {
    for (const resolve of this.#waiting.splice(0)) resolve(event)
  }

  metrics() {
    return {
      membership: {
        packetsIn: 1,
        packetsOut: 2,
        packetBytesIn: 3,
        packetBytesOut: 4,
        messagesIn: { ping: 5 },
        messagesOut: { ack: 6 },
        drops: { 'label-mismatch': 7 },
        dropsByPeer: { '10.0.0.7': { 'label-mismatch': 4 }, 'fd00::7': { 'label-mismatch': 2, 'decrypt-failed': 1 } },
        ignored: { stale: 8 },
        pushPullsInitiated: 9,
        pushPullsServed: 10,
        pushPullsFailed: 11,
        events: { join: 12 },
        delegateErrors: 1,
        mergeVetoes: 14,
        mergeTimeouts: 15,
        eventsLost: 16,
        noticesHurried: 17,
        lag: { count: 2, totalMs: 1500, maxMs: 900 },
        seedLookups: 18,
        seedLookupFailures: 19,
        incarnationSaveErrors: 30,
        refutations: 31,
        relays: 32,
        rejoins: { attempts: 33, successes: 34 },
        members: 13,
        healthScore: 2,
        queued: { control: { items: 35, bytes: 36 } },
      },
      transport: {
        packetsSent: 21,
        packetsReceived: 22,
        packetBytesSent: 23,
        packetBytesReceived: 24,
        streamsOpened: 25,
        streamsAccepted: 26,
        drops: { 'dial-failed': 27, 'digest-mismatch': 28, 'frame-malformed': 1, 'no-writer': 29 },
      },
      kv: this.kv.metrics() as KvMetrics,
    }
  }
}

/** A heartbeat of now, in Unix seconds. */
export const nowSeconds = () => Math.floor(Date.now() / 1000)

/** Two healthy instances in the JSON form of a ring: tokens cut the key space into halves. */
export const halves = () => ({
  ingesters: {
    'i-1': {
      addr: '10.0.0.1:9095',
      timestamp: nowSeconds(),
      state: 'ACTIVE',
      tokens: [0],
      zone: 'a',
      registered_timestamp: 5,
    },
    'i-2': {
      addr: '10.0.0.2:9095',
      timestamp: nowSeconds(),
      state: 0,
      tokens: [2 ** 31],
      zone: 'b',
      registered_timestamp: 6,
    },
  },
})

export interface Call {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly from?: string | null
}

/** A handler around a fake node, and a way to call it as a local client would. */
export function setUp(options: AdminOptions = {}) {
  const node = new FakeNode()
  const admin = createAdmin(node, options)
  return { node, admin, call: caller(admin) }
}

export const caller =
  (admin: Admin) =>
  (path: string, { method = 'GET', body, headers = {}, from = '127.0.0.1' }: Call = {}): Promise<Response> =>
    admin.fetch(
      new Request(`http://127.0.0.1:8080${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
      from === null ? {} : { remoteAddress: from },
    )

export const problemType = async (response: Response): Promise<string> => {
  const problem = (await response.json()) as { type: string; status: number; detail: string }
  if (response.headers.get('content-type') !== 'application/problem+json') throw new Error('not a problem')
  if (problem.status !== response.status || !problem.detail) throw new Error(JSON.stringify(problem))
  return problem.type.replace('urn:hearsay:problem:', '')
}

export { lastWriterMap, register }
