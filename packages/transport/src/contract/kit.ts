/** What every law uses: two transports that record what happens to them, and waiting with an end. */

import assert from 'node:assert/strict'
import { realSchedule } from '../system.ts'
import type {
  Address,
  Listening,
  StreamHandler,
  Transport,
  TransportDropReason,
  TransportHandler,
  TransportStream,
} from '../transport.ts'

/** Two transports that can reach each other. `cleanup` is called after both were closed. */
export interface TransportPair {
  readonly a: Transport
  readonly b: Transport
  cleanup(): Promise<void>
}

/** Makes a fresh pair. */
export type MakeTransports = () => Promise<TransportPair>

/** The two functions of a test framework that the kit needs. */
export interface ContractTest {
  describe(title: string, body: () => void): unknown
  it(title: string, body: () => Promise<void>): unknown
}

/** Long enough for anything that happens at all, on a slow machine; nothing waits for it when all is well. */
export const patienceMs = 10_000

/** One side of a pair, listening. */
export interface Side {
  readonly transport: Transport
  readonly listening: Listening
  readonly packets: { readonly from: Address; readonly bytes: Uint8Array }[]
  readonly drops: { readonly reason: TransportDropReason; readonly peer: Address | undefined }[]
  readonly accepted: RecordedStream[]
  /** Whether it would be against the law to call a handler of this side right now. */
  readonly guard: Guard
  /** Gives the next accepted streams this face instead of a plain recorder. */
  onStream: (stream: TransportStream) => RecordedStream
}

/** Runs `law` with two listening sides, and closes everything whatever it does. */
export async function withPair(make: MakeTransports, law: (a: Side, b: Side) => Promise<void>): Promise<void> {
  const pair = await make()
  try {
    const a = await listen(pair.a)
    const b = await listen(pair.b)
    await law(a, b)
    a.guard.check()
    b.guard.check()
  } finally {
    await Promise.all([pair.a.close(), pair.b.close()])
    await pair.cleanup()
  }
}

/** Listens and records. */
export async function listen(transport: Transport): Promise<Side> {
  const guard = new Guard()
  const packets: Side['packets'] = []
  const drops: Side['drops'] = []
  const accepted: Side['accepted'] = []
  const handler: TransportHandler = {
    onPacket(from, bytes) {
      guard.called('onPacket')
      packets.push({ from, bytes })
    },
    onStream(stream) {
      guard.called('onStream')
      accepted.push(side.onStream(stream))
    },
    onDrop(reason, peer) {
      guard.called('onDrop')
      drops.push({ reason, peer })
    },
  }
  const listening = await transport.listen(handler)
  const side: Side = {
    transport,
    listening,
    packets,
    drops,
    accepted,
    guard,
    onStream: (stream) => record(stream, guard),
  }
  return side
}

/** Notices handlers that are called from inside a method of their transport. */
export class Guard {
  #inside: string | undefined
  #broken: string | undefined

  /** Runs a method of the transport, during which no handler may be called. */
  during<T>(method: string, run: () => T): T {
    this.#inside = method
    try {
      return run()
    } finally {
      this.#inside = undefined
    }
  }

  /** To be called first in every handler. */
  called(handler: string): void {
    if (this.#inside !== undefined) this.#broken ??= `${handler} was called from inside ${this.#inside}`
  }

  check(): void {
    assert.equal(this.#broken, undefined)
  }
}

/** A stream with everything that happened to it. */
export interface RecordedStream {
  readonly stream: TransportStream
  readonly chunks: Uint8Array[]
  receivedBytes: number
  ends: number
  readonly closes: (Error | undefined)[]
  /** Calls that came after `onClose`. */
  late: number
}

/** Receives and records; `face` is called after recording. */
export function record(stream: TransportStream, guard: Guard, face: Partial<StreamHandler> = {}): RecordedStream {
  const recorded: RecordedStream = { stream, chunks: [], receivedBytes: 0, ends: 0, closes: [], late: 0 }
  const noteCall = (name: string) => {
    guard.called(name)
    if (recorded.closes.length > 0) recorded.late++
  }
  guard.during('receive', () =>
    stream.receive({
      onData(chunk) {
        noteCall('onData')
        recorded.chunks.push(chunk)
        recorded.receivedBytes += chunk.length
        face.onData?.(chunk)
      },
      onEnd() {
        noteCall('onEnd')
        recorded.ends++
        face.onEnd?.()
      },
      onClose(error) {
        noteCall('onClose')
        recorded.closes.push(error)
        face.onClose?.(error)
      },
    }),
  )
  return recorded
}

/** Dials from one side to the other and records. */
export async function dial(from: Side, to: Side): Promise<RecordedStream> {
  const stream = await from.transport.dial(to.listening.advertised, { timeoutMs: patienceMs })
  return record(stream, from.guard)
}

/** Dials and waits until the other side has accepted: both ends of one stream. */
export async function streamPair(a: Side, b: Side): Promise<[RecordedStream, RecordedStream]> {
  const before = b.accepted.length
  const near = await dial(a, b)
  // A transport may show a stream to its acceptor only with its first byte, so one is sent, and taken off again.
  near.stream.write(Uint8Array.of(0))
  await eventually('the stream is accepted', () => (b.accepted[before]?.receivedBytes ?? 0) > 0)
  const far = b.accepted[before]!
  far.chunks.length = 0
  far.receivedBytes = 0
  return [near, far]
}

/** Waits until `condition` holds; fails after {@link patienceMs}. */
export async function eventually(what: string, condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    assert.ok(waitedMs < patienceMs, `waited in vain until ${what}`)
    await pause(5)
  }
}

/** Lets time pass. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    realSchedule(delayMs, resolve)
  })
}

/** Sends one packet and waits for it at the other side, sending again when it seems lost. */
export async function deliver(from: Side, to: Side, packet: Uint8Array): Promise<Side['packets'][number]> {
  const before = to.packets.length
  for (let attempt = 0; attempt < 5 && to.packets.length === before; attempt++) {
    from.guard.during('send', () => from.transport.send(to.listening.advertised, packet, 'gossip'))
    for (let waitedMs = 0; waitedMs < patienceMs / 5 && to.packets.length === before; waitedMs += 5) await pause(5)
  }
  assert.ok(to.packets.length > before, `a packet of ${packet.length} bytes did not arrive`)
  return to.packets[before]!
}

/** Bytes that repeat only after a long while, so that a gap or a swap shows. */
export function pattern(sizeBytes: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  let state = seed
  for (let i = 0; i < sizeBytes; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
}

/** Fails unless the bytes are the same; says where they differ instead of printing a megabyte. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.length, expected.length, 'length')
  const differs = expected.findIndex((byte, i) => byte !== actual[i])
  assert.equal(differs, -1, `byte ${differs} differs`)
}

/** The chunks in one piece. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}
