/** What is tested, as a value: planted faults are other values. */
import { decodePacket, openPacket, StreamReader, type StreamReaderOptions, type StreamResult } from '@hearsay/wire'

/** A stream under test. */
export interface StreamSubject {
  push(chunk: Uint8Array): void
  end(): void
  next(): StreamResult
}

/** Everything that reads the network. */
export interface Subject {
  readonly openPacket: typeof openPacket
  readonly decodePacket: typeof decodePacket
  readonly openStream: (options: StreamReaderOptions) => StreamSubject
}

/** The real ones. */
export const real: Subject = {
  openPacket,
  decodePacket,
  openStream: (options) => new StreamReader(options),
}
