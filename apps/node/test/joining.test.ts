// Goal: how joining goes on after the first round (kv spec 4.4 to 4.6, checks 38 and 40). Method: nodes on a memory network.
import { memoryNetwork } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { backoff } from '../src/backoff.ts'
import type { NodeError } from '../src/index.ts'
import { failure, soon, start, statuses } from './nodes.ts'

const network = () => {
  const made = memoryNetwork()
  return { at: (host: number) => made.transport(`10.0.0.${host}:7946`), seed: (host: number) => `10.0.0.${host}:7946` }
}

describe('a first round', () => {
  const twenty = Array.from({ length: 20 }, (_, index) => 31 + index)

  it('38: over twenty seeds of which one is up joins that one', async () => {
    const { at, seed } = network()
    await start({ name: 'b', transport: at(40) })
    const a = await start({ name: 'a', transport: at(1), join: twenty.map(seed), requireJoin: true })
    expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' })
    expect(a.seeds().filter(({ outcome }) => outcome === 'failed')).toHaveLength(19)
  })

  it('38: that has to join two and joins one fails, and closes what listened', async () => {
    const { at, seed } = network()
    await start({ name: 'b', transport: at(40) })
    const options = { name: 'a', join: twenty.map(seed), requireJoin: true, joinMinNodes: 2 }
    const error = await failure({ ...options, transport: at(1) })
    expect(error).toMatchObject({ code: 'JOIN_FAILED', message: expect.stringContaining('fewer than 2 members') })
    expect(error.seeds.find(({ seed }) => seed === '10.0.0.40:7946')?.outcome).toBe('joined')
    await start({ name: 'c', transport: at(41) })
    await start({ ...options, name: 'a', transport: at(1) })
  })

  it('38: does not count our own address', async () => {
    const { at, seed } = network()
    expect(await failure({ name: 'a', transport: at(1), join: [seed(1)], requireJoin: true })).toMatchObject({
      code: 'JOIN_FAILED',
      message: expect.stringContaining('is this member itself'),
    })
  })
})

describe('further rounds', () => {
  it('give up after the retries, say so once, and go on as if alone', async () => {
    const { at, seed } = network()
    const errors: NodeError[] = []
    const a = await start({
      name: 'a',
      transport: at(1),
      join: [seed(2)],
      joinRetry: { minBackoffMs: 1, maxBackoffMs: 2, maxRetries: 3 },
      rejoinIntervalMs: 20,
      onJoinFailed: (error) => errors.push(error),
    })
    await soon(() => expect(errors).toHaveLength(1))
    expect(errors[0]).toMatchObject({ code: 'JOIN_FAILED', seeds: [{ seed: seed(2), outcome: 'failed' }] })
    await start({ name: 'b', transport: at(2) })
    await soon(() => expect(a.joined).toBe(true))
    expect(errors).toHaveLength(1)
  })

  it('never fail with 0 retries', async () => {
    const { at, seed } = network()
    const errors: NodeError[] = []
    const joinRetry = { minBackoffMs: 1, maxBackoffMs: 1, maxRetries: 0 }
    const onJoinFailed = (error: NodeError) => errors.push(error)
    const a = await start({ name: 'a', transport: at(1), join: [seed(2)], joinRetry, onJoinFailed })
    await new Promise((resolve) => setTimeout(resolve, 50))
    await start({ name: 'b', transport: at(2) })
    await soon(() => expect(a.joined).toBe(true))
    expect(errors).toEqual([])
  })

  it('40: regular ones exchange states with their seeds, also of who is not alone; one that fails ends nothing', async () => {
    const { at, seed } = network()
    await start({ name: 'b', transport: at(2) })
    const a = await start({
      name: 'a',
      transport: at(1),
      join: [seed(2)],
      rejoinSeeds: [seed(3)],
      rejoinEveryMs: 20,
    })
    expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' })
    await new Promise((resolve) => setTimeout(resolve, 60))
    await start({ name: 'c', transport: at(3) })
    await soon(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'alive', c: 'alive' }))
    expect(a.seeds()).toEqual([{ seed: seed(2), outcome: 'joined' }])
  })
})

describe('the options of joining', () => {
  it.each([
    [{ joinMinNodes: 0, rejoinSeeds: [''], rejoinEveryMs: -1 }, ['rejoinEveryMs', 'rejoinSeeds', 'joinMinNodes']],
    [{ joinRetry: { minBackoffMs: 0, maxRetries: 0.5, pause: 1 } }, ['minBackoffMs', 'maxRetries', 'pause']],
    [{ joinRetry: { minBackoffMs: 9, maxBackoffMs: 8 } }, ['minBackoffMs']],
    [{ joinRetry: 3, onJoinFailed: 'no' }, ['onJoinFailed', 'joinRetry']],
  ])('%j are refused by name', async (options, paths) => {
    const error = await failure({ transport: memoryNetwork(), ...options } as never)
    expect(error.problems.map(({ path }) => path.replace('joinRetry.', ''))).toEqual(paths)
  })
})

describe('pauses between tries', () => {
  const bounds = (minMs: number, maxMs: number, count: number) => {
    const [low, high] = [backoff(minMs, maxMs, () => 0), backoff(minMs, maxMs, () => 1)]
    return Array.from({ length: count }, () => [low(), high()])
  }

  it('are drawn from ranges that double until the upper bound is the most', () => {
    expect(bounds(1, 60, 7)).toEqual([
      [1, 2],
      [2, 4],
      [4, 8],
      [8, 16],
      [16, 32],
      [32, 60],
      [32, 60],
    ])
    expect(bounds(5, 5, 2)).toEqual([
      [5, 5],
      [5, 5],
    ])
  })
})
