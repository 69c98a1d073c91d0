/** B11: a message of one member's heartbeat, from its bytes to the store, the queue and the watchers. */
import { decodePair, encodePair, KvStore, type KvSystem } from '../../../packages/kv/src/index.ts'
import { BroadcastQueue, type TransmitLimits } from '../../../packages/membership/src/broadcast-queue.ts'
import { InstanceDesc, RingDesc, ringDesc } from '../../../packages/ring/src/index.ts'
import type { Item } from '../item.ts'
import { lazily, whenDone } from '../membership/member.ts'

const KEY = 'ring'
const NOW_S = 1_700_000_000
const noTime = 0 as never

/** Tokens of an instance: spread, and nobody else's. */
const tokensOf = (index: number, count: number): Uint32Array =>
  Uint32Array.from(
    { length: count },
    (_, at) => (Math.imul(index * count + at + 1, 2_654_435_761) >>> 0) as number,
  ).sort()

const instance = (index: number, tokens: number, timestamp: number): [string, InstanceDesc] => [
  `ingester-${index}`,
  new InstanceDesc({
    addr: `10.0.${index >> 8}.${index & 255}:9095`,
    timestamp,
    tokens: tokensOf(index, tokens),
    zone: `zone-${index % 3}`,
    registeredTimestamp: timestamp - 100_000,
    id: `ingester-${index}`,
  }),
]

/** A ring of so many instances, each heard of at that second. */
export const ringOf = (instances: number, tokens: number, timestamp: number): RingDesc =>
  RingDesc.of(Array.from({ length: instances }, (_, index) => instance(index, tokens, timestamp)))

const message = (ring: RingDesc): Uint8Array =>
  encodePair({
    key: KEY,
    value: ringDesc.encode(ring),
    codecId: ringDesc.codecId,
    deleted: false,
    updateTimeMs: noTime,
  })

/** The whole ring, and then a newer heartbeat of each instance. */
function messagesOf(instances: number, tokens: number): Uint8Array[] {
  const all = Array.from({ length: instances }, (_, index) => index)
  return [
    message(ringOf(instances, tokens, NOW_S - 60)),
    ...all.map((index) => message(RingDesc.of([instance(index, tokens, NOW_S)]))),
  ]
}

function oneAfterTheOther(messages: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, each) => sum + 4 + each.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const each of messages) {
    view.setUint32(at, each.length)
    bytes.set(each, at + 4)
    at += 4 + each.length
  }
  return bytes
}

/** The store of production on membership's queue, with one watcher; what is deferred is done at once. */
function storeFor(members: number) {
  let soon: (() => void) | undefined
  const system: KvSystem = {
    now: () => performance.now(),
    wallNow: () => (NOW_S * 1000) as never,
    arm: () => () => {},
    afterIo: (run) => {
      soon = run
    },
  }
  const store = new KvStore({ types: [ringDesc], system })
  const queue = new BroadcastQueue()
  const delegate = store.delegate()
  delegate.attach({ broadcast: (item) => queue.payload(item), memberCount: () => members })
  const watch = store.watch(KEY)
  const source = { from: '10.0.0.1:7946', channel: 'packet' } as const
  return {
    receive: (bytes: Uint8Array): void => {
      delegate.onMessage(bytes, source)
      for (let run = soon; run; run = soon) {
        soon = undefined
        run()
      }
      void watch.next()
    },
    queued: () => queue.fill(2 ** 20, 0, 1, 1, limits),
  }
}

const limits: TransmitLimits = { control: 12, local: 12, relayed: 12, user: 12 }

function itemFor(instances: number, tokens: number): Item {
  const messages = lazily(() => messagesOf(instances, tokens))
  const subject = `ring-${instances}-${tokens}`
  let store: ReturnType<typeof storeFor> | undefined
  let turn = 0
  whenDone(() => {
    store = undefined
  })
  const renew = (): void => {
    store = storeFor(instances)
    store.receive(messages()[0]!)
    store.queued()
    turn = 0
  }
  const work = (): number => {
    if (!store) renew()
    const bytes = messages()[++turn]!
    store!.receive(bytes)
    return bytes.length
  }
  return {
    group: 'B11',
    name: `heartbeat of one of ${instances.toLocaleString('en')} × ${tokens} tokens`,
    target: 0.5,
    library: 'dskit',
    operation: 'receive',
    subject,
    inputs: () => ({ [subject]: oneAfterTheOther(messages()) }),
    agrees: (golden) => {
      renew()
      work()
      const [part] = store!.queued()
      const ours = part?.message.type === 'user' ? decodePair(part.message.payload) : undefined
      const theirs = decodePair(golden)
      return ours !== undefined && theirs !== undefined && JSON.stringify(shown(ours)) === JSON.stringify(shown(theirs))
    },
    work,
    isLarge: instances > 600,
    renewal: { every: instances, renew },
  }
}

const shown = ({ key, codecId, value }: NonNullable<ReturnType<typeof decodePair>>) => ({
  key,
  codecId,
  value: ringDesc.toJson(ringDesc.decode(value)),
})

/** Heartbeats in two rings. */
export const receiveItems = (): Item[] => [itemFor(600, 128), itemFor(1000, 512)]
