import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { InstanceView } from './instance-view.ts'

/**
 * A fingerprint of what a ring says, 32 hexadecimal digits: the first half of the SHA-256 of, for each instance in byte
 * order of the ids, id, address and zone (each as UTF-8 behind its length), the state's number, the number of tokens
 * and the tokens; every number as four bytes, most significant first. No timestamps. Stable across processes and
 * releases.
 */
export function ringHash(instances: readonly InstanceView[]): string {
  const hash = createHash('sha256')
  for (const { id, address, zone, stateNumber, tokens } of instances) {
    for (const text of [id, address, zone]) {
      const bytes = Buffer.from(text, 'utf8')
      hash.update(bigEndian([bytes.length])).update(bytes)
    }
    hash.update(bigEndian([stateNumber, tokens.length])).update(bigEndian(tokens))
  }
  return hash.digest('hex').slice(0, 32)
}

function bigEndian(numbers: Uint32Array | readonly number[]): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 4)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < numbers.length; index++) view.setUint32(index * 4, numbers[index]!)
  return bytes
}
