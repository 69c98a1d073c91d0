import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalIp, formatAddress, parseAddress } from '../src/index.ts'

describe('addresses', () => {
  it('are taken apart and put together again', () => {
    expect(parseAddress('10.0.0.1:7946')).toEqual({ ip: '10.0.0.1', port: 7946, family: 4 })
    expect(parseAddress('[2001:db8::1]:7946')).toEqual({ ip: '2001:db8::1', port: 7946, family: 6 })
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 65535 }), (ip, port) => {
        const canonical = canonicalIp(ip)!
        const text = formatAddress(canonical, port)
        expect(parseAddress(text)).toMatchObject({ ip: canonical, port })
        expect(canonicalIp(canonical)).toBe(canonical)
      }),
    )
  })

  it('have one form each (RFC 5952), IPv4 in disguise included', () => {
    expect(canonicalIp('2001:DB8:0:0:0:0:0:1')).toBe('2001:db8::1')
    expect(canonicalIp('::ffff:10.0.0.7')).toBe('10.0.0.7')
    expect(canonicalIp('::FFFF:a00:7')).toBe('10.0.0.7')
    expect(canonicalIp('fe80::1%eth0')).toBe('fe80::1%eth0')
    expect(parseAddress('[::ffff:10.0.0.7]:1')).toEqual({ ip: '10.0.0.7', port: 1, family: 4 })
  })

  it('are nothing else', () => {
    for (const text of [
      '',
      ':1',
      '10.0.0.1',
      '10.0.0.1:',
      '10.0.0.1:65536',
      '10.0.0.1:-1',
      '10.0.0.1:1x',
      '010.0.0.1:1',
    ])
      expect(parseAddress(text)).toBeUndefined()
    for (const text of ['2001:db8::1:7946', '[2001:db8::1]', '[10.0.0.1]:1', 'localhost:1', `[${'1:'.repeat(100)}1]:1`])
      expect(parseAddress(text)).toBeUndefined()
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseAddress(text)).not.toThrow()
      }),
    )
  })
})
