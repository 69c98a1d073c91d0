/** B8: the queue of broadcasts, filled and emptied. `go/memberlist/queue_task_test.go` has the same ones. */
import { createHash } from 'node:crypto'
import { equalBytes } from '@hearsay/encoding'
import { MAX_COMPOUND_PARTS, Part } from '@hearsay/wire'
import { BroadcastQueue, transmitLimit } from '../../../packages/membership/src/broadcast-queue.ts'
import { aliveOf } from '../inputs.ts'
import type { Item } from '../item.ts'

const PACKET_BYTES = 1400
const PART_BYTES = 2

/** 60 to 120 bytes, of which the first says that it is a user message. */
function broadcast(index: number, factor: number): Part {
  const payload = new Uint8Array(59 + ((index * factor) % 61)).fill(index)
  payload[0] = index >> 8
  payload[1] = index >> 16
  return new Part({ type: 'user', payload })
}

function itemFor(count: number): Item {
  const names: string[] = []
  const parts: Part[] = []
  const add = (index: number, factor: number): void => {
    names.push(aliveOf(index).node)
    parts.push(broadcast(index, factor))
  }
  for (let index = 0; index < count; index++) add(index, 7919)
  for (let index = 0; index < count; index += 4) add(index, 10_007)
  const peers = new Map(names.map((name, at) => [name, at]))
  const limit = transmitLimit(4, count)
  const limits = { control: limit, local: limit, relayed: limit, user: limit }
  const drain = (visit?: (part: Part) => void): number => {
    const queue = new BroadcastQueue()
    // Ours finds the record of a name once, and Go's queue looks the name up itself.
    for (let at = 0; at < parts.length; at++) queue.control(peers.get(names[at]!)!, parts[at]!)
    for (let packets = 0; ; packets++) {
      const packet = queue.fill(PACKET_BYTES, PART_BYTES, MAX_COMPOUND_PARTS, 0.2, limits)
      if (packet.length === 0) return packets
      if (visit) for (const part of packet) visit(part)
    }
  }
  return {
    group: 'B8',
    name: `queue ${count.toLocaleString('en')} broadcasts, and empty it`,
    target: 0.2,
    library: 'memberlist',
    operation: `queue/${count}`,
    subject: 'members',
    // The same messages in the same order.
    agrees: (golden) => {
      const digest = createHash('sha256')
      drain(({ bytes }) => digest.update(bytes))
      return equalBytes(digest.digest(), golden)
    },
    work: drain,
    isLarge: count > 1000,
  }
}

/** Few and many. */
export const broadcastItems = (): Item[] => [1000, 10_000].map(itemFor)
