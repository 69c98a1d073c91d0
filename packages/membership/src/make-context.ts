/** Builds what the parts of a machine share. */
import { formatAddress } from '@hearsay/wire'
import { Awareness } from './awareness.ts'
import { BroadcastQueue, type TransmitLimits } from './broadcast-queue.ts'
import type { Context } from './context.ts'
import type { MachineOptions } from './machine-options.ts'
import { Outbox } from './outbox.ts'
import { PeerColumns } from './peer-columns.ts'
import type { PeerRecord } from './peer-table.ts'
import { improved } from './policy.ts'
import { noResearch } from './research.ts'
import { Suspicions } from './suspicion.ts'

/** `limits` is asked for each packet: they depend on how many members there are. */
export function makeContext(options: MachineOptions, limits: () => TransmitLimits): Context {
  const { tuning, random } = options
  const { name, port, meta, versions } = options.self
  const address = options.self.address.slice()
  const own: PeerRecord = {
    name,
    address,
    port,
    meta,
    versions,
    incarnation: options.initialIncarnation,
    evidence: options.initialIncarnation,
    status: 'alive',
    statusSinceMs: 0,
  }
  const table = options.table?.(own) ?? new PeerColumns(own)
  const queue = new BroadcastQueue()
  const research = { ...noResearch, ...options.research }
  let seqNo = Math.floor(random() * 2 ** 32)
  let exchange = 0
  return {
    tuning,
    random,
    policy: { ...improved, ...options.policy },
    research,
    table,
    self: { name, address, port, endpoint: formatAddress(address, port), versions },
    // A member of protocol 1 knows of no port but its own (wire spec 4.4).
    portOf: (received) => (received === 0 || versions.protocolCurrent < 2 ? (options.bindPort ?? port) : received),
    isAllowed: options.isAllowed,
    isAuthenticated: options.isAuthenticated ?? (() => false),
    routing: options.routing,
    tellsPings: options.hooks?.tellsPings ?? false,
    queue,
    out: new Outbox(options.packet, table, queue, limits, tuning.gossip.userShare),
    awareness: new Awareness(tuning.probe.awarenessMaxMultiplier, research.localHealth),
    suspicions: new Suspicions(),
    // Random start: numbers that count up from 1 could be guessed (DIV-23).
    nextSeqNo: () => (seqNo = (seqNo + 1) >>> 0),
    nextExchange: () => ++exchange,
  }
}
