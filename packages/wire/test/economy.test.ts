/**
 * Goal: decoding a packet allocates only what it returns, and a broadcast that is sent again is not encoded again. Method:
 * counting: views that are made, bytes on the heap, and how often a message is looked into.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { decodePacket, defaultVersions, encodePacket, type PacketMessage, Part } from '../src/index.ts'
import { ip } from './samples.ts'

const alive = (index: number): PacketMessage => ({
  type: 'alive',
  incarnation: index,
  node: `member-${index}`,
  address: ip(index),
  port: 7946,
  meta: null,
  versions: defaultVersions,
})
const packetOf = (...messages: readonly PacketMessage[]): Uint8Array =>
  encodePacket(
    messages.map((message) => new Part(message)),
    { compression: 'none', checksum: true },
  )

/** Views of other arrays that are made while `work` runs. */
function viewsMadeBy(work: () => unknown): number {
  const made = vi.spyOn(Uint8Array.prototype, 'subarray')
  work()
  const { length } = made.mock.calls
  made.mockRestore()
  return length
}

describe('decoding a packet', () => {
  it.each([
    ['nacks', { type: 'nack', seqNo: 1 }, 0],
    ['suspicions', { type: 'suspect', incarnation: 1, node: 'a', from: 'b' }, 0],
    [
      'pings without a source',
      { type: 'ping', seqNo: 1, node: 'a', sourceAddress: null, sourcePort: 0, sourceNode: '' },
      0,
    ],
    ['alives: the address', alive(1), 1],
    ['user messages: the payload', { type: 'user', payload: ip(1) }, 1],
  ] as const)('makes views only of what is lent: of %s', (_, message, views) => {
    const packet = packetOf(...Array.from({ length: 16 }, () => message))
    // The one beside them is what the checksum is about.
    expect(viewsMadeBy(() => decodePacket(packet))).toBe(16 * views + 1)
  })

  it('takes little more memory than its messages do', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const packet = packetOf(...Array.from({ length: 16 }, (_, index) => alive(index)))
    // Compiled first: until then numbers and arguments take memory, too.
    for (let time = 0; time < 3000; time++) decodePacket(packet)
    const kept: unknown[] = Array.from({ length: 1000 })
    // Twice: what the first one finalizes, the second one frees.
    collect()
    collect()
    const before = process.memoryUsage().heapUsed
    for (let time = 0; time < kept.length; time++) kept[time] = decodePacket(packet).messages
    const allocated = process.memoryUsage().heapUsed - before
    collect()
    const returned = process.memoryUsage().heapUsed - before
    expect(kept).toHaveLength(1000)
    // 16 messages with a view each in every packet: more than this they are in any engine.
    expect(returned).toBeGreaterThan(1000 * 16 * 100)
    expect(allocated).toBeLessThan(1.6 * returned)
  })
})

describe('sending a broadcast again', () => {
  it('encodes nothing: the message is not looked into, and the bytes are the same array', () => {
    let looks = 0
    const watched = new Proxy(alive(1), {
      get(message, property) {
        looks++
        return Reflect.get(message, property)
      },
    })
    const part = new Part(watched)
    const beside = new Part(alive(2))
    const options = { compression: 'none', checksum: false } as const
    const first = encodePacket([part, beside], options)
    const { bytes, sizeBytes } = part
    const looksForTheFirst = looks
    expect(looksForTheFirst).toBeGreaterThan(0)

    for (let time = 0; time < 20; time++) {
      expect(encodePacket([part, beside], options)).toEqual(first)
      expect(encodePacket([part], options)).toBe(bytes)
      expect([part.bytes, part.sizeBytes]).toEqual([bytes, sizeBytes])
    }
    expect(looks).toBe(looksForTheFirst)
  })
})
