// Which address is advertised (membership spec 6.6, DIV-42), on made-up hosts.
import { describe, expect, it } from 'vitest'
import { chooseAdvertiseIp, type InterfaceTable } from '../src/index.ts'

const up = (cidr: string) => ({
  address: cidr.split('/')[0]!,
  internal: cidr.startsWith('127.') || cidr === '::1/128',
  cidr,
})
const host = (table: Record<string, string[]>): InterfaceTable =>
  Object.fromEntries(Object.entries(table).map(([name, cidrs]) => [name, cidrs.map(up)]))

const lo = ['127.0.0.1/8', '::1/128']
const everywhere = { bindAddress: '0.0.0.0' }

describe('the advertised address', () => {
  it('is the configured one, in canonical form', () => {
    const interfaces = host({ eth0: ['10.0.0.5/24'] })
    expect(chooseAdvertiseIp({ ...everywhere, advertiseAddress: '192.0.2.1', interfaces })).toBe('192.0.2.1')
    expect(chooseAdvertiseIp({ ...everywhere, advertiseAddress: '2001:DB8:0::1', interfaces })).toBe('2001:db8::1')
    expect(chooseAdvertiseIp({ ...everywhere, advertiseAddress: '::ffff:10.1.1.1', interfaces })).toBe('10.1.1.1')
  })

  it('is never a name or a wildcard', () => {
    for (const advertiseAddress of ['localhost', '10.0.0.1:7946', '0.0.0.0', '::', '10.0.0'])
      expect(() => chooseAdvertiseIp({ ...everywhere, advertiseAddress, interfaces: {} })).toThrow(
        expect.objectContaining({ code: 'INVALID_ADDRESS', message: expect.stringContaining(advertiseAddress) }),
      )
  })

  it('is the bound one when that is one', () => {
    expect(chooseAdvertiseIp({ bindAddress: '127.0.0.1', interfaces: host({ eth0: ['10.0.0.5/24'] }) })).toBe(
      '127.0.0.1',
    )
  })

  it('is the first of several bound ones, or what is reached through all of them when that one is every interface', () => {
    const interfaces = host({ eth0: ['10.0.0.5/24', 'fd00::5/64'], eth1: ['10.0.1.5/24'] })
    const choose = (...bindAddress: string[]) => chooseAdvertiseIp({ bindAddress, interfaces })
    expect(choose('10.0.1.5', '10.0.0.5')).toBe('10.0.1.5')
    expect(choose('fd00::5', '0.0.0.0')).toBe('fd00::5')
    expect(choose('0.0.0.0', '::')).toBe('10.0.0.5')
    expect(choose('::')).toBe('10.0.0.5')
    // `::` leaves IPv4 to what is listed beside it.
    expect(choose('::', '10.0.1.5')).toBe('10.0.1.5')
    expect(choose('::', '192.168.1.1')).toBe('fd00::5')
    expect(choose('0.0.0.0', 'fd00::7')).toBe('10.0.0.5')
  })

  it('is a private address of an interface rather than a public one', () => {
    const interfaces = host({ lo, eth0: ['8.8.4.4/24'], eth1: ['10.0.0.5/24'] })
    expect(chooseAdvertiseIp({ ...everywhere, interfaces })).toBe('10.0.0.5')
    expect(chooseAdvertiseIp({ ...everywhere, interfaces, defaultRouteIp: '8.8.4.4' })).toBe('10.0.0.5')
  })

  it('is on the interface of the default route, where there are several private ones', () => {
    const interfaces = host({ docker0: ['172.17.0.1/16'], eth0: ['10.0.0.5/24'] })
    expect(chooseAdvertiseIp({ ...everywhere, interfaces, defaultRouteIp: '10.0.0.5' })).toBe('10.0.0.5')
    // Nothing known about routes: the larger network first.
    expect(chooseAdvertiseIp({ ...everywhere, interfaces })).toBe('172.17.0.1')
  })

  it('takes shared and unique local addresses for private ones', () => {
    expect(chooseAdvertiseIp({ ...everywhere, interfaces: host({ eth0: ['100.64.0.9/10'] }) })).toBe('100.64.0.9')
    expect(chooseAdvertiseIp({ bindAddress: '::', interfaces: host({ eth0: ['fd00::9/64'] }) })).toBe('fd00::9')
  })

  it('is IPv4 before IPv6 when both are bound, and only IPv4 when only IPv4 is', () => {
    const interfaces = host({ eth0: ['fd00::9/64', '10.0.0.5/24'] })
    expect(chooseAdvertiseIp({ bindAddress: '::', interfaces })).toBe('10.0.0.5')
    expect(() => chooseAdvertiseIp({ ...everywhere, interfaces: host({ eth0: ['fd00::9/64'] }) })).toThrow(
      expect.objectContaining({ code: 'NO_ADVERTISABLE_ADDRESS' }),
    )
  })

  it('is a global one where there is no private one', () => {
    expect(chooseAdvertiseIp({ ...everywhere, interfaces: host({ lo, eth0: ['8.8.4.4/24'] }) })).toBe('8.8.4.4')
    expect(chooseAdvertiseIp({ bindAddress: '::', interfaces: host({ lo, eth0: ['2600::1/64'] }) })).toBe('2600::1')
  })

  it('is the source address of the default route where interfaces have only reserved addresses', () => {
    const interfaces = host({ lo, eth0: ['192.0.2.2/24'] })
    expect(chooseAdvertiseIp({ ...everywhere, interfaces, defaultRouteIp: '192.0.2.2' })).toBe('192.0.2.2')
    expect(() => chooseAdvertiseIp({ ...everywhere, interfaces })).toThrow()
  })

  it('is never loopback, link-local or a documentation address of its own accord', () => {
    const interfaces = host({ lo, eth0: ['169.254.3.4/16', 'fe80::1/64', '198.51.100.7/24', '2001:db8::7/32'] })
    for (const bindAddress of ['0.0.0.0', '::'])
      for (const defaultRouteIp of [undefined, '127.0.0.1', '169.254.3.4'])
        expect(() => chooseAdvertiseIp({ bindAddress, interfaces, defaultRouteIp })).toThrow(
          expect.objectContaining({
            code: 'NO_ADVERTISABLE_ADDRESS',
            message: expect.stringContaining('advertiseAddress'),
          }),
        )
  })
})
