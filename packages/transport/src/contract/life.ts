/** Laws of opening and closing. */

import assert from 'node:assert/strict'
import {
  type ContractTest,
  deliver,
  eventually,
  listen,
  type MakeTransports,
  pause,
  streamPair,
  withPair,
} from './kit.ts'

/** Declares them. */
export function describeLife(make: MakeTransports, { describe, it }: ContractTest): void {
  describe('opening and closing', () => {
    it('listens once', () =>
      withPair(make, async (a) => {
        await assert.rejects(listen(a.transport), { code: 'ALREADY_STARTED' })
      }))

    it('cannot be opened again after closing', () =>
      withPair(make, async (a) => {
        await a.transport.close()
        await assert.rejects(listen(a.transport), { code: 'CLOSED' })
      }))

    it('can be closed before it was opened, while it opens, and many times', async () => {
      const { a, b, cleanup } = await make()
      await a.close()
      const opening = listen(b).catch((error: unknown) => error)
      await Promise.all([b.close(), b.close()])
      await opening
      await b.close()
      await a.close()
      await cleanup()
    })

    it('ends its streams when it closes, at both ends', () =>
      withPair(make, async (a, b) => {
        const [near, far] = await streamPair(a, b)
        await a.transport.close()
        assert.equal(near.closes.length, 1)
        assert.ok(near.closes[0] instanceof Error)
        await eventually('the peer notices', () => far.ends + far.closes.length > 0)
      }))

    it('says nothing after it has closed', () =>
      withPair(make, async (a, b) => {
        await deliver(a, b, Uint8Array.of(1))
        const [near, far] = await streamPair(a, b)
        for (let i = 0; i < 20; i++) a.transport.send(b.listening.advertised, Uint8Array.of(2), 'gossip')
        near.stream.write(new Uint8Array(100_000))
        await b.transport.close()
        const before = [b.packets.length, b.drops.length, b.accepted.length, far.chunks.length, far.closes.length]
        for (let i = 0; i < 20; i++) a.transport.send(b.listening.advertised, Uint8Array.of(3), 'gossip')
        b.transport.send(a.listening.advertised, Uint8Array.of(4), 'gossip')
        await pause(50)
        assert.deepEqual(
          [b.packets.length, b.drops.length, b.accepted.length, far.chunks.length, far.closes.length],
          before,
        )
        assert.equal(far.late, 0)
      }))

    it('counts what is sent after closing as lost, and does not throw', () =>
      withPair(make, async (a, b) => {
        await a.transport.close()
        a.transport.send(b.listening.advertised, Uint8Array.of(1), 'gossip')
        assert.equal(a.transport.stats().drops.closed, 1)
      }))

    it('shows, where it says so at all, that something arrived', () =>
      withPair(make, async (a, b) => {
        if (b.transport.activity === undefined) return
        const before = b.transport.activity()
        await deliver(a, b, Uint8Array.of(1))
        const afterPacket = b.transport.activity()
        assert.ok(afterPacket > before)
        await streamPair(a, b)
        assert.ok(b.transport.activity() > afterPacket)
      }))
  })
}
