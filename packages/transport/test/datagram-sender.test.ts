// What waits when the system takes no more datagrams. The socket here refuses on command, which no real one does.
import { beforeEach, describe, expect, it } from 'vitest'
import { Ledger } from '../src/ledger.ts'
import {
  DatagramSender,
  type DatagramSocket,
  datagramSenderLimits,
  MAX_DATAGRAM_BYTES,
} from '../src/node/datagram-sender.ts'

class StubbornSocket implements DatagramSocket {
  readonly sent: string[] = []
  readonly queue: { packet: Uint8Array; onSettled: (error: Error | null) => void }[] = []
  refuses = false

  send(packet: Uint8Array, port: number, ip: string, onSettled: (error: Error | null) => void): void {
    if (this.refuses) this.queue.push({ packet, onSettled })
    else this.sent.push(`${packet[0]} to ${ip} ${port}`)
    if (!this.refuses) queueMicrotask(() => onSettled(null))
  }

  getSendQueueCount(): number {
    return this.queue.length
  }

  /** The system takes what the socket holds, and everything from now on. */
  relent(): void {
    this.refuses = false
    for (const { packet, onSettled } of this.queue.splice(0)) {
      this.sent.push(`${packet[0]} queued`)
      onSettled(null)
    }
  }
}

let socket: StubbornSocket
let ledger: Ledger
let sender: DatagramSender
const peer = '10.0.0.1:7946'

beforeEach(() => {
  socket = new StubbornSocket()
  ledger = new Ledger()
  sender = new DatagramSender(socket, ledger)
})

describe('datagrams', () => {
  it('go straight to the socket while the system takes them', () => {
    sender.send(peer, Uint8Array.of(1), 'gossip')
    sender.send('[2001:db8::1]:53', Uint8Array.of(2), 'probe')
    expect(socket.sent).toEqual(['1 to 10.0.0.1 7946', '2 to 2001:db8::1 53'])
    expect(ledger.stats()).toMatchObject({ packetsSent: 2, packetBytesSent: 2 })
  })

  it('of the probe lane never wait behind gossip', () => {
    socket.refuses = true
    for (let i = 1; i <= 5; i++) sender.send(peer, Uint8Array.of(i), 'gossip')
    sender.send(peer, Uint8Array.of(99), 'probe')
    // One gossip packet found the system full; the probe is right behind it, before the four others.
    expect(socket.queue.map(({ packet }) => packet[0])).toEqual([1, 99])
    socket.relent()
    expect(socket.sent).toEqual([
      '1 queued',
      '2 to 10.0.0.1 7946',
      '3 to 10.0.0.1 7946',
      '4 to 10.0.0.1 7946',
      '5 to 10.0.0.1 7946',
      '99 queued',
    ])
  })

  it('wait within bounds for each peer, in all, and in bytes', () => {
    socket.refuses = true
    sender.send(peer, Uint8Array.of(1), 'gossip')
    for (let i = 0; i < datagramSenderLimits.maxWaitingPacketsPerPeer; i++)
      sender.send(peer, Uint8Array.of(2), 'gossip')
    expect(ledger.stats().drops).toEqual({})
    sender.send(peer, Uint8Array.of(3), 'gossip')
    expect(ledger.stats().drops).toEqual({ 'queue-full': 1 })
    for (let i = 0; i < 2000; i++) sender.send(`10.0.${i >> 8}.${i & 255}:7946`, Uint8Array.of(4), 'gossip')
    expect(ledger.stats().drops).toEqual({ 'queue-full': 1 + 2000 - (1024 - 64) })
  })

  it('wait within a bound of bytes', () => {
    socket.refuses = true
    sender = new DatagramSender(socket, ledger, { ...datagramSenderLimits, maxWaitingBytes: 100 })
    for (let i = 0; i < 3; i++) sender.send(peer, new Uint8Array(60), 'gossip')
    expect(ledger.stats().drops).toEqual({ 'queue-full': 1 })
  })

  it('of the probe lane are bounded too', () => {
    socket.refuses = true
    for (let i = 0; i < datagramSenderLimits.maxQueuedProbes + 3; i++) sender.send(peer, Uint8Array.of(1), 'probe')
    expect(ledger.stats().drops).toEqual({ 'queue-full': 3 })
  })

  it('that the system refuses for good are counted', () => {
    socket.refuses = true
    sender.send(peer, Uint8Array.of(1), 'gossip')
    socket.queue.pop()!.onSettled(Object.assign(new Error('no route'), { code: 'ENETUNREACH' }))
    expect(ledger.stats().drops).toEqual({ 'send-failed': 1 })
  })

  it('that fit nowhere, or go nowhere, are dropped', () => {
    sender.send(peer, new Uint8Array(MAX_DATAGRAM_BYTES), 'gossip')
    sender.send(peer, new Uint8Array(MAX_DATAGRAM_BYTES + 1), 'gossip')
    for (const to of ['', 'localhost:7946', '10.0.0.1:0', '10.0.0.1:65536', '::1:7946'])
      sender.send(to, Uint8Array.of(1), 'gossip')
    expect(ledger.stats().drops).toEqual({ 'packet-too-large': 1, 'send-failed': 5 })
    expect(socket.sent).toHaveLength(1)
  })

  it('that wait when the transport closes are dropped', () => {
    socket.refuses = true
    for (let i = 0; i < 3; i++) sender.send(peer, Uint8Array.of(i), 'gossip')
    sender.close()
    expect(ledger.stats().drops).toEqual({ closed: 2 })
  })
})
