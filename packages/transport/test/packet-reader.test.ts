// The patience of a receiver (kv spec 5.6), on fake timers.
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PacketReader, type PacketReaderLimits } from '../src/node/packet-reader.ts'
import { v5 } from './v5.ts'

const limits: PacketReaderLimits = {
  maxPacketBytes: 10_000,
  maxUnfinishedBytes: 15_000,
  firstByteTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  totalTimeoutMs: 30_000,
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function reader() {
  const packets = new PacketReader(limits)
  const log: string[] = []
  const accept = () => {
    const socket = new PassThrough()
    packets.accept(socket as unknown as Socket, {
      packetBegun: () => log.push('begun'),
      packetEnded: (payloadBytes, valid) => log.push(`ended ${payloadBytes} ${valid}`),
      packet: (from, payload) => log.push(`packet ${from} ${payload.length}`),
      stream: () => log.push('stream'),
      unknown: () => log.push('unknown'),
      dropped: (reason) => log.push(`dropped ${reason}`),
      active: () => {},
    })
    return socket
  }
  return { accept, log }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a packet', () => {
  it('may come slowly as long as it comes steadily', async () => {
    const { accept, log } = reader()
    const socket = accept()
    for (let offset = 0; offset < v5.length; offset += 48) {
      socket.write(v5.subarray(offset, offset + 48))
      await turn()
      await vi.advanceTimersByTimeAsync(9000)
    }
    socket.end()
    await turn()
    expect(log).toEqual(['begun', 'ended 113 true', 'packet 10.0.0.7:7946 113'])
  })

  it('may not pause for longer than the idle timeout', async () => {
    const { accept, log } = reader()
    const socket = accept()
    socket.write(v5.subarray(0, 48))
    await turn()
    await vi.advanceTimersByTimeAsync(9999)
    expect(log).toEqual(['begun'])
    await vi.advanceTimersByTimeAsync(1)
    expect(log).toEqual(['begun', 'ended 0 false', 'dropped receive-timeout'])
    expect(socket.destroyed).toBe(true)
  })

  it('may not take longer than the total timeout, however steadily it comes', async () => {
    const { accept, log } = reader()
    const socket = accept()
    for (let i = 0; i < 3; i++) {
      socket.write(Uint8Array.of(1))
      await turn()
      await vi.advanceTimersByTimeAsync(9000)
    }
    socket.write(Uint8Array.of(1))
    await turn()
    await vi.advanceTimersByTimeAsync(3000)
    expect(log.at(-1)).toBe('dropped receive-timeout')
  })

  it('shares a bound of bytes with all that are unfinished', async () => {
    const { accept, log } = reader()
    const [first, second] = [accept(), accept()]
    first.write(new Uint8Array(9000).fill(1))
    second.write(new Uint8Array(9000).fill(1))
    await turn()
    expect(log).toEqual(['begun', 'begun', 'ended 0 false', 'dropped queue-full'])
    expect([first.destroyed, second.destroyed]).toEqual([false, true])
    // What was given up no longer counts.
    accept().write(new Uint8Array(5000).fill(1))
    await turn()
    expect(log.at(-1)).toBe('begun')
  })

  it('leaves no timer behind, whatever became of it', async () => {
    const { accept } = reader()
    accept().end(v5)
    accept().end(v5.subarray(0, 4))
    accept().end()
    accept().end('GET')
    accept().end('\x02')
    accept().destroy()
    await turn()
    await turn()
    expect(vi.getTimerCount()).toBe(0)
  })
})
