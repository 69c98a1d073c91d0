// Goal: membership of a network is decided as Go's net.IPNet decides it.

import { describe, expect, it } from 'vitest'
import { CidrList, cidrProblem } from '../src/index.ts'

describe('a list of networks', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['192.168.1.128/25', '192.168.1.127', false],
    ['192.168.1.128/25', '192.168.1.200', true],
    ['192.168.1.4/32', '192.168.1.4', true],
    ['192.168.1.4/31', '192.168.1.5', true],
    ['192.168.1.4/32', '192.168.1.5', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '10.0.0.1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['::1/128', '::1', true],
  ])('%s and %s: %s', (network, address, contained) => {
    expect(new CidrList([network]).containsText(address)).toBe(contained)
  })

  it('contains what one of its networks contains, and everything when it is empty', () => {
    const both = new CidrList(['10.0.0.0/8', '2001:db8::/32'])
    expect(both.containsText('10.0.0.1') && both.containsText('2001:db8::9')).toBe(true)
    expect(both.containsText('192.0.2.1')).toBe(false)
    expect(both.containsText('nonsense')).toBe(false)
    expect(new CidrList([]).contains(Uint8Array.of(1, 2, 3, 4))).toBe(true)
    expect(new CidrList(['::/0']).contains(Uint8Array.of(1, 2, 3))).toBe(false)
  })

  it.each([
    ['10.0.0.1', 'for one address write 10.0.0.1/32'],
    ['::1', 'for one address write ::1/128'],
    ['10.0.0.0/33', 'from 0 to 32'],
    ['2001:db8::/129', 'from 0 to 128'],
    ['10.0.0.0/', 'from 0 to 32'],
    ['10.0.0.0/8/8', 'from 0 to 32'],
    ['10.0.0.0/-1', 'from 0 to 32'],
    ['10.0.0/8', 'write it like 10.0.0.0/8'],
    ['', 'write it like 10.0.0.0/8'],
  ])('refuses %s and says how to write it', (text, advice) => {
    expect(cidrProblem(text)).toContain(advice)
    expect(() => new CidrList([text])).toThrow(RangeError)
  })

  it('takes what is right', () => {
    expect(cidrProblem('10.0.0.0/8')).toBeUndefined()
  })
})
