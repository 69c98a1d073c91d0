import { Interest, law } from './checker.ts'

/** Bytes around parts: of a compound's head, of each part's length, of a checksum (wire spec 2.5, 2.7). */
const COMPOUND_BYTES = 2
const LENGTH_BYTES = 2
const CHECKSUM_BYTES = 5
const MAX_PARTS = 255
const MAX_PART_BYTES = 65_535

/** Invariants 35 and 37. */
export const packetBudget = law(
  {
    name: 'packet-budget',
    law: 'A packet holds at most 255 parts of at most 65,535 bytes, none twice, and with all wrappers fits its budget, unless it is one message of a user',
    invariants: [35, 37],
    interest: Interest.packets,
  },
  (beliefs, check) => ({
    afterInput(node, _input, effects) {
      for (const effect of effects) {
        if (effect.kind !== 'send-packet') continue
        const { parts, checksum, to } = effect
        check(parts.length >= 1 && parts.length <= MAX_PARTS, node, () => `a packet to ${to} has ${parts.length} parts`)
        check(new Set(parts).size === parts.length, node, () => `a packet to ${to} holds a part twice`)
        if (parts.length === 1 && parts[0]?.message.type === 'user') continue
        let size = checksum ? CHECKSUM_BYTES : 0
        if (parts.length > 1) size += COMPOUND_BYTES + LENGTH_BYTES * parts.length
        for (const { sizeBytes } of parts) {
          size += sizeBytes
          check(sizeBytes <= MAX_PART_BYTES, node, () => `a part to ${to} has ${sizeBytes} bytes`)
        }
        check(size <= beliefs.packetBytes, node, () => `a packet to ${to} has ${size} bytes of ${beliefs.packetBytes}`)
      }
    },
  }),
)
