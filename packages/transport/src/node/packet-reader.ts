/** An accepted connection of dskit's framing, from its first byte to its end (kv spec 5.1, 5.2, 5.6). */

import type { Socket } from 'node:net'
import type { Address, TransportDropReason } from '../transport.ts'
import { decodePacketFrame, packetConnection, streamConnection } from './packet-frame.ts'

/** Bounds on what a peer may send and how slowly. */
export interface PacketReaderLimits {
  /** Largest packet connection, frame included. */
  readonly maxPacketBytes: number
  /** Bytes of unfinished packets over all connections. */
  readonly maxUnfinishedBytes: number
  readonly firstByteTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly totalTimeoutMs: number
}

/** What a reader tells its transport. Called from socket events. */
export interface PacketReaderEvents {
  /** The first byte said packet. */
  packetBegun(): void
  /** A packet ended; `payloadBytes` are without header and digest, whether it was valid or not. */
  packetEnded(payloadBytes: number, valid: boolean): void
  packet(from: Address, payload: Uint8Array): void
  /** The first byte said stream; what follows it is unread, the socket paused. */
  stream(socket: Socket): void
  /** The first byte said neither. */
  unknown(): void
  dropped(reason: TransportDropReason, detail: string): void
  /** Something arrived. */
  active(): void
}

/** Reads accepted connections of one transport. */
export class PacketReader {
  readonly #limits: PacketReaderLimits
  #unfinishedBytes = 0

  constructor(limits: PacketReaderLimits) {
    this.#limits = limits
  }

  /** Takes a paused socket to its end, or to the point where it is a stream. */
  accept(socket: Socket, events: PacketReaderEvents): void {
    const { firstByteTimeoutMs } = this.#limits
    const giveUp = () => {
      events.dropped('receive-timeout', `no first byte within ${firstByteTimeoutMs} ms`)
      socket.destroy()
    }
    const timer = setTimeout(giveUp, firstByteTimeoutMs)
    const stop = () => {
      clearTimeout(timer)
      socket.off('data', onFirst).off('end', onNothing).off('close', stop)
    }
    const onFirst = (chunk: Buffer) => {
      stop()
      socket.pause()
      events.active()
      this.#dispatch(socket, chunk, events)
    }
    // Closed before its first byte: a load balancer's health check, and no error.
    const onNothing = () => {
      events.active()
      socket.destroy()
    }
    socket.on('data', onFirst).once('end', onNothing).once('close', stop)
    socket.resume()
  }

  #dispatch(socket: Socket, chunk: Buffer, events: PacketReaderEvents): void {
    switch (chunk[0]) {
      case packetConnection:
        events.packetBegun()
        this.#readPacket(socket, chunk, events)
        break
      case streamConnection:
        if (chunk.length > 1) socket.unshift(chunk.subarray(1))
        events.stream(socket)
        break
      default:
        events.unknown()
        events.dropped('frame-malformed', `first byte 0x${(chunk[0] ?? 0).toString(16).padStart(2, '0')}`)
        socket.destroy()
    }
  }

  #readPacket(socket: Socket, first: Buffer, events: PacketReaderEvents): void {
    const { idleTimeoutMs, totalTimeoutMs, maxPacketBytes, maxUnfinishedBytes } = this.#limits
    const chunks: Buffer[] = []
    let sizeBytes = 0
    let over = false
    const finish = () => {
      if (over) return false
      over = true
      clearTimeout(idle)
      clearTimeout(total)
      this.#unfinishedBytes -= sizeBytes
      return true
    }
    const fail = (reason: TransportDropReason, detail: string) => {
      if (!finish()) return
      events.packetEnded(0, false)
      events.dropped(reason, detail)
      socket.destroy()
    }
    const idle = setTimeout(() => fail('receive-timeout', `nothing came for ${idleTimeoutMs} ms`), idleTimeoutMs)
    const total = setTimeout(() => fail('receive-timeout', `not complete after ${totalTimeoutMs} ms`), totalTimeoutMs)
    const onData = (chunk: Buffer) => {
      if (over) return
      chunks.push(chunk)
      sizeBytes += chunk.length
      this.#unfinishedBytes += chunk.length
      idle.refresh()
      events.active()
      if (sizeBytes > maxPacketBytes) fail('packet-too-large', `more than ${maxPacketBytes} bytes`)
      else if (this.#unfinishedBytes > maxUnfinishedBytes)
        fail('queue-full', `unfinished packets hold more than ${maxUnfinishedBytes} bytes`)
    }
    socket.on('data', onData)
    socket.once('end', () => {
      if (!finish()) return
      events.active()
      socket.end()
      const frame = decodePacketFrame(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, sizeBytes))
      events.packetEnded(frame.ok ? frame.payload.length : frame.payloadBytes, frame.ok)
      if (frame.ok) events.packet(frame.from, frame.payload)
      else events.dropped(frame.reason, frame.detail)
    })
    socket.once('close', () => {
      if (socket.errored) fail('frame-malformed', 'the connection was reset before its end')
      else fail('closed', 'the transport closed')
    })
    onData(first)
    if (!over) socket.resume()
  }
}
