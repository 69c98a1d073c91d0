/** Laws of streams. */

import assert from 'node:assert/strict'
import {
  assertSameBytes,
  type ContractTest,
  dial,
  eventually,
  joined,
  type MakeTransports,
  pattern,
  pause,
  record,
  streamPair,
  withPair,
} from './kit.ts'

/** Declares them. */
export function describeStreams(make: MakeTransports, { describe, it }: ContractTest): void {
  describe('streams', () => {
    it('carry a megabyte in both directions at once, in order and unchanged', () =>
      withPair(make, async (a, b) => {
        const [near, far] = await streamPair(a, b)
        const there = pattern(1024 * 1024, 1)
        const back = pattern(1024 * 1024, 2)
        for (let offset = 0; offset < there.length; offset += 40_000) {
          a.guard.during('write', () => near.stream.write(there.subarray(offset, offset + 40_000)))
          b.guard.during('write', () => far.stream.write(back.subarray(offset, offset + 40_000)))
        }
        a.guard.during('end', () => near.stream.end())
        b.guard.during('end', () => far.stream.end())
        await eventually('both are closed', () => near.closes.length + far.closes.length === 2)
        assertSameBytes(joined(far.chunks), there)
        assertSameBytes(joined(near.chunks), back)
        assert.deepEqual([near.closes, far.closes], [[undefined], [undefined]])
        assert.deepEqual([near.ends, far.ends], [1, 1])
      }))

    it('can be half closed: who has seen the end can still write', () =>
      withPair(make, async (a, b) => {
        const [near, far] = await streamPair(a, b)
        near.stream.write(Uint8Array.of(1, 2, 3))
        near.stream.end()
        await eventually('the end arrives', () => far.ends === 1)
        assertSameBytes(joined(far.chunks), Uint8Array.of(1, 2, 3))
        assert.deepEqual([near.closes.length, far.closes.length], [0, 0])
        far.stream.write(Uint8Array.of(4, 5))
        far.stream.end()
        await eventually('both are closed', () => near.closes.length + far.closes.length === 2)
        assertSameBytes(joined(near.chunks), Uint8Array.of(4, 5))
        assert.deepEqual([near.closes, far.closes], [[undefined], [undefined]])
      }))

    it('keep what arrives until somebody receives', () =>
      withPair(make, async (a, b) => {
        const stream = await a.transport.dial(b.listening.advertised, { timeoutMs: 5000 })
        stream.write(Uint8Array.of(0))
        await eventually('the stream is accepted', () => b.accepted.length === 1)
        b.accepted[0]!.stream.write(Uint8Array.of(1, 2))
        b.accepted[0]!.stream.end()
        await pause(50)
        const near = record(stream, a.guard)
        await eventually('all of it is there', () => near.ends === 1)
        assertSameBytes(joined(near.chunks), Uint8Array.of(1, 2))
      }))

    it('close once when destroyed, say why, and say nothing afterwards', () =>
      withPair(make, async (a, b) => {
        const [near, far] = await streamPair(a, b)
        far.stream.write(pattern(100_000))
        a.guard.during('destroy', () => near.stream.destroy())
        near.stream.destroy()
        await eventually('the near end is closed', () => near.closes.length > 0)
        // The far end of a destroyed stream may see an end first; it is gone for good when it writes.
        await eventually('the far end is closed', () => {
          far.stream.write(Uint8Array.of(1))
          if (far.ends > 0) far.stream.end()
          return far.closes.length > 0
        })
        near.stream.write(Uint8Array.of(1))
        near.stream.end()
        near.stream.destroy()
        await pause(30)
        assert.ok(near.closes[0] instanceof Error)
        assert.deepEqual([near.closes.length, far.closes.length], [1, 1])
        assert.deepEqual([near.late, far.late], [0, 0])
      }))

    it('say only that they are closed once destroyed from inside a handler', () =>
      withPair(make, async (a, b) => {
        const stream = await a.transport.dial(b.listening.advertised, { timeoutMs: 5000 })
        stream.write(Uint8Array.of(0))
        await eventually('the stream is accepted', () => b.accepted.length === 1)
        for (let i = 0; i < 5; i++) b.accepted[0]!.stream.write(pattern(100_000))
        b.accepted[0]!.stream.end()
        await pause(30)
        const near = record(stream, a.guard, { onData: () => stream.destroy() })
        await eventually('it is closed', () => near.closes.length === 1)
        await pause(10)
        assert.deepEqual([near.chunks.length, near.ends, near.closes.length, near.late], [1, 0, 1, 0])
      }))

    it('tell a late receiver that they are closed', () =>
      withPair(make, async (a, b) => {
        const stream = await a.transport.dial(b.listening.advertised, { timeoutMs: 5000 })
        stream.destroy()
        await pause(30)
        const near = record(stream, a.guard)
        await eventually('the closing is told', () => near.closes.length === 1)
        assert.ok(near.closes[0] instanceof Error)
        assert.equal(near.chunks.length, 0)
      }))

    it('can be received once', () =>
      withPair(make, async (a, b) => {
        const near = await dial(a, b)
        assert.throws(() => record(near.stream, a.guard), { code: 'ALREADY_STARTED' })
      }))

    it('run by the hundred at one time', () =>
      withPair(make, async (a, b) => {
        b.onStream = (stream) =>
          record(stream, b.guard, { onData: (chunk) => stream.write(chunk), onEnd: () => stream.end() })
        const all = await Promise.all(Array.from({ length: 200 }, () => dial(a, b)))
        for (const [i, near] of all.entries()) {
          near.stream.write(pattern(300, i + 1))
          near.stream.end()
        }
        await eventually('all are closed', () => all.every((near) => near.closes.length === 1))
        for (const [i, near] of all.entries()) assertSameBytes(joined(near.chunks), pattern(300, i + 1))
        assert.deepEqual(new Set(all.map((near) => near.closes[0])), new Set([undefined]))
        assert.equal(b.accepted.length, 200)
      }))

    it('are counted', () =>
      withPair(make, async (a, b) => {
        await streamPair(a, b)
        await streamPair(a, b)
        assert.equal(a.transport.stats().streamsOpened, 2)
        assert.equal(b.transport.stats().streamsAccepted, 2)
      }))

    it('name their peers: the dialler by the address it dialled', () =>
      withPair(make, async (a, b) => {
        const [near, far] = await streamPair(a, b)
        assert.equal(near.stream.remote, b.listening.advertised)
        assert.notEqual(far.stream.remote, '')
      }))
  })
}
