/** The service of production, three of them, in a world whose time costs nothing. */
import { World } from '@hearsay/simulator'
import { afterEach, describe, expect, it } from 'vitest'
import { TicketOffice } from '../src/ticket-office.js'

const opened = []

async function threeOffices(seed) {
  const world = new World({ seed })
  const network = world.network({ delayMs: 1, loss: 0.02 })
  const offices = ['anna', 'bert', 'cora'].map(
    (name) => new TicketOffice({ name, transport: network.transport(), system: world.system(name) }),
  )
  opened.push(...offices)
  const [anna, ...others] = offices
  await world.finish(anna.open())
  for (const office of others) await world.finish(office.open([anna.address]))
  await world.until(() => offices.every(({ leader }) => leader === 'anna'))
  return { world, network, offices }
}

afterEach(() => opened.splice(0).map((office) => office.crash()))

describe('when the leader crashes', () => {
  it('the next in line takes over within ten seconds, which pass in a moment', async () => {
    const startedAt = performance.now()
    const { world, offices } = await threeOffices(1)
    const [anna, bert, cora] = offices
    await world.advance(60_000)
    const crashedAtMs = world.now
    anna.crash()
    await world.until(() => bert.leader === 'bert' && cora.leader === 'bert')
    const virtualMs = world.now - crashedAtMs
    const realMs = performance.now() - startedAt
    console.log(`${Math.round(virtualMs)} virtual ms without a leader, tested in ${Math.round(realMs)} real ms`)
    expect(virtualMs).toBeGreaterThan(1000)
    expect(virtualMs).toBeLessThan(10_000)
    expect(realMs).toBeLessThan(world.now)
    expect(bert.history.map(({ leader }) => leader)).toEqual(['bert', 'anna', 'bert'])
  })

  it('no ticket is given twice, and everybody who asks gets one', async () => {
    const { world, offices } = await threeOffices(2)
    const [anna, bert, cora] = offices
    const first = await world.finish(Promise.all([anna, bert, cora, cora].map((office) => office.ticket())))
    anna.crash()
    // Asked while nobody leads: answered by the next one.
    const second = await world.finish(Promise.all([bert, cora, bert].map((office) => office.ticket())))
    const all = [...first, ...second]
    expect(new Set(all).size).toBe(all.length)
    expect([...all].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(cora.leader).toBe('bert')
  })

  it('a network that fails for a moment changes nothing', async () => {
    const { world, network, offices } = await threeOffices(3)
    const [anna, bert, cora] = offices
    network.cut(anna.address, bert.address, 'both')
    await world.advance(20_000)
    // Cora still reaches both, and each is asked through her before anybody is held dead.
    expect(offices.map(({ leader }) => leader)).toEqual(['anna', 'anna', 'anna'])
    network.heal()
    expect(await world.finish(cora.ticket())).toBe(1)
  })

  it('happens in the same way each time', async () => {
    const run = async (seed) => {
      const { world, offices } = await threeOffices(seed)
      offices[0].crash()
      await world.until(() => offices[2].leader === 'bert')
      return { now: world.now, history: offices[2].history }
    }
    expect(await run(4)).toEqual(await run(4))
    expect(await run(5)).not.toEqual(await run(4))
  })
})
