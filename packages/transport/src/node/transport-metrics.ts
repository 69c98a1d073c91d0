/** What dskit's transport counts, under its names (kv spec 7.3; prefix `memberlist_tcp_transport_`). */

import type { Connections } from './connections.ts'

/** Counters of the framing; bytes on connections come from the sockets. */
export class TransportMetrics {
  incoming_streams_total = 0
  outgoing_streams_total = 0
  outgoing_stream_errors_total = 0
  packets_received_total = 0
  packets_received_bytes_total = 0
  packets_received_errors_total = 0
  packets_dropped_total = 0
  packets_sent_total = 0
  packets_sent_bytes_total = 0
  packets_sent_errors_total = 0
  unknown_connections_total = 0
  /** Ours: the system could not accept a connection. */
  accept_errors_total = 0

  /** The counters as a record, with the bytes of every connection. */
  detail(connections: Connections): Record<string, number> {
    return {
      ...(this as Omit<this, 'detail'>),
      sent_bytes_total: connections.bytesWritten,
      received_bytes_total: connections.bytesRead,
      open_connections: connections.size,
    }
  }
}
