import { lan } from '@hearsay/membership'
import { describe, expect, it } from 'vitest'
import { confirmations } from '../../src/checkers/confirmations.ts'
import { suspicionDeadline } from '../../src/checkers/suspicion-deadline.ts'
import { suspicionEpisode } from '../../src/checkers/suspicion-episode.ts'
import { deadline, event, type FakeMachine, History, member, packet, send, set, suspect } from './history.ts'

// Five records: k = 2, from 4 s to 24 s (membership spec 3.1).
const suspected = set('b', { status: 'suspect', statusSinceMs: 1000 })
const with_ =
  (...changes: ((machine: FakeMachine) => void)[]) =>
  (machine: FakeMachine): void => {
    for (const change of changes) change(machine)
  }
const timer = (at: number) => (machine: FakeMachine) => {
  machine.deadline = { at, reason: 'suspicion' }
}

describe('suspicion-episode', () => {
  const death = [event('fail', member('b', { status: 'dead' }))]

  it('takes a suspicion that has a timer and ends in one death', () => {
    const history = new History(suspicionEpisode)
    history.step({ input: packet(suspect('b', 1)), at: 1000, leaves: with_(suspected, timer(25_000)) })
    const leaves = set('b', { status: 'dead', statusSinceMs: 25_000 })
    history.step({ input: deadline, due: 'suspicion', at: 25_000, effects: death, leaves })
    expect(history.end()).toEqual([])
  })

  it('sees one without a timer, or with one that is too late', () => {
    for (const change of [suspected, with_(suspected, timer(25_001))]) {
      const history = new History(suspicionEpisode)
      history.step({ input: packet(suspect('b', 1)), at: 1000, leaves: change })
      expect(history.end()[0]?.what).toMatch(/nothing is set/)
    }
  })

  it('sees a timer that fires without a suspicion', () => {
    const history = new History(suspicionEpisode)
    history.step({ input: deadline, due: 'suspicion', at: 25_000 })
    expect(history.end()[0]?.what).toMatch(/0 verdicts/)
  })

  it('sees a death at another incarnation', () => {
    const history = new History(suspicionEpisode)
    history.step({ input: packet(suspect('b', 1)), at: 1000, leaves: with_(suspected, timer(25_000)) })
    const leaves = set('b', { status: 'dead', incarnation: 2 })
    history.step({ input: deadline, due: 'suspicion', at: 25_000, effects: death, leaves })
    expect(history.end()[0]?.what).toMatch(/suspected at 1, died at 2/)
  })
})

describe('suspicion-deadline', () => {
  const ended = (at: number, ...accusers: string[]) => {
    const history = new History(suspicionDeadline)
    for (const accuser of accusers)
      history.step({ input: packet(suspect('b', 1, accuser)), at: 1000, leaves: suspected })
    const effects = [event('fail', member('b', { status: 'dead' }))]
    return history.step({ input: deadline, due: 'suspicion', at, effects, leaves: set('b', { status: 'dead' }) }).end()
  }

  it('takes the maximum without confirmations, less with each, and the minimum with two', () => {
    expect(ended(25_000, 'c')).toEqual([])
    expect(ended(12_381, 'c', 'd')).toEqual([])
    expect(ended(5000, 'c', 'd', 'e')).toEqual([])
    // The first accuser is none of them, and nobody counts twice.
    expect(ended(25_000, 'c', 'c')).toEqual([])
    expect(ended(12_381, 'c', 'd', 'd')).toEqual([])
  })

  it('sees any other', () => {
    expect(ended(12_381, 'c')).not.toEqual([])
    expect(ended(25_000, 'c', 'd')).not.toEqual([])
    expect(ended(12_381, 'c', 'c')).not.toEqual([])
  })

  it('takes the minimum where there are too few to confirm', () => {
    const three = (at: number) => {
      const history = new History(suspicionDeadline, { names: 'abc' })
      history.step({ input: packet(suspect('b', 1)), at: 1000, leaves: suspected })
      const effects = [event('fail', member('b', { status: 'dead' }))]
      return history
        .step({ input: deadline, due: 'suspicion', at, effects, leaves: set('b', { status: 'dead' }) })
        .end()
    }
    expect(three(5000)).toEqual([])
    expect(three(25_000)).not.toEqual([])
  })
})

describe('confirmations', () => {
  it('takes k + 1 accusations passed on', () => {
    const history = new History(confirmations)
    for (const from of ['c', 'd', 'e'])
      history.step({
        input: packet(suspect('b', 1, from)),
        at: 1000,
        leaves: suspected,
        effects: [send('d', suspect('b', 1, from))],
      })
    expect(history.end()).toEqual([])
  })

  it('sees one passed on that is no news', () => {
    const history = new History(confirmations, { names: 'abcdefgh' })
    for (const from of ['c', 'd', 'e', 'f'])
      history.step({
        input: packet(suspect('b', 1, from)),
        at: 1000,
        leaves: suspected,
        effects: [send('d', suspect('b', 1, from))],
      })
    expect(history.end()[0]?.what).toMatch(/f accuses b, which is no news/)
  })

  it('sees a death that somebody confirmed twice, or too many', () => {
    for (const confirmedBy of [
      ['d', 'd'],
      ['d', 'e', 'f'],
    ]) {
      const history = new History(confirmations)
      const effects = [event('fail', member('b', { status: 'dead' }), { confirmedBy })]
      history.step({ input: deadline, due: 'suspicion', at: 5000, effects, leaves: set('b', { status: 'dead' }) })
      expect(history.end()).toHaveLength(1)
    }
    expect(lan.suspicion.multiplier - 2).toBe(2)
  })
})
