import { isIP } from 'node:net'
import { fromHex, toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalIp, formatAddress, parseAddress } from '../src/index.ts'

describe('an address', () => {
  it.each([
    ['0a000001', '10.0.0.1:7946'],
    ['ffffffff', '255.255.255.255:7946'],
    ['20010db8000000000000000000000001', '[2001:db8::1]:7946'],
    ['00000000000000000000000000000000', '[::]:7946'],
    ['00000000000000000000000000000001', '[::1]:7946'],
    ['fe800000000000000000000000000000', '[fe80::]:7946'],
    // One zero group is not shortened; of two runs the longest is, of equal ones the first.
    ['20010db8000000010001000100010001', '[2001:db8:0:1:1:1:1:1]:7946'],
    ['20010000000000010000000000000001', '[2001:0:0:1::1]:7946'],
    ['20010db8000000000001000000000001', '[2001:db8::1:0:0:1]:7946'],
    ['20010db80000abcd0000000000000010', '[2001:db8:0:abcd::10]:7946'],
  ])('%s is written %s and read back', (hex, text) => {
    expect(formatAddress(fromHex(hex), 7946)).toBe(text)
    const parsed = parseAddress(text)
    expect(parsed && [toHex(parsed.ip), parsed.port]).toEqual([hex, 7946])
  })

  it('of IPv4 in 16 bytes is written, read and compared as IPv4', () => {
    const mapped = fromHex('00000000000000000000ffff0a000001')
    expect(formatAddress(mapped, 1)).toBe('10.0.0.1:1')
    expect(toHex(canonicalIp(mapped))).toBe('0a000001')
    expect(parseAddress('[::ffff:10.0.0.1]:1')).toEqual({ ip: fromHex('0a000001'), port: 1 })
    expect(toHex(canonicalIp(fromHex('000000000000000000010fff0a000001')))).toBe('000000000000000000010fff0a000001')
  })

  it.each([
    ['[2001:DB8::1]:80', '20010db8000000000000000000000001'],
    ['[1:2:3:4:5:6:7:8]:80', '00010002000300040005000600070008'],
    ['[1:2:3:4:5:6:7::]:80', '00010002000300040005000600070000'],
    ['[::64:1.2.3.4]:80', '00000000000000000000006401020304'],
    ['[1:2:3:4:5:6:1.2.3.4]:80', '00010002000300040005000601020304'],
  ])('is read from %s', (text, hex) => {
    const parsed = parseAddress(text)
    expect(parsed && toHex(parsed.ip)).toBe(hex)
  })

  it.each([
    '',
    'node1:7946',
    '10.0.0.1',
    '10.0.0.1:',
    '10.0.0.1:65536',
    '10.0.0.1:-1',
    '10.0.0:80',
    '10.0.0.256:80',
    '10.0.0.01:80',
    '2001:db8::1:80',
    '[10.0.0.1]:80',
    '[1:2:3]:80',
    '[1::2::3]:80',
    '[:::]:80',
    '[:1::2]:80',
    '[12345::]:80',
    '[1:2:3:4:5:6:7:8:9]:80',
    '[1:2:3:4:5:6:7::8]:80',
    '[1.2.3.4::]:80',
    '[1.2.3.4::1]:80',
    '[fe80::1%eth0]:80',
  ])('is not read from %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it('of another length is shown in hex, and is none to read', () => {
    expect(formatAddress(fromHex('0a0001'), 7946)).toBe('?0a0001:7946')
    expect(formatAddress(new Uint8Array(0), 0)).toBe('?:0')
    expect(parseAddress('?0a0001:7946')).toBeUndefined()
  })

  it('is read exactly where Node reads one', () => {
    const piece = fc.constantFrom('1', 'ab', '::', ':', '0', 'ffff', '1.2.3.4', '12345')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const host = pieces.join('')
        expect(parseAddress(`[${host}]:1`) !== undefined, host).toBe(isIP(host) === 6)
      }),
      { numRuns: 3000 },
    )
  })

  it('of any bytes comes back, in a form that Node reads', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 8, maxLength: 8 }),
        fc.integer({ min: 0, max: 65_535 }),
        (groups, port) => {
          const ip = Uint8Array.from(groups.flatMap((value) => [value >>> 8, value & 0xff]))
          const text = formatAddress(ip, port)
          const host = text.slice(0, text.lastIndexOf(':')).replace(/^\[|\]$/g, '')
          expect(isIP(host)).not.toBe(0)
          expect(new URL(`http://${text}/`).hostname).toBe(host.includes(':') ? `[${host}]` : host)
          expect(parseAddress(text)).toEqual({ ip: canonicalIp(ip), port })
        },
      ),
      { numRuns: 500 },
    )
  })
})
