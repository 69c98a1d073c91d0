// Goal: a member never starts below an incarnation it once had, whatever the clock and the store do (DIV-15). Method:
// members on virtual time with a store in memory that can be slow, broken, or full of nonsense.

import { describe, expect, it } from 'vitest'
import { clockIncarnation, type IncarnationStore, SAVE_INTERVAL_MS } from '../src/incarnation.ts'
import { MAX_INCARNATION } from '../src/limits.ts'
import type { Memberlist } from '../src/memberlist.ts'
import { World } from './virtual-world.ts'

const code = (error: unknown) => (error as { code: unknown }).code
const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const clock = clockIncarnation(Date.UTC(2026, 0, 1))

class MemoryStore implements IncarnationStore {
  saved: number | undefined
  readonly saves: number[] = []
  failing = false

  constructor(saved?: number) {
    this.saved = saved
  }

  async load(): Promise<number | undefined> {
    if (this.failing) throw new Error('disk on fire')
    return this.saved
  }

  async save(incarnation: number): Promise<void> {
    if (this.failing) throw new Error('disk on fire')
    this.saved = incarnation
    this.saves.push(incarnation)
  }
}

/** A started member of a world whose clock says something. */
async function started(store: IncarnationStore, wallMs?: number, world = new World()) {
  const system = world.system()
  const logged: string[] = []
  const log = (message: string): void => void logged.push(message)
  const logger = { debug: log, info: log, warn: log, error: log }
  const member = world.member('a', world.network(), {
    incarnationStore: store,
    logger,
    system: wallMs === undefined ? system : { ...system, wallNow: () => wallMs },
  })
  await world.finish(member.start())
  return { world, member, logged }
}

describe('the first incarnation', () => {
  it.each<[string, number | undefined, number | undefined, number]>([
    ['is the clock without a saved one', undefined, undefined, clock],
    ['is the clock when that is ahead of what was saved', clock - 100, undefined, clock],
    ['is one above what was saved when the clock went back', clock + 1000, undefined, clock + 1001],
    ['is one above what was saved when the clock stands still', clock, undefined, clock + 1],
    ['is one above what was saved when the clock is before 2020', 500, Date.UTC(1999, 0, 1), 501],
    ['is 1 when the clock is before 2020 and nothing was saved', undefined, Date.UTC(1970, 0, 1), 1],
    ['is 1 when the clock says nothing', undefined, Number.NaN, 1],
    ['ends at the highest there is', MAX_INCARNATION, undefined, MAX_INCARNATION],
  ])('%s', async (_name, saved, wallMs, first) => {
    const store = new MemoryStore(saved)
    const { member } = await started(store, wallMs)
    expect(member.self.incarnation).toBe(first)
    // Before anybody can hear of it.
    expect(store.saves).toEqual([first])
  })

  it('is never again one it had, run after run, with a clock that stands still', async () => {
    const store = new MemoryStore()
    const seen: number[] = []
    for (let run = 0; run < 5; run++) {
      const { world, member } = await started(store)
      seen.push(member.self.incarnation)
      await world.finish(member.updateMeta(text(`${run}`)))
      await world.finish(member.updateMeta(text(`${run} again`)))
      seen.push(member.self.incarnation)
      await world.finish(member.close())
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
  })

  it.each([-1, 1.5, Number.NaN, MAX_INCARNATION + 1, 'many' as never])(
    'does not come from a saved %s, and says so',
    async (saved) => {
      const { member, logged } = await started(new MemoryStore(saved))
      expect(member.self.incarnation).toBe(clock)
      expect(logged).toContainEqual(expect.stringContaining('saved incarnation'))
    },
  )

  it('that is used up is told of: the name has no future', async () => {
    const { logged } = await started(new MemoryStore(MAX_INCARNATION))
    expect(logged).toContainEqual(expect.stringContaining('choose another name'))
  })

  it('from a store that cannot be used is an error with a code, and a cause, before anything listens', async () => {
    const store = new MemoryStore()
    store.failing = true
    const world = new World()
    const member = world.member('a', world.network(), { incarnationStore: store })
    const error = await world.finish(member.start().catch((thrown: Error) => thrown))
    expect(error).toMatchObject({ code: 'INCARNATION_STORE', cause: { message: 'disk on fire' } })
    expect(() => member.address).toThrow()
    await world.finish(member.close())
    expect(world.pendingCount).toBe(0)
  })

  it('that is being read when the member closes starts nothing', async () => {
    const world = new World()
    let answer: (saved: number) => void = () => {}
    const store: IncarnationStore = {
      load: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
      save: async () => {},
    }
    const member = world.member('a', world.network(), { incarnationStore: store })
    const starting = member.start().catch(code)
    await world.finish(member.close())
    answer(7)
    expect(await world.finish(starting)).toBe('CLOSED')
    expect(world.pendingCount).toBe(0)
  })
})

describe('a changed incarnation', () => {
  const change = async (world: World, member: Memberlist, times: number): Promise<void> => {
    for (let count = 0; count < times; count++) await world.finish(member.updateMeta(text(`${count}`)))
  }

  it('is saved within a few seconds, however often it changes, and not when it did not', async () => {
    const store = new MemoryStore()
    const { world, member } = await started(store)
    await change(world, member, 100)
    expect(store.saves).toHaveLength(1)
    await world.pass(SAVE_INTERVAL_MS)
    expect(store.saves).toEqual([clock, clock + 100])
    await world.pass(SAVE_INTERVAL_MS * 10)
    expect(store.saves).toHaveLength(2)
  })

  it('is saved when the member closes, or has left', async () => {
    const store = new MemoryStore()
    const { world, member } = await started(store)
    await change(world, member, 3)
    await world.finish(member.leave())
    await world.finish(member.close())
    expect(store.saved).toBe(clock + 3)
    await world.pass(60_000)
    expect(world.pendingCount).toBe(0)
  })

  it('that cannot be saved is logged, counted, and tried again; the member goes on', async () => {
    const store = new MemoryStore()
    const { world, member, logged } = await started(store)
    store.failing = true
    await change(world, member, 2)
    await world.pass(SAVE_INTERVAL_MS * 2)
    expect(member.metrics().incarnationSaveErrors).toBe(2)
    expect(logged).toContainEqual(expect.stringContaining('could not be saved'))
    store.failing = false
    await world.pass(SAVE_INTERVAL_MS)
    expect(store.saved).toBe(clock + 2)
  })

  it('is never saved by two at once, and a store that hangs does not keep the member from closing', async () => {
    let running = 0
    let most = 0
    let first = true
    const store: IncarnationStore = {
      load: async () => undefined,
      save: () => {
        if (first) {
          first = false
          return Promise.resolve()
        }
        most = Math.max(most, ++running)
        return new Promise(() => {})
      },
    }
    const { world, member } = await started(store)
    await change(world, member, 1)
    await world.pass(SAVE_INTERVAL_MS * 5)
    expect([running, most]).toEqual([1, 1])
    await world.finish(member.close())
    await world.pass(60_000)
    expect(world.pendingCount).toBe(0)
  })
})
