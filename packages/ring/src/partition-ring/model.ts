import type { Int64 } from '../instance-ring/instance-desc.ts'
import { OwnerState, PartitionState } from './state.ts'

/** One partition (ring spec 1.4). Immutable. Timestamps are Unix seconds. */
export interface PartitionDesc {
  readonly id: number
  /** Ascending; a pure function of the id, as dskit makes them. Never write into it. */
  readonly tokens: Uint32Array
  /** A number of `PartitionState`; unknown ones are kept. */
  readonly state: number
  /** When the state last changed: it is a register of its own. */
  readonly stateTimestamp: Int64
  /** Nobody but an operator may change the state; a register of its own, too. */
  readonly stateChangeLocked: boolean
  readonly stateChangeLockedTimestamp: Int64
  /** Fields that this version does not know, as they came: written back (ring spec 1.5, 13.1). */
  readonly unknown: Uint8Array
}

/** Who owns a partition (ring spec 1.4). Immutable. */
export interface OwnerDesc {
  readonly ownedPartition: number
  /** A number of `OwnerState`; unknown ones are kept. */
  readonly state: number
  /** Unix seconds. */
  readonly updatedTimestamp: Int64
  readonly unknown: Uint8Array
}

const noTokens = new Uint32Array(0)
const noBytes = new Uint8Array(0)

/** A partition of which only this is known. */
export const partition = (init: Partial<PartitionDesc> & { readonly id: number }): PartitionDesc => ({
  tokens: noTokens,
  state: PartitionState.Unknown,
  stateTimestamp: 0,
  stateChangeLocked: false,
  stateChangeLockedTimestamp: 0,
  unknown: noBytes,
  ...init,
})

/** An owner of which only this is known. */
export const owner = (init: Partial<OwnerDesc> = {}): OwnerDesc => ({
  ownedPartition: 0,
  state: OwnerState.Unknown,
  updatedTimestamp: 0,
  unknown: noBytes,
  ...init,
})

/** Whether it was removed: it travels so that older news cannot bring it back, and no reader sees it. */
export const isDeletedPartition = ({ state }: PartitionDesc): boolean => state === PartitionState.Deleted

/** The same of an owner. */
export const isDeletedOwner = ({ state }: OwnerDesc): boolean => state === OwnerState.Deleted

/** A partition ring as the store holds it, tombstones included. Immutable. */
export class PartitionRingDesc {
  /** The ring with nothing in it. */
  static readonly empty = new PartitionRingDesc(new Map(), new Map())

  readonly partitions: ReadonlyMap<number, PartitionDesc>
  /** By instance id, or `<instance id>/<partition id>` where an instance owns several. */
  readonly owners: ReadonlyMap<string, OwnerDesc>

  constructor(partitions: ReadonlyMap<number, PartitionDesc>, owners: ReadonlyMap<string, OwnerDesc>) {
    this.partitions = partitions
    this.owners = owners
  }

  get isEmpty(): boolean {
    return this.partitions.size === 0 && this.owners.size === 0
  }

  /** With these in place of their former selves. */
  with(partitions: Iterable<PartitionDesc>, owners: Iterable<readonly [string, OwnerDesc]>): PartitionRingDesc {
    const next = new Map(this.partitions)
    for (const each of partitions) next.set(each.id, each)
    return new PartitionRingDesc(next, new Map([...this.owners, ...owners]))
  }
}
