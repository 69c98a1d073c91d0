// The memory network beyond the contract: delay, chance and cuts, on virtual time.
import { describe, expect, it } from 'vitest'
import { type MemoryNetworkOptions, memoryNetwork, seededRandom } from '../src/index.ts'
import { Recorder, receive, text } from './recorder.ts'
import { VirtualClock } from './virtual-clock.ts'

async function world(options: MemoryNetworkOptions = {}) {
  const clock = new VirtualClock()
  const network = memoryNetwork({ delayMs: 10, schedule: clock.schedule, ...options })
  const [a, b] = [network.transport('a:1'), network.transport({ address: 'b:1' })]
  const [atA, atB] = [new Recorder(), new Recorder()]
  await a.listen(atA)
  await b.listen(atB)
  return { clock, network, a, b, atA, atB }
}

const one = Uint8Array.of(1)

describe('a memory network', () => {
  it('gives out addresses, and none twice', async () => {
    const network = memoryNetwork()
    await network.transport('10.0.0.2:7946').listen(new Recorder())
    const first = await network.transport().listen(new Recorder())
    const second = await network.transport({}).listen(new Recorder())
    expect([first.advertised, second.advertised]).toEqual(['10.0.0.1:7946', '10.0.0.3:7946'])
    await expect(network.transport('10.0.0.1:7946').listen(new Recorder())).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringMatching(/10\.0\.0\.1:7946/),
    })
  })

  it('frees an address when its transport closes, for the node that comes back', async () => {
    const { network, b, clock } = await world()
    const closing = b.close()
    await clock.advance(0)
    await closing
    await expect(network.transport('b:1').listen(new Recorder())).resolves.toMatchObject({ bound: 'b:1' })
  })

  it('takes its delay', async () => {
    const { clock, a, atB } = await world({ delayMs: (from, to) => (from === 'a:1' && to === 'b:1' ? 30 : 1) })
    a.send('b:1', one, 'probe')
    await clock.advance(29)
    expect(atB.packets).toHaveLength(0)
    await clock.advance(1)
    expect(atB.packets).toMatchObject([{ from: 'a:1' }])
  })

  it('loses about as many packets as told, the same ones in every run', async () => {
    const run = async (seed: number) => {
      const { clock, network, a, atB } = await world({ loss: 0.3, random: seededRandom(seed) })
      for (let i = 0; i < 1000; i++) a.send('b:1', Uint8Array.of(i & 255, i >> 8), 'gossip')
      await clock.advance(10)
      expect(network.stats()).toMatchObject({
        sent: 1000,
        delivered: atB.packets.length,
        lost: 1000 - atB.packets.length,
      })
      return atB.packets.map(({ bytes }) => bytes[0]! + bytes[1]! * 256)
    }
    const first = await run(7)
    expect(first.length).toBeGreaterThan(600)
    expect(first.length).toBeLessThan(800)
    expect(await run(7)).toEqual(first)
    expect(await run(8)).not.toEqual(first)
  })

  it('duplicates when told to, with bytes of their own', async () => {
    const { clock, network, a, atB } = await world({ duplicate: 1 })
    a.send('b:1', one, 'gossip')
    await clock.advance(10)
    expect(atB.packets).toHaveLength(2)
    atB.packets[0]!.bytes[0] = 9
    expect(atB.packets[1]!.bytes[0]).toBe(1)
    expect(network.stats()).toMatchObject({ sent: 1, delivered: 2, duplicated: 1 })
  })

  it('cuts one way and heals', async () => {
    const { clock, network, a, b, atA, atB } = await world()
    network.cut('a:1', 'b:1')
    a.send('b:1', one, 'gossip')
    b.send('a:1', one, 'gossip')
    await clock.advance(10)
    expect([atA.packets.length, atB.packets.length]).toEqual([1, 0])
    expect(network.stats()).toMatchObject({ cut: 1, delivered: 1 })
    network.heal('a:1', 'b:1')
    a.send('b:1', one, 'gossip')
    await clock.advance(10)
    expect(atB.packets).toHaveLength(1)
  })

  it('cuts both ways at once, and heals both', async () => {
    const { clock, network, a, b, atA, atB } = await world()
    const exchange = async () => {
      a.send('b:1', one, 'gossip')
      b.send('a:1', one, 'gossip')
      await clock.advance(10)
      return [atA.packets.length, atB.packets.length]
    }
    network.cut('a:1', 'b:1', 'both')
    expect(await exchange()).toEqual([0, 0])
    network.heal('a:1', 'b:1')
    expect(await exchange()).toEqual([0, 1])
    network.cut('a:1', 'b:1')
    network.heal('a:1', 'b:1', 'both')
    expect(await exchange()).toEqual([1, 2])
  })

  it('lets later packets overtake when told to, the same ones in every run, and loses none', async () => {
    const run = async (seed: number) => {
      const { clock, network, a, atB } = await world({ reorder: 0.2, reorderByMs: 5, random: seededRandom(seed) })
      for (let i = 0; i < 100; i++) {
        a.send('b:1', Uint8Array.of(i), 'gossip')
        await clock.advance(1)
      }
      await clock.advance(20)
      const order = atB.packets.map(({ bytes }) => bytes[0]!)
      expect(new Set(order).size).toBe(100)
      const late = order.filter((number, index) => order.slice(0, index).some((earlier) => earlier > number))
      expect(late.length).toBeGreaterThan(5)
      expect(network.stats().reordered).toBeGreaterThanOrEqual(late.length)
      return order
    }
    const first = await run(7)
    expect(await run(7)).toEqual(first)
    expect(await run(8)).not.toEqual(first)
  })

  it('gives one wire, in one direction, options of its own', async () => {
    const { clock, network, a, b, atA, atB } = await world()
    network.wire('a:1', 'b:1', { delayMs: 50, duplicate: 1 })
    a.send('b:1', one, 'gossip')
    b.send('a:1', one, 'gossip')
    await clock.advance(10)
    expect([atA.packets.length, atB.packets.length]).toEqual([1, 0])
    await clock.advance(40)
    expect([atA.packets.length, atB.packets.length]).toEqual([1, 2])
    // What is left out is as everywhere, and the former options are gone.
    network.wire('a:1', 'b:1', { loss: 1 })
    a.send('b:1', one, 'gossip')
    await clock.advance(100)
    expect(network.stats()).toMatchObject({ lost: 1, duplicated: 1 })
    network.wire('a:1', 'b:1', {})
    a.send('b:1', one, 'gossip')
    await clock.advance(10)
    expect(atB.packets).toHaveLength(3)
  })

  it('lets a dial across a cut time out, whichever way is cut', async () => {
    for (const [from, to] of [
      ['a:1', 'b:1'],
      ['b:1', 'a:1'],
    ] as const) {
      const { clock, network, a } = await world()
      network.cut(from, to)
      const outcome = a.dial('b:1', { timeoutMs: 500 }).catch((error: unknown) => error)
      await clock.advance(500)
      expect(await outcome).toMatchObject({ code: 'DIAL_TIMEOUT', address: 'b:1' })
    }
  })

  it('stalls a stream while it is cut, and goes on in order once healed', async () => {
    const { clock, network, a, atB } = await world()
    const dialling = a.dial('b:1', { timeoutMs: 500 })
    await clock.advance(20)
    const near = receive(await dialling)
    near.stream.write(Buffer.from('a'))
    await clock.advance(10)
    network.cut('a:1', 'b:1')
    for (const letter of 'bcd') near.stream.write(Buffer.from(letter))
    near.stream.end()
    await clock.advance(1000)
    expect(atB.streams[0]!.events).toEqual(['data a'])
    network.heal()
    await clock.advance(1)
    expect(text(atB.streams[0]!)).toBe('abcd')
    expect(atB.streams[0]!.events.at(-1)).toBe('end')
  })

  it('keeps the order of a stream however delays vary', async () => {
    const random = seededRandom(3)
    const { clock, a, atB } = await world({ delayMs: () => random() * 50 })
    const dialling = a.dial('b:1', { timeoutMs: 500 })
    await clock.advance(200)
    const near = receive(await dialling)
    for (const letter of 'abcdefghijklmnop') near.stream.write(Buffer.from(letter))
    near.stream.end()
    await clock.advance(200)
    expect(text(atB.streams[0]!)).toBe('abcdefghijklmnop')
    expect(atB.streams[0]!.events.at(-1)).toBe('end')
  })

  it('refuses a dial to nobody after a round trip', async () => {
    const { clock, a } = await world()
    const outcome = a.dial('c:1', { timeoutMs: 500 }).catch((error: unknown) => error)
    await clock.advance(20)
    expect(await outcome).toMatchObject({ code: 'DIAL_REFUSED' })
    expect(clock.pending).toBe(0)
  })

  it('counts what nobody claims', async () => {
    const { clock, network, a } = await world()
    a.send('c:1', one, 'gossip')
    await clock.advance(10)
    expect(network.stats()).toMatchObject({ unclaimed: 1, delivered: 0 })
  })

  it('bounds what is under way to one peer', async () => {
    const { clock, a, atA, atB } = await world()
    for (let i = 0; i < 5000; i++) a.send('b:1', one, 'gossip')
    await clock.advance(10)
    expect(atB.packets).toHaveLength(4096)
    expect(a.stats().drops).toEqual({ 'queue-full': 904 })
    expect(atA.drops).toHaveLength(904)
    a.send('b:1', one, 'gossip')
    await clock.advance(10)
    expect(atB.packets).toHaveLength(4097)
  })

  it('bounds the dials that are under way to one peer', async () => {
    const { clock, a } = await world()
    const dials = Array.from({ length: 257 }, () =>
      a.dial('b:1', { timeoutMs: 500 }).then(
        () => 'open',
        (error: { code: string }) => error.code,
      ),
    )
    const other = a.dial('c:1', { timeoutMs: 500 }).catch((error: { code: string }) => error.code)
    await clock.advance(20)
    expect((await Promise.all(dials)).filter((outcome) => outcome !== 'open')).toEqual(['DIAL_FAILED'])
    expect(await other).toBe('DIAL_REFUSED')
    const again = a.dial('b:1', { timeoutMs: 500 })
    await clock.advance(20)
    await again
  })

  it('bounds what one stream holds that nobody takes', async () => {
    const { clock, network, a } = await world()
    const dialling = a.dial('b:1', { timeoutMs: 500 })
    await clock.advance(20)
    const near = receive(await dialling)
    const half = new Uint8Array(64 * 1024 * 1024)
    near.stream.write(half)
    await clock.advance(10)
    network.cut('a:1', 'b:1')
    near.stream.write(half)
    near.stream.write(half)
    await clock.advance(10)
    expect(near.events).toEqual([])
    near.stream.write(one)
    await clock.advance(10)
    expect(near.events).toEqual(['close with error'])
    expect(a.stats().drops).toEqual({ 'queue-full': 1 })
  })

  it('does not close a stream twice that closes while its receiver begins', async () => {
    const { clock, a } = await world()
    const dialling = a.dial('b:1', { timeoutMs: 500 })
    await clock.advance(20)
    const near = receive(await dialling)
    near.stream.destroy()
    await clock.advance(100)
    expect(near.events).toEqual(['close with error'])
  })
})
