// Who gets a writer (kv spec 5.2), on virtual time: dials to dead peers take 2 s, to others 1 ms.
import { beforeEach, describe, expect, it } from 'vitest'
import { WriterPool, type WriterPoolLimits } from '../src/node/writer-pool.ts'
import { VirtualClock } from './virtual-clock.ts'

const limits: WriterPoolLimits = {
  maxConcurrentWrites: 3,
  acquireWriterTimeoutMs: 250,
  maxWaitingPackets: 10,
  maxWaitingBytes: 1000,
  slowPeerMs: 30_000,
}

let clock: VirtualClock
let log: string[]
let dead: Set<string>

beforeEach(() => {
  clock = new VirtualClock()
  log = []
  dead = new Set(['dead-1', 'dead-2', 'dead-3', 'dead-4'])
})

function pool(changes: Partial<WriterPoolLimits> = {}): WriterPool {
  return new WriterPool(
    { ...limits, ...changes },
    {
      now: clock.now,
      schedule: clock.schedule,
      dropped: (reason, peer) => log.push(`${clock.nowMs} ${reason} ${peer}`),
      write({ to }, connected, done) {
        log.push(`${clock.nowMs} dial ${to}`)
        if (dead.has(to)) {
          clock.schedule(2000, () => done(false))
        } else {
          clock.schedule(1, connected)
          clock.schedule(5, () => {
            log.push(`${clock.nowMs} done ${to}`)
            done(true)
          })
        }
      },
    },
  )
}

const one = new Uint8Array(1)

describe('the writers', () => {
  it('drop a fourth packet after 250 ms while three are stuck dialling (kv check 44)', async () => {
    const writers = pool()
    for (const to of ['dead-1', 'dead-2', 'dead-3', 'alive']) writers.send(to, one)
    await clock.advance(249)
    expect(log).toEqual(['0 dial dead-1', '0 dial dead-2', '0 dial dead-3'])
    await clock.advance(1)
    expect(log.at(-1)).toBe('250 no-writer alive')
  })

  it('dial one peer once at a time, and leave the others their writers', async () => {
    const writers = pool()
    for (const to of ['dead-1', 'dead-1', 'dead-1', 'alive']) writers.send(to, one)
    await clock.advance(300)
    expect(log).toEqual([
      '0 dial dead-1',
      '0 dial alive',
      '5 done alive',
      '250 no-writer dead-1',
      '250 no-writer dead-1',
    ])
  })

  it('write to one peer in parallel once it has answered', async () => {
    const writers = pool()
    for (let i = 0; i < 3; i++) writers.send('alive', one)
    await clock.advance(100)
    expect(log).toEqual([
      '0 dial alive',
      '1 dial alive',
      '2 dial alive',
      '5 done alive',
      '6 done alive',
      '7 done alive',
    ])
  })

  it('let peers whose last dial failed have one writer of three, and others pass by', async () => {
    const writers = pool()
    for (const to of ['dead-1', 'dead-2', 'dead-3']) writers.send(to, one)
    await clock.advance(2000)
    log.length = 0
    for (const to of ['dead-1', 'dead-2', 'dead-3', 'alive']) writers.send(to, one)
    await clock.advance(250)
    expect(log).toEqual([
      '2000 dial dead-1',
      '2000 dial alive',
      '2005 done alive',
      '2250 no-writer dead-2',
      '2250 no-writer dead-3',
    ])
  })

  it('trust a peer again once it has answered, or after a while', async () => {
    const writers = pool({ maxConcurrentWrites: 4 })
    for (const to of ['dead-1', 'dead-2', 'dead-3']) writers.send(to, one)
    await clock.advance(2000)
    dead.delete('dead-1')
    writers.send('dead-1', one)
    await clock.advance(10)
    log.length = 0
    // dead-2 and dead-3 take the two places for slow peers; dead-1 needs none of them.
    for (const to of ['dead-2', 'dead-3', 'dead-1']) writers.send(to, one)
    expect(log).toEqual(['2010 dial dead-2', '2010 dial dead-3', '2010 dial dead-1'])
    await clock.advance(40_000)
    log.length = 0
    for (const to of ['dead-2', 'dead-3', 'dead-4', 'alive']) writers.send(to, one)
    expect(log.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'dial dead-2',
      'dial dead-3',
      'dial dead-4',
      'dial alive',
    ])
  })

  it('start waiting packets in order as writers come free', async () => {
    const writers = pool({ maxConcurrentWrites: 1 })
    for (const to of ['a', 'b', 'c']) writers.send(to, one)
    await clock.advance(100)
    expect(log.filter((line) => line.includes('dial'))).toEqual(['0 dial a', '5 dial b', '10 dial c'])
  })

  it('are at least one', async () => {
    const writers = pool({ maxConcurrentWrites: 0 })
    writers.send('a', one)
    expect(log).toEqual(['0 dial a'])
  })

  it('keep a bounded number of packets and bytes waiting', () => {
    const writers = pool({ maxConcurrentWrites: 1 })
    writers.send('dead-1', one)
    for (let i = 0; i < 12; i++) writers.send(`w${i}`, one)
    expect(log.slice(1)).toEqual(['0 queue-full w10', '0 queue-full w11'])
    const heavy = pool({ maxConcurrentWrites: 1 })
    log.length = 0
    heavy.send('dead-1', one)
    heavy.send('w0', new Uint8Array(999))
    heavy.send('w1', new Uint8Array(2))
    expect(log.slice(1)).toEqual(['0 queue-full w1'])
  })

  it('are idle when all is written or given up, and arm no timer then', async () => {
    const writers = pool({ maxConcurrentWrites: 1 })
    let idle = false
    writers.send('a', one)
    writers.send('b', one)
    void writers.idle().then(() => {
      idle = true
    })
    await clock.advance(9)
    expect(idle).toBe(false)
    await clock.advance(1)
    expect(idle).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('look again when a timer fires early', async () => {
    const early = new VirtualClock()
    const dropped: number[] = []
    const writers = new WriterPool(
      { ...limits, maxConcurrentWrites: 1 },
      {
        now: early.now,
        schedule: (delayMs, run) => early.schedule(Math.max(0.5, delayMs - 2), run),
        dropped: () => dropped.push(early.nowMs),
        write: () => {},
      },
    )
    writers.send('a', one)
    writers.send('b', one)
    await early.advance(1000)
    expect(dropped).toHaveLength(1)
    expect(dropped[0]).toBeGreaterThanOrEqual(250)
  })

  it('drop what waits when closed', () => {
    const writers = pool({ maxConcurrentWrites: 1 })
    writers.send('dead-1', one)
    writers.send('a', one)
    writers.close()
    expect(log).toEqual(['0 dial dead-1', '0 closed a'])
    expect(clock.pending).toBe(1)
  })
})
