/**
 * The Transport contract: unreliable packets and reliable streams between addresses. Nothing here knows what the
 * bytes mean.
 */

/** `ip:port`, IPv6 in brackets: `10.0.0.1:7946`, `[2001:db8::1]:7946`. Compared as text, in canonical form. */
export type Address = string

/**
 * `probe` carries what a failure detector waits for (pings, acks, nacks): it is never queued behind `gossip`.
 * Everything else is `gossip`.
 */
export type Lane = 'probe' | 'gossip'

/** Why a transport did not deliver. Counted by reason; also told to {@link TransportHandler.onDrop}. */
export type TransportDropReason =
  | 'queue-full' // too much in flight for that peer or lane
  | 'send-failed' // the operating system refused: unreachable, message too long
  | 'no-writer' // dskit framing: no writer free within acquireWriterTimeoutMs
  | 'dial-failed'
  | 'write-failed'
  | 'digest-mismatch' // dskit framing: the MD5 trailer does not match
  | 'frame-malformed' // dskit framing: address or trailer missing, unknown first byte
  | 'packet-too-large'
  | 'receive-timeout' // a peer that dribbles
  | 'too-many-connections'
  | 'not-allowed' // from an address that `allows` refuses
  | 'tls-failed' // no TLS handshake with that peer; without a peer: changed certificate files cannot be used
  | 'closed'

/**
 * What a transport tells its owner. Called from the event loop, one at a time, never from inside a transport method.
 * Nothing is called before `listen` has resolved nor after `close` has. A handler must not throw.
 */
export interface TransportHandler {
  /** A whole packet arrived. `bytes` belongs to the handler. */
  onPacket(from: Address, bytes: Uint8Array): void
  /** A peer dialled. The handler must call `stream.receive` in the same turn, or the stream is destroyed. */
  onStream(stream: TransportStream): void
  /** Something was lost, in or out. */
  onDrop(reason: TransportDropReason, peer: Address | undefined, detail: string): void
}

/** What happens on a stream. After `onClose` nothing is called any more. */
export interface StreamHandler {
  onData(chunk: Uint8Array): void
  /** The peer finished sending (FIN). The stream can still be written to. */
  onEnd(): void
  /** The stream is gone; `error` says why, unless both sides had finished. Called exactly once. */
  onClose(error?: Error): void
}

/** One ordered, reliable connection. */
export interface TransportStream {
  readonly remote: Address
  /** Begin to receive. Until then nothing is read. Call once; a second call throws `ALREADY_STARTED`. */
  receive(handler: StreamHandler): void
  /** Queue bytes for sending, in order. The stream may keep `bytes` until sent: do not reuse it. Ignored once closed. */
  write(bytes: Uint8Array): void
  /** Send what is queued, then FIN. */
  end(): void
  /** Give up at once, losing what is queued. */
  destroy(): void
}

/** Where a transport listens, and what peers should be told. */
export interface Listening {
  /** The first bound address. */
  readonly bound: Address
  /** The address peers should use: the advertised one where configured, else the bound one. */
  readonly advertised: Address
}

/**
 * Counters since the start. Sizes are payload bytes: headers, digests and streams are not in them.
 *
 * A packet is sent once the network (or, with dskit's framing, a writer) has taken it, whatever happens then; what this
 * side dropped before is only in `drops`. A packet is received once it is about to be delivered.
 */
export interface TransportStats {
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly packetBytesSent: number
  readonly packetBytesReceived: number
  readonly streamsOpened: number
  readonly streamsAccepted: number
  readonly drops: Readonly<Partial<Record<TransportDropReason, number>>>
  /** Whatever else an implementation counts, by metric name: for dskit's framing all names of kv spec 7.3. */
  readonly detail?: Readonly<Record<string, number>>
}

/** Options of one dial. */
export interface DialOptions {
  /** Until connected, or the promise rejects with code `DIAL_TIMEOUT`. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * Packets and streams between addresses.
 *
 * Promises: a packet arrives whole, once, unchanged, or not at all, in no particular order (memory networks may be
 * told to duplicate). A stream is ordered and reliable until it closes. No method throws for a remote reason: `send`
 * drops and counts, `dial` rejects with a {@link TransportError}.
 */
export interface Transport {
  /** The largest packet that should be sent, in bytes: 1400 for UDP, 10 MiB for dskit's framing. */
  readonly packetBudgetBytes: number
  /** Start to listen. Rejects with a {@link TransportError} (`ADDRESS_IN_USE`, `ADDRESS_NOT_AVAILABLE`, …). Call once. */
  listen(handler: TransportHandler): Promise<Listening>
  /** Send one packet, best effort. The transport may keep `packet` until sent: do not reuse the array. */
  send(to: Address, packet: Uint8Array, lane: Lane): void
  /** Open a stream. Rejects with a {@link TransportError}: `DIAL_…`, `TLS_FAILED`, `ABORTED`, `INVALID_ADDRESS`, `CLOSED`. */
  dial(to: Address, options: DialOptions): Promise<TransportStream>
  stats(): TransportStats
  /**
   * A number that grows with everything that arrives: a packet, a connection, bytes, an end. A driver that must read
   * what is there before it judges a peer goes round the event loop until this stands still.
   */
  activity?(): number
  /** Stop listening, close every stream, release every socket. Idempotent; resolves when all is closed. */
  close(): Promise<void>
}

/** Stable codes of {@link TransportError}. */
export type TransportErrorCode =
  | 'ADDRESS_IN_USE'
  | 'ADDRESS_NOT_AVAILABLE'
  | 'PERMISSION_DENIED'
  | 'NO_ADVERTISABLE_ADDRESS'
  | 'INVALID_ADDRESS'
  | 'DIAL_TIMEOUT'
  | 'DIAL_REFUSED'
  | 'DIAL_FAILED'
  | 'TLS_INVALID'
  | 'TLS_FAILED'
  | 'ABORTED'
  | 'CLOSED'
  | 'ALREADY_STARTED'

/** A local failure of a transport, said in one sentence with the address concerned. */
export class TransportError extends Error {
  readonly code: TransportErrorCode
  readonly address: Address | undefined

  constructor(code: TransportErrorCode, message: string, address?: Address, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TransportError'
    this.code = code
    this.address = address
  }
}
