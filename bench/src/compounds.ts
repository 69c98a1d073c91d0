/** B3: many messages in one packet, put together and taken apart. */
import { equalBytes } from '@hearsay/encoding'
import { encodePacket } from '@hearsay/wire'
import { splitCompound } from '../../packages/wire/src/compound.ts'
import { aliveParts } from './inputs.ts'
import type { Item } from './item.ts'

const plain = { compression: 'none', checksum: false } as const

function pair(count: number): Item[] {
  const parts = aliveParts(count)
  const make = () => encodePacket(parts, plain)
  const packet = make()
  const subject = `compound-${count}`
  const shared = { group: 'B3', library: 'memberlist', subject, inputs: () => ({ [subject]: packet }) } as const
  let seen = 0
  const visit = (start: number, end: number) => {
    seen += end - start
    return true
  }
  return [
    {
      ...shared,
      name: `make a compound of ${count}`,
      target: 0.7,
      operation: 'make',
      agrees: (golden) => equalBytes(make(), golden),
      work: () => make().length,
    },
    {
      ...shared,
      name: `split a compound of ${count}`,
      target: 1,
      operation: 'split',
      // Go's answer is its last part; that all of ours lie between is what their lengths say.
      agrees: (golden) => equalBytes(lastPart(packet), golden),
      work: () => {
        splitCompound(packet, 0, packet.length, visit)
        return seen
      },
    },
  ]
}

function lastPart(packet: Uint8Array): Uint8Array {
  let last = packet.subarray(0, 0)
  splitCompound(packet, 0, packet.length, (start, end) => {
    last = packet.subarray(start, end)
    return true
  })
  return last
}

/** Compounds of few, some and as many parts as there can be. */
export const compoundItems = (): Item[] => [2, 16, 255].flatMap(pair)
