/** A partition ring as JSON, for people and for the HTTP API: the names are those of dskit's own JSON. */

import { tokenList } from '../instance-ring/instance-desc.ts'
import { boolean, fail, int32, int64ToJson, object, show, timestamp, tokens } from '../json-fields.ts'
import { type OwnerDesc, owner, type PartitionDesc, PartitionRingDesc, partition } from './model.ts'
import { ownerStateName, ownerStateNumber, partitionStateName, partitionStateNumber } from './state.ts'

/** One partition. Whole numbers beyond 2^53 are decimal strings; states are written as names, and read as names or numbers. */
export interface PartitionJson {
  readonly tokens: readonly number[]
  readonly state: string | number
  readonly stateTimestamp: number | string
  readonly id?: number
  readonly stateChangeLocked?: boolean
  readonly stateChangeLockedTimestamp?: number | string
}

/** One owner. */
export interface OwnerJson {
  readonly ownedPartition: number
  readonly state: string | number
  readonly updatedTimestamp: number | string
}

/** The JSON form of a partition ring. */
export interface PartitionRingDescJson {
  readonly partitions: { readonly [id: string]: PartitionJson }
  readonly owners: { readonly [name: string]: OwnerJson }
}

/** A ring as JSON. Fields unknown to us are not shown. */
export const partitionRingToJson = ({ partitions, owners }: PartitionRingDesc): PartitionRingDescJson => ({
  partitions: Object.fromEntries(Array.from(partitions, ([id, each]) => [id, partitionToJson(each)])),
  owners: Object.fromEntries(
    Array.from(owners, ([name, { ownedPartition, state, updatedTimestamp }]) => [
      name,
      { ownedPartition, state: ownerStateName(state), updatedTimestamp: int64ToJson(updatedTimestamp) },
    ]),
  ),
})

/** The inverse; either part may be missing. Throws `RingError` JSON_INVALID with the path of the first problem. */
export function partitionRingFromJson(json: unknown): PartitionRingDesc {
  const { partitions, owners } = object(json, '$')
  const read = new Map<number, PartitionDesc>()
  for (const [key, value] of Object.entries(partitions === undefined ? {} : object(partitions, '$.partitions'))) {
    const path = `$.partitions[${JSON.stringify(key)}]`
    if (!/^-?\d{1,10}$/.test(key)) fail(path, 'the id of a partition is a whole number of 32 bits')
    const id = int32(Number(key), path)
    read.set(id, partitionFromJson(value, id, path))
  }
  const named = Object.entries(owners === undefined ? {} : object(owners, '$.owners')).map(
    ([name, value]) => [name, ownerFromJson(value, `$.owners[${JSON.stringify(name)}]`)] as const,
  )
  return read.size + named.length === 0 ? PartitionRingDesc.empty : new PartitionRingDesc(read, new Map(named))
}

function partitionToJson(each: PartitionDesc): PartitionJson {
  const { id, stateChangeLocked, stateChangeLockedTimestamp } = each
  return {
    tokens: Array.from(each.tokens),
    state: partitionStateName(each.state),
    stateTimestamp: int64ToJson(each.stateTimestamp),
    ...(id === 0 ? {} : { id }),
    ...(stateChangeLocked ? { stateChangeLocked } : {}),
    ...(stateChangeLockedTimestamp === 0
      ? {}
      : { stateChangeLockedTimestamp: int64ToJson(stateChangeLockedTimestamp) }),
  }
}

function partitionFromJson(json: unknown, id: number, path: string): PartitionDesc {
  const fields = object(json, path)
  if (fields.id !== undefined && fields.id !== id) fail(`${path}.id`, `not ${id}, the key: ${show(fields.id)}`)
  return partition({
    id,
    tokens: tokenList(tokens(fields.tokens, `${path}.tokens`)),
    state: stateFromJson(fields.state, partitionStateNumber, `${path}.state`),
    stateTimestamp: timestamp(fields.stateTimestamp, `${path}.stateTimestamp`),
    stateChangeLocked: boolean(fields.stateChangeLocked, `${path}.stateChangeLocked`),
    stateChangeLockedTimestamp: timestamp(fields.stateChangeLockedTimestamp, `${path}.stateChangeLockedTimestamp`),
  })
}

function ownerFromJson(json: unknown, path: string): OwnerDesc {
  const fields = object(json, path)
  return owner({
    ownedPartition: int32(fields.ownedPartition, `${path}.ownedPartition`),
    state: stateFromJson(fields.state, ownerStateNumber, `${path}.state`),
    updatedTimestamp: timestamp(fields.updatedTimestamp, `${path}.updatedTimestamp`),
  })
}

function stateFromJson(json: unknown, numberOf: (name: string) => number | undefined, path: string): number {
  if (typeof json !== 'string') return int32(json, path)
  if (/^-?\d+$/.test(json)) return int32(Number(json), path)
  return numberOf(json) ?? fail(path, `not a state: ${show(json)}`)
}
