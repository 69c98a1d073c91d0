/** What the transport with dskit's framing may be told. */

import type { BindOptions } from './bind.ts'
import type { PacketReaderLimits } from './packet-reader.ts'
import type { TlsOptions } from './tls/options.ts'

/** Options of `tcpTransport`. Names and defaults of dskit's flags where it has them (kv spec 7.1). */
export interface TcpOptions extends BindOptions {
  /** TLS for packets and streams alike (kv spec 5.5). Default: none. */
  readonly tls?: TlsOptions
  /** The largest packet that should be sent. Default 10 MiB, as dskit. */
  readonly packetBudgetBytes?: number
  /** Gossip packets dialled or written at one time. Default 3; less than 1 means 1. */
  readonly maxConcurrentWrites?: number
  /** Probes and acks dialled or written at one time, by writers of their own. Default 16. */
  readonly maxConcurrentProbeWrites?: number
  /** How long a packet waits for a writer before it is dropped. Default 250 ms. */
  readonly acquireWriterTimeoutMs?: number
  /** Until a packet's connection is made. Default 2000 ms. */
  readonly packetDialTimeoutMs?: number
  /** Until a packet is written, from then on. Default 5000 ms; 0 for no limit. */
  readonly packetWriteTimeoutMs?: number
  /** Largest packet connection that is read. Default, and never less than, the budget and 1 KiB; 16 MiB by default. */
  readonly maxPacketBytes?: number
  /** How long an accepted connection may be silent before its first byte, and its TLS handshake may take. Default 10 s. */
  readonly firstByteTimeoutMs?: number
  /** How long a packet connection may pause. Default 10 s. */
  readonly receiveIdleTimeoutMs?: number
  /** How long a packet connection may take in all. Default 30 s. */
  readonly receiveTotalTimeoutMs?: number
  /** How long `close` waits for packets that are on their way out. Default 500 ms. */
  readonly closeLingerMs?: number
}

/** Bytes of packets being received, over all connections. */
const MAX_UNFINISHED_BYTES = 128 * 1024 * 1024

/** What a peer may send and how slowly, the options filled in. */
export function readerLimits(options: TcpOptions, packetBudgetBytes: number): PacketReaderLimits {
  return {
    maxPacketBytes: Math.max(options.maxPacketBytes ?? 16 * 1024 * 1024, packetBudgetBytes + 1024),
    maxUnfinishedBytes: MAX_UNFINISHED_BYTES,
    firstByteTimeoutMs: options.firstByteTimeoutMs ?? 10_000,
    idleTimeoutMs: options.receiveIdleTimeoutMs ?? 10_000,
    totalTimeoutMs: options.receiveTotalTimeoutMs ?? 30_000,
  }
}
