import type { UnixMs } from '@hearsay/kv/contract'
import type { InstanceDesc } from './instance-ring/instance-desc.ts'
import { isImplausible } from './instance-ring/order.ts'
import { stateName } from './instance-ring/state.ts'
import { type Operation, servesIn } from './operations.ts'

/** One instance of a ring as readers see it, at one moment. */
export class InstanceView {
  /** The name of the entry. */
  readonly id: string
  /** `host:port` that peers connect to. */
  readonly address: string
  /** May be empty. */
  readonly zone: string
  /** `ACTIVE`, `LEAVING`, `PENDING` or `JOINING`; the number, in decimal, of a state unknown to us. */
  readonly state: string
  /** The same as on the wire. */
  readonly stateNumber: number
  /** Ascending; without those that another instance holds. Shared: never write into it. */
  readonly tokens: Uint32Array
  /** Wall-clock milliseconds of the last heartbeat, which has a resolution of a second. */
  readonly heartbeatAtMs: number
  /** Wall-clock milliseconds of the first registration; 0 is unknown. */
  readonly registeredAtMs: number
  /** Whether the last heartbeat is recent enough, and not dated in the far future. */
  readonly isHeartbeatHealthy: boolean
  /** Takes no new data. */
  readonly isReadOnly: boolean
  /** Application component id to version. */
  readonly versions: ReadonlyMap<bigint, bigint>

  /** `tokens` are those it really holds; `isHeartbeatHealthy` as of the moment of the view. */
  constructor(id: string, entry: InstanceDesc, tokens: Uint32Array, isHeartbeatHealthy: boolean) {
    this.id = id
    this.address = entry.addr
    this.zone = entry.zone
    this.state = stateName(entry.state)
    this.stateNumber = entry.state
    this.tokens = tokens
    this.heartbeatAtMs = Number(entry.timestamp) * 1000
    this.registeredAtMs = Number(entry.registeredTimestamp) * 1000
    this.isHeartbeatHealthy = isHeartbeatHealthy
    this.isReadOnly = entry.readOnly
    this.versions = entry.versions
  }

  /** Whether it can serve an operation: by its state and by its heartbeat (ring spec 4.1). */
  serves(operation: Operation): boolean {
    return this.isHeartbeatHealthy && servesIn(operation, this.stateNumber)
  }
}

/** Whether the last heartbeat is at most `timeoutMs` ago and not implausibly ahead (ring spec 4.1, 13.2). */
export function isHeartbeatHealthy(entry: InstanceDesc, wallNow: UnixMs, timeoutMs: number): boolean {
  return wallNow - Number(entry.timestamp) * 1000 <= timeoutMs && !isImplausible(entry, wallNow)
}
