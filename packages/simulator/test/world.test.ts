import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SimulatorError, World } from '../src/index.ts'

describe('a world', () => {
  it('does things by time, and at equal times by order of asking', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 200 }), (asked) => {
        const world = new World()
        const done: number[] = []
        const cancels = asked.map(([delayMs], index) => world.schedule(delayMs, () => void done.push(index)))
        for (const [index, [, cancelled]] of asked.entries()) if (cancelled) cancels[index]!()
        const expected = asked
          .map(([delayMs, cancelled], index) => ({ delayMs, cancelled, index }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.delayMs - b.delayMs || a.index - b.index)
          .map(({ index }) => index)
        expect(world.pendingCount).toBe(expected.length)
        world.run(50)
        expect(done).toEqual(expected)
        expect(world.eventCount).toBe(expected.length)
        expect(world.now).toBe(50)
      }),
    )
  })

  it('does in order what is asked for and called off while it runs', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(30)), (draws) => {
        const next = (): number => draws.next().value as number
        const world = new World()
        const times: number[] = []
        let latest: (() => void) | undefined
        const act = (): void => {
          times.push(world.now)
          if (times.length > 300) return
          const cancel = world.schedule(next() / 7, act)
          if (next() % 3 === 0) latest?.()
          if (next() % 2 === 0) world.schedule(next(), act)
          latest = cancel
        }
        for (let count = 0; count < 5; count++) world.schedule(next(), act)
        world.run(10_000)
        expect(times).toEqual([...times].sort((a, b) => a - b))
      }),
    )
  })

  it('has called off nothing else when a place in its list is used again', () => {
    const world = new World()
    let second = false
    const cancel = world.schedule(1, () => {})
    world.run(1)
    world.schedule(1, () => {
      second = true
    })
    cancel()
    world.run(5)
    expect(second).toBe(true)
  })

  it('runs up to an instant, and that included', () => {
    const world = new World()
    const done: string[] = []
    world.schedule(10, () => {
      done.push('at')
      world.schedule(0, () => void done.push('at once'))
      world.schedule(0.1, () => void done.push('after'))
    })
    world.run(10)
    expect(done).toEqual(['at', 'at once'])
  })

  it('looks after io only when nothing more arrives at that instant', () => {
    const world = new World()
    const done: string[] = []
    world.schedule(1, () => {
      world.afterIo(() => {
        done.push('soon')
        world.schedule(0, () => void done.push('arrived'))
        world.afterIo(() => void done.push('soon again'))
      })
      world.schedule(0, () => void done.push('same instant'))
    })
    world.schedule(1, () => void done.push('same time'))
    world.run(1)
    expect(done).toEqual(['same time', 'same instant', 'soon', 'arrived', 'soon again'])
  })

  it('rounds times up, never down, so that timers are never early', () => {
    const world = new World()
    const random = world.random('delays')
    for (let count = 0; count < 1000; count++) {
      const due = world.now + random() * 3
      world.schedule(due - world.now, () => expect(world.now).toBeGreaterThanOrEqual(due))
      world.run(world.now + random())
    }
  })

  it('keeps a delay too small for its clock to show, as the least it can', () => {
    const world = new World()
    world.run(32_959.5)
    let calls = 0
    const again = () => {
      if (++calls < 100) world.schedule(2 ** -40, again)
    }
    world.schedule(2 ** -40, again)
    world.run(world.now)
    expect(calls).toBe(0)
    world.run(world.now + 1)
    expect(calls).toBe(100)
  })

  it('stops when something holds, or at the limit', () => {
    const world = new World()
    let count = 0
    const tick = (): void => {
      count++
      world.schedule(10, tick)
    }
    world.schedule(10, tick)
    expect(world.runUntil(() => count === 5, 1000)).toBe(true)
    expect(world.now).toBe(50)
    expect(world.runUntil(() => count === 500, 1000)).toBe(false)
    expect(world.now).toBe(1000)
  })

  it('draws the same numbers for the same labels, whatever else was drawn', () => {
    const draw = (labels: readonly (string | number)[], before: number): number[] => {
      const world = new World({ seed: 5 })
      const other = world.random('other')
      for (let count = 0; count < before; count++) other()
      const random = world.random(...labels)
      return Array.from({ length: 5 }, random)
    }
    expect(draw(['node', 1], 0)).toEqual(draw(['node', 1], 17))
    const different = [['node', 1], ['node', 2], ['node', '1'], ['node1'], ['nod', 'e1'], []].map((labels) =>
      draw(labels, 0).join(),
    )
    expect(new Set(different).size).toBe(different.length)
    expect(new World({ seed: 6 }).random('node', 1)()).not.toBe(new World({ seed: 5 }).random('node', 1)())
  })

  it('draws evenly', () => {
    const random = new World().random('even')
    const counts = new Array<number>(16).fill(0)
    for (let count = 0; count < 160_000; count++) counts[Math.floor(random() * 16)]!++
    // 10,000 each; the deviation of one is 97.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(600)
  })

  it('refuses delays that are no time, and to be run from inside', () => {
    const world = new World()
    const code = (run: () => void): string | undefined => {
      try {
        run()
      } catch (error) {
        return error instanceof SimulatorError ? error.code : String(error)
      }
      return undefined
    }
    expect(code(() => world.schedule(Number.NaN, () => {}))).toBe('BAD_TIME')
    expect(code(() => world.schedule(Number.POSITIVE_INFINITY, () => {}))).toBe('BAD_TIME')
    let inside: string | undefined
    world.schedule(1, () => {
      inside = code(() => world.run(5))
    })
    world.run(2)
    expect(inside).toBe('RUNNING')
  })
})

describe('an application in a world', () => {
  it('sees what promises lead to before the clock moves on', async () => {
    const world = new World()
    const pause = (ms: number): Promise<void> => new Promise((resolve) => void world.schedule(ms, resolve))
    const application = async (): Promise<number> => {
      await pause(1000)
      await pause(0)
      await Promise.resolve()
      await pause(500)
      return world.now
    }
    expect(await world.finish(application())).toBe(1500)
    await world.advance(100)
    expect(world.now).toBe(1600)
    await expect(world.until(() => false, 50)).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  it('resolves the names it was given', async () => {
    const world = new World()
    world.names.set('members.internal', ['10.0.0.1'])
    const { resolver } = world.system('app')
    expect(await resolver.addresses('members.internal')).toEqual(['10.0.0.1'])
    await expect(resolver.addresses('elsewhere')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })
})
