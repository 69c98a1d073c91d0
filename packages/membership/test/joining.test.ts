// Goal: a join over many addresses asks each once, few at a time, and looks names up again on the way (kv spec 4.6, check 39).
// Method: hosts that only count.
import { describe, expect, it } from 'vitest'
import { MemberlistError } from '../src/errors.ts'
import { joinSeeds } from '../src/joining.ts'
import { JOIN_CONCURRENCY, MAX_JOIN_BATCH } from '../src/limits.ts'

const pods = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `10.0.0.${from + index}`)

function counting(addresses: (lookup: number) => readonly string[], reaches = (_address: string) => true) {
  const log: string[] = []
  let lookups = 0
  let now = 0
  let most = 0
  const host = {
    resolver: {
      addresses: async () => {
        log.push('lookup')
        return addresses(++lookups)
      },
      services: async () => [],
    },
    resolved: () => {},
    contact: async (address: string) => {
      log.push(address)
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
      return reaches(address)
        ? ({ address, ok: true, confirmed: true } as const)
        : ({ address, ok: false, reason: 'refused' } as const)
    },
  }
  return { host, log, most: () => most }
}

const seed = 'dns+members.internal:7946'
const lookupPlaces = (log: readonly string[]) => log.flatMap((what, place) => (what === 'lookup' ? [place] : []))

describe('a join over many addresses', () => {
  it('39: tries 250 in batches of at most 100, with a new resolution before each', async () => {
    const { host, log, most } = counting(() => pods(250))
    const result = await joinSeeds([seed], host, undefined)
    expect(lookupPlaces(log)).toEqual([0, 1 + MAX_JOIN_BATCH, 2 + 2 * MAX_JOIN_BATCH])
    expect(new Set(log).size).toBe(251)
    expect(log.length).toBe(253)
    expect(result.reachedCount).toBe(250)
    expect(most()).toBe(JOIN_CONCURRENCY)
  })

  it('39: one that fits one batch is looked up once', async () => {
    const { host, log } = counting(() => pods(100))
    await joinSeeds([seed], host, undefined)
    expect(lookupPlaces(log)).toEqual([0])
  })

  it('39: what a later resolution finds is tried; what was found before is kept when it fails', async () => {
    const { host, log } = counting((lookup) => {
      if (lookup === 2) throw new Error('SERVFAIL')
      return lookup === 1 ? pods(240) : pods(5, 250)
    })
    const result = await joinSeeds([seed], host, undefined)
    expect(result.reachedCount).toBe(245)
    expect(log).toContain('10.0.0.254:7946')
  })

  it('keeps no seed waiting for the lookup of another', async () => {
    const { host } = counting(() => pods(1))
    let answer = (_addresses: string[]) => {}
    const slow = new Promise<string[]>((resolve) => {
      answer = resolve
    })
    const { addresses } = host.resolver
    host.resolver.addresses = ((name: string) => (name === 'slow' ? slow : addresses())) as typeof addresses
    const contacted: string[] = []
    const { contact } = host
    host.contact = (address) => {
      contacted.push(address)
      answer(['10.1.0.0'])
      return contact(address)
    }
    await joinSeeds(['slow', 'quick'], host, undefined)
    expect(contacted).toEqual(['10.0.0.0:7946', '10.1.0.0:7946'])
  })

  it('called off, says what was reached until then, and asks nobody further', async () => {
    const { host } = counting(() => pods(250))
    const off = new AbortController()
    let asked = 0
    const { contact } = host
    host.contact = async (address) => {
      if (++asked === 30) off.abort()
      if (off.signal.aborted) throw new MemberlistError('ABORTED', 'called off')
      return contact(address)
    }
    const result = await joinSeeds([seed], host, off.signal)
    expect(asked).toBe(30)
    expect(result).toMatchObject({ joinedCount: 1, seeds: [{ ok: true }] })
    expect(result.reachedCount).toBeGreaterThan(0)
    expect(result.reachedCount).toBeLessThan(30)
  })

  it('counts an address once that two seeds stand for', async () => {
    const { host } = counting(
      () => pods(3),
      (address) => address !== '10.0.0.2:7946',
    )
    const result = await joinSeeds([seed, '10.0.0.0', '10.0.0.2'], host, undefined)
    expect(result).toMatchObject({ joinedCount: 2, reachedCount: 2 })
    expect(result.seeds[2]).toMatchObject({ ok: false, reason: expect.stringContaining('refused') })
  })
})
