import type { Address, TransportDropReason, TransportHandler, TransportStream } from '../src/index.ts'

/** A handler that writes down what it is told. */
export class Recorder implements TransportHandler {
  readonly packets: { from: Address; bytes: Uint8Array }[] = []
  readonly drops: { reason: TransportDropReason; peer: Address | undefined; detail: string }[] = []
  readonly streams: RecordedStream[] = []

  onPacket(from: Address, bytes: Uint8Array): void {
    this.packets.push({ from, bytes })
  }

  onStream(stream: TransportStream): void {
    this.streams.push(receive(stream))
  }

  onDrop(reason: TransportDropReason, peer: Address | undefined, detail: string): void {
    this.drops.push({ reason, peer, detail })
  }
}

/** What happened on a stream, as text. */
export interface RecordedStream {
  readonly stream: TransportStream
  readonly events: string[]
}

/** Receives and writes down; bytes are taken for latin1. */
export function receive(stream: TransportStream): RecordedStream {
  const events: string[] = []
  stream.receive({
    onData: (chunk) => events.push(`data ${Buffer.from(chunk).toString('latin1')}`),
    onEnd: () => events.push('end'),
    onClose: (error) => events.push(error === undefined ? 'close' : 'close with error'),
  })
  return { stream, events }
}

/** Everything received, in one piece. */
export const text = ({ events }: RecordedStream): string =>
  events
    .filter((event) => event.startsWith('data '))
    .map((event) => event.slice(5))
    .join('')
