// Goal: addresses come out as they went in, and are the same in all their forms. Method: an array of addresses as the model,
// longer ones coming in at any time, the column growing meanwhile; `formatAddress` says which are the same.
import { formatAddress } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AddressColumn, hashEndpoint } from '../src/address-column.ts'

const PORT = 7946
const v4 = fc.tuple(fc.constant(10), fc.nat(1), fc.nat(1), fc.nat(3)).map((bytes) => Uint8Array.from(bytes))
const mapped = v4.map((bytes) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...bytes))
// Some differ from a mapped one in the first bytes alone, or have the same four at their end.
const v6 = fc
  .tuple(fc.constantFrom(0, 0x20), fc.constantFrom(0, 0xff), v4)
  .map(([first, tenth, last]) => Uint8Array.of(first, 0, 0, 0, 0, 0, 0, 0, 0, 0, tenth, 255, ...last))
const short = fc.array(v4, { maxLength: 40 })
const mixed = fc.array(fc.oneof(v4, mapped, v6), { maxLength: 40 })

describe('the column of addresses', () => {
  it('holds what an array holds, and knows an address in all its forms', () => {
    fc.assert(
      fc.property(short, mixed, fc.array(fc.nat(79), { maxLength: 20 }), (first, then, changed) => {
        const column = new AddressColumn()
        const model: Uint8Array[] = []
        for (const address of [...first, ...then]) {
          if (model.length % 7 === 0) column.resize(model.length + 7)
          column.set(model.length, address)
          model.push(address)
        }
        for (const [number, index] of changed.entries()) {
          if (index >= model.length) continue
          // Lent by itself, as often as not from where others are kept.
          column.set(index, column.get(number % model.length))
          model[index] = model[number % model.length]!
        }
        for (const [index, address] of model.entries()) {
          expect(column.get(index)).toEqual(address)
          expect(column.hash(index, PORT)).toBe(hashEndpoint(address, PORT))
          for (const other of model) {
            const isSame = formatAddress(address, PORT) === formatAddress(other, PORT)
            expect(column.has(index, other)).toBe(isSame)
            if (isSame) expect(hashEndpoint(other, PORT)).toBe(hashEndpoint(address, PORT))
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('keeps endpoints apart: other ports, and addresses that differ in one byte, have other hashes', () => {
    const hashes = new Set<number>()
    for (let last = 0; last < 256; last++)
      for (const port of [1, 256, 7946, 7947]) hashes.add(hashEndpoint(Uint8Array.of(10, 0, 0, last), port))
    expect(hashes.size).toBe(256 * 4)
  })
})
