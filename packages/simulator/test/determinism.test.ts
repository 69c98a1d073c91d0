import { describe, expect, it } from 'vitest'
import { eventful } from './scenario.ts'

describe('runs', () => {
  it('are the same for the same seed', () => {
    const [one, other] = [eventful({ seed: 7 }), eventful({ seed: 7 })]
    expect(other.trace.hash()).toBe(one.trace.hash())
    expect(other.trace.count).toBe(one.trace.count)
    expect(other.network.counts).toEqual(one.network.counts)
    expect(one.trace.count).toBeGreaterThan(10_000)
  })

  it('differ for different seeds', () => {
    const hashes = [1, 2, 3].map((seed) => eventful({ seed }).trace.hash())
    expect(new Set(hashes).size).toBe(3)
  })

  it('are not changed by who watches', () => {
    let seen = 0
    const see = (): void => {
      seen++
    }
    const observer = { beforeInput: see, afterInput: see, lifecycle: see, packet: see, stream: see }
    expect(eventful({ seed: 4, observers: [observer] }).trace.hash()).toBe(eventful({ seed: 4 }).trace.hash())
    expect(seen).toBeGreaterThan(10_000)
  })
})
