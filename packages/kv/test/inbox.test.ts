// Pairs that wait: bounds, order and fairness.
import { describe, expect, it } from 'vitest'
import { Inbox } from '../src/inbox.ts'
import { asUnixMs, type PairChannel } from '../src/index.ts'

const item = (key: string, tag: number, channel: PairChannel = 'broadcast', sizeBytes = 1) => ({
  channel,
  member: undefined,
  pair: {
    key,
    value: new Uint8Array(sizeBytes).fill(tag),
    codecId: 'c',
    deleted: false,
    updateTimeMs: asUnixMs(0),
  },
})

function drain(inbox: Inbox): string[] {
  const taken: string[] = []
  for (let next = inbox.take(); next !== undefined; next = inbox.take()) taken.push(next.pair.key + next.pair.value[0])
  return taken
}

describe('an inbox', () => {
  it('keeps the order of a key, while keys take turns', () => {
    const inbox = new Inbox()
    for (const [key, tag] of [
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 1],
      ['b', 2],
      ['c', 1],
    ] as const)
      expect(inbox.offer(item(key, tag))).toBe(true)
    expect(inbox.size).toBe(6)
    expect(drain(inbox)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
    expect([inbox.size, inbox.bytes]).toEqual([0, 0])
  })

  it('holds so many broadcasts of a key, and full-state pairs besides', () => {
    const inbox = new Inbox(2)
    expect([1, 2, 3].map((tag) => inbox.offer(item('a', tag)))).toEqual([true, true, false])
    expect(inbox.offer(item('b', 1))).toBe(true)
    expect(inbox.offer(item('a', 4, 'full-state'))).toBe(true)
    expect(drain(inbox)).toEqual(['a1', 'b1', 'a2', 'a4'])
  })

  it('holds so many bytes over all keys, of whatever kind', () => {
    const inbox = new Inbox(1024, 1000)
    expect(inbox.offer(item('a', 1, 'full-state', 700))).toBe(true)
    expect(inbox.offer(item('b', 1, 'full-state', 700))).toBe(false)
    expect(inbox.offer(item('c', 1, 'broadcast', 100))).toBe(true)
    inbox.take()
    expect(inbox.offer(item('b', 1, 'full-state', 700))).toBe(true)
    inbox.clear()
    expect([inbox.size, inbox.bytes]).toEqual([0, 0])
  })
})
