// Goal: what a store refuses is in the log once a minute for each reason, however often it comes (kv spec 2.7, check 59).
import { encodeFullState, encodePair, KvStore, register } from '@hearsay/kv'
import { describe, expect, it } from 'vitest'
import { LOG_PAUSE_MS, MAX_LOGGED_KINDS, StoreLog } from '../src/store-log.ts'

function setUp() {
  const store = new KvStore()
  const lines: [string, Record<string, unknown>][] = []
  const say = (message: string, fields?: unknown) => void lines.push([message, fields as Record<string, unknown>])
  const clock = { now: 0 }
  new StoreLog(store, { debug: () => {}, info: () => {}, warn: say, error: say }, () => clock.now)
  const hear = async (...pairs: Uint8Array[]) => {
    store.delegate().mergeRemoteState(encodeFullState(pairs), false, { from: 'x', channel: 'stream' })
    await store.idle()
  }
  return { lines, clock, hear }
}
const pair = (codecId: string, value: Uint8Array = Uint8Array.of(0xc1), key = 'k') =>
  encodePair({ key, value, codecId, deleted: false, updateTimeMs: 0 as never })

describe('the log of a store', () => {
  it('59. has one line a minute for each reason, and says how often it happened since', async () => {
    const { lines, clock, hear } = setUp()
    for (let round = 0; round < 5; round++) await hear(pair('replicaDesc'), pair('hearsay.register'))
    expect(lines).toEqual([
      [
        'a value of a peer was not taken',
        { reason: 'unknown-codec', key: 'k', codec: 'replicaDesc', channel: 'full-state' },
      ],
      [
        'a value of a peer was not taken',
        expect.objectContaining({ reason: 'decode-failed', codec: 'hearsay.register', error: expect.any(String) }),
      ],
    ])
    clock.now = LOG_PAUSE_MS
    await hear(pair('replicaDesc'))
    expect(lines[2]![1]).toMatchObject({ reason: 'unknown-codec', alsoSinceThen: 4 })
  })

  it('names the writer of a value from the far future', async () => {
    const { lines, hear } = setUp()
    const far = register.fromJson({ value: 1, timestampMs: Date.UTC(2100, 0, 1), writer: 'wrong' })
    await hear(pair('hearsay.register', register.encode(far)))
    expect(lines).toEqual([
      [
        expect.stringContaining('far future'),
        { key: 'k', entry: 'value', writer: 'wrong', time: '2100-01-01T00:00:00.000Z', entries: 1 },
      ],
    ])
  })

  it('stays bounded, whatever codecs peers invent', async () => {
    const { lines, hear } = setUp()
    for (let index = 0; index < 3 * MAX_LOGGED_KINDS; index++) await hear(pair(`invented-${index}`))
    expect(lines).toHaveLength(MAX_LOGGED_KINDS + 1)
  })
})
