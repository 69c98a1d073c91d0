// Goal: what a person may write as a seed, and what it stands for. Method: the vectors of membership spec 5.6 and the
// forms of kv spec 4.4, against a resolver that is a table.

import { describe, expect, it } from 'vitest'
import { parseSeed, type Resolver, resolveSeed } from '../src/seeds.ts'

const P = 7946

/** Nothing here may be asked. */
const noResolver: Resolver = {
  addresses: (host) => Promise.reject(new Error(`${host} was looked up`)),
  services: (name) => Promise.reject(new Error(`${name} was looked up`)),
}

function resolver(
  hosts: Record<string, string[]>,
  services: Record<string, { host: string; port: number }[]> = {},
): Resolver {
  const find = <T>(table: Record<string, T>, name: string): Promise<T> =>
    name in table
      ? Promise.resolve(table[name]!)
      : Promise.reject(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }))
  return { addresses: (host) => find(hosts, host), services: (name) => find(services, name) }
}

describe('a seed is taken apart', () => {
  it.each([
    ['localhost', 'localhost', P],
    ['[::1]:80', '::1', 80],
    ['[::1]', '::1', P],
    ['127.0.0.1', '127.0.0.1', P],
    ['n1/127.0.0.1:80', '127.0.0.1', 80],
    ['2600:1f14:e22:1501:f9a:2e0c:a167:67e8', '2600:1f14:e22:1501:f9a:2e0c:a167:67e8', P],
    ['members.internal:1', 'members.internal', 1],
    ['members.internal:65535', 'members.internal', 65_535],
  ])('%s is %s, port %i', (text, host, port) => {
    expect(parseSeed(text, P)).toMatchObject({ kind: 'plain', host, port })
  })

  it.each([
    ['dns+members.internal:80', 'dns', 'members.internal', 80],
    ['dnssrv+_gossip._tcp.internal', 'dnssrv', '_gossip._tcp.internal', undefined],
    ['dnssrv+_gossip._tcp.internal:80', 'dnssrv', '_gossip._tcp.internal', 80],
    ['dnssrvnoa+_gossip._tcp.internal', 'dnssrvnoa', '_gossip._tcp.internal', undefined],
  ])('%s is a lookup of its own', (text, kind, host, port) => {
    expect(parseSeed(text, P)).toMatchObject({ kind, host, port })
  })

  it.each(['localhost:80000', '/127.0.0.1:80', ':80', 'localhost:', 'localhost:http', 'localhost:-1', ''])(
    'refuses %j, and says which seed it was',
    (text) => {
      const seed = parseSeed(text, P)
      expect(seed).toHaveProperty('reason')
      expect((seed as { reason: string }).reason.startsWith(text)).toBe(true)
    },
  )

  it('refuses a dns+ seed without a port, and shows the form', () => {
    expect(parseSeed('dns+members.internal', P)).toMatchObject({ reason: expect.stringContaining(':7946') })
  })

  it('names the lookups there are when it meets another', () => {
    expect(parseSeed('consul+members:80', P)).toMatchObject({
      reason: expect.stringMatching(/dns\+.*dnssrv\+.*dnssrvnoa\+/),
    })
  })
})

describe('a seed is looked up', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1:7946'],
    ['10.0.0.1:80', '10.0.0.1:80'],
    ['n1/10.0.0.1:80', '10.0.0.1:80'],
    ['[2001:DB8:0:0:0:0:0:1]:80', '[2001:db8::1]:80'],
    ['2001:db8::1', '[2001:db8::1]:7946'],
    // One name, one address: 16-byte forms of IPv4 are IPv4 (DIV-2).
    ['[::ffff:10.0.0.1]:80', '10.0.0.1:80'],
  ])('%s needs no resolver and is %s in canonical form', async (text, address) => {
    expect(await resolveSeed(text, P, noResolver)).toEqual({ text, addresses: [address], reason: undefined })
  })

  it('takes every address of a host, of both families, each once', async () => {
    const dns = resolver({ 'members.internal': ['10.0.0.1', '2001:db8::1', '10.0.0.1'] })
    for (const text of ['members.internal:80', 'dns+members.internal:80'])
      expect((await resolveSeed(text, P, dns)).addresses).toEqual(['10.0.0.1:80', '[2001:db8::1]:80'])
  })

  it('takes ports from the SRV record, unless the seed has one', async () => {
    const dns = resolver(
      { 'a.internal': ['10.0.0.1'], 'b.internal': ['10.0.0.2'] },
      {
        '_gossip._tcp.internal': [
          { host: 'a.internal', port: 1001 },
          { host: 'b.internal', port: 1002 },
        ],
      },
    )
    for (const kind of ['dnssrv', 'dnssrvnoa']) {
      const { addresses } = await resolveSeed(`${kind}+_gossip._tcp.internal`, P, dns)
      expect(addresses).toEqual(['10.0.0.1:1001', '10.0.0.2:1002'])
      const fixed = await resolveSeed(`${kind}+_gossip._tcp.internal:80`, P, dns)
      expect(fixed.addresses).toEqual(['10.0.0.1:80', '10.0.0.2:80'])
    }
  })

  it('makes a sentence of a name that does not exist: the seed, the cause, what to do', async () => {
    const { addresses, reason } = await resolveSeed('nobody.internal:80', P, resolver({}))
    expect(addresses).toEqual([])
    expect(reason).toMatch(/^nobody\.internal:80: .*ENOTFOUND.*check the name/)
  })

  it('makes a sentence of a name without addresses', async () => {
    const { addresses, reason } = await resolveSeed('dns+empty.internal:80', P, resolver({ 'empty.internal': [] }))
    expect(addresses).toEqual([])
    expect(reason).toMatch(/^dns\+empty\.internal:80: .*no address/)
  })

  it('never rejects, whatever a resolver does', async () => {
    const broken: Resolver = {
      addresses: () => Promise.reject('a text'),
      services: () => {
        throw new Error('out of order')
      },
    }
    for (const text of ['host:80', 'dnssrv+host', 'dns+', 'x+y', '/'])
      expect((await resolveSeed(text, P, broken)).reason).toEqual(expect.stringContaining(text))
  })

  it('passes over what a resolver calls an address and is none', async () => {
    const dns = resolver({ 'odd.internal': ['999.1.1.1', 'fe80::1%eth0', '10.0.0.1'] })
    expect((await resolveSeed('odd.internal', P, dns)).addresses).toEqual(['10.0.0.1:7946'])
  })
})
