/** Laws of packets. */

import assert from 'node:assert/strict'
import {
  assertSameBytes,
  type ContractTest,
  deliver,
  eventually,
  type MakeTransports,
  patienceMs,
  pattern,
  pause,
  withPair,
} from './kit.ts'

/** Declares them. */
export function describePackets(make: MakeTransports, { describe, it }: ContractTest): void {
  describe('packets', () => {
    it('arrive whole and unchanged: one byte', () =>
      withPair(make, async (a, b) => {
        assertSameBytes((await deliver(a, b, Uint8Array.of(0))).bytes, Uint8Array.of(0))
      }))

    it('arrive whole and unchanged: every byte value', () =>
      withPair(make, async (a, b) => {
        const packet = Uint8Array.from({ length: 512 }, (_, i) => i & 255)
        assertSameBytes((await deliver(a, b, packet)).bytes, packet)
      }))

    it('arrive whole and unchanged: as large as the budget allows', () =>
      withPair(make, async (a, b) => {
        const packet = pattern(a.transport.packetBudgetBytes)
        assertSameBytes((await deliver(a, b, packet)).bytes, packet)
      }))

    it('arrive in both lanes, and when sent to oneself', () =>
      withPair(make, async (a, b) => {
        await eventually('a probe arrives', () => {
          if (b.packets.length === 0) a.transport.send(b.listening.advertised, Uint8Array.of(1), 'probe')
          return b.packets.length > 0
        })
        await deliver(a, a, Uint8Array.of(2))
      }))

    it('come from the advertised address of their sender, and an answer to it arrives', () =>
      withPair(make, async (a, b) => {
        const { from } = await deliver(a, b, Uint8Array.of(1))
        assert.equal(from, a.listening.advertised)
        await eventually('the answer arrives', () => {
          if (a.packets.length === 0) b.transport.send(from, Uint8Array.of(2), 'gossip')
          return a.packets.length > 0
        })
        assert.equal(a.packets[0]!.from, b.listening.advertised)
      }))

    it('belong to their receiver: what the receiver writes into one is not seen by the sender or by the next', () =>
      withPair(make, async (a, b) => {
        const packet = Uint8Array.of(1, 2, 3)
        const first = await deliver(a, b, packet)
        first.bytes.fill(9)
        assertSameBytes(packet, Uint8Array.of(1, 2, 3))
        assertSameBytes((await deliver(a, b, packet)).bytes, Uint8Array.of(1, 2, 3))
      }))

    it('to an address where nobody listens are lost without an exception', () =>
      withPair(make, async (a, b) => {
        const gone = b.listening.advertised
        await b.transport.close()
        for (const lane of ['gossip', 'probe'] as const) a.transport.send(gone, Uint8Array.of(1), lane)
        await pause(50)
      }))

    it('to something that is no address are dropped, counted and told, not thrown', () =>
      withPair(make, async (a) => {
        a.guard.during('send', () => a.transport.send('', Uint8Array.of(1), 'gossip'))
        // A network of names of its own may take it for an unknown peer; then it is merely lost.
        await pause(20)
        const counted = Object.values(a.transport.stats().drops).reduce((sum, count) => sum + count, 0)
        assert.equal(a.drops.length, counted)
      }))

    it('that are too large for any network are dropped, counted and told', () =>
      withPair(make, async (a, b) => {
        const packet = new Uint8Array(Math.max(a.transport.packetBudgetBytes, 65_507) + 1)
        a.guard.during('send', () => a.transport.send(b.listening.advertised, packet, 'gossip'))
        await eventually('the loss is told', () => a.drops.length > 0)
        assert.equal(a.drops[0]!.reason, 'packet-too-large')
        assert.equal(a.transport.stats().drops['packet-too-large'], 1)
        assert.equal(b.packets.length, 0)
      }))

    it('are counted, with their payload bytes', () =>
      withPair(make, async (a, b) => {
        await deliver(a, b, new Uint8Array(100))
        const sent = a.transport.stats()
        const received = b.transport.stats()
        assert.ok(sent.packetsSent >= 1)
        assert.equal(sent.packetBytesSent, sent.packetsSent * 100)
        assert.equal(received.packetsReceived, b.packets.length)
        assert.equal(received.packetBytesReceived, b.packets.length * 100)
      }))

    it('arrive while a burst of gossip goes to a peer that is gone', () =>
      withPair(make, async (a, b) => {
        const { transport } = a
        for (let i = 0; i < 50; i++) transport.send('127.0.0.1:9', Uint8Array.of(1), 'gossip')
        let rounds = 0
        await eventually('a probe gets through', () => {
          if (rounds++ % 20 === 0) transport.send(b.listening.advertised, Uint8Array.of(7), 'probe')
          return b.packets.length > 0
        })
        assert.ok(rounds * 5 < patienceMs)
      }))
  })
}
