import { lan } from '@hearsay/membership'
import { describe, expect, it } from 'vitest'
import { addressChange } from '../../src/checkers/address-change.ts'
import { evidenceOrder } from '../../src/checkers/evidence-order.ts'
import { incarnationOrder } from '../../src/checkers/incarnation-order.ts'
import { metadataOrder } from '../../src/checkers/metadata-order.ts'
import { nameConflict } from '../../src/checkers/name-conflict.ts'
import { precedence } from '../../src/checkers/precedence.ts'
import { reaping } from '../../src/checkers/reaping.ts'
import { selfDefence } from '../../src/checkers/self-defence.ts'
import { selfStatus } from '../../src/checkers/self-status.ts'
import { silentRecords } from '../../src/checkers/silent-records.ts'
import { staleClaims } from '../../src/checkers/stale-claims.ts'
import {
  addressOf,
  alive,
  dead,
  deadline,
  event,
  History,
  member,
  packet,
  pushPull,
  send,
  set,
  suspect,
} from './history.ts'

const nothing = packet(alive('b', 1))

describe('incarnation-order', () => {
  it('takes what goes up', () => {
    const history = new History(incarnationOrder)
    history.step({ input: packet(suspect('a', 1)), at: 5, leaves: set('a', { incarnation: 2 }) })
    history.step({ input: packet(alive('b', 2)), at: 6, leaves: set('b', { incarnation: 2 }) })
    expect(history.end()).toEqual([])
  })

  for (const [name, changes] of [
    ['a', { incarnation: 0 }],
    ['a', { incarnation: 2 ** 32 - 1 }],
    ['b', { incarnation: 0 }],
  ] as const)
    it(`sees ${name} at ${changes.incarnation}`, () => {
      const history = new History(incarnationOrder)
      history.step({ input: nothing, at: 5, leaves: set(name, changes) })
      expect(history.end()).not.toEqual([])
    })
})

describe('evidence-order', () => {
  const revived = (incarnation: number) => {
    const history = new History(evidenceOrder)
    history.step({ input: packet(dead('b', 1)), at: 5, leaves: set('b', { status: 'dead' }) })
    // Nothing changes with it, and it is remembered (DIV-10).
    history.step({ input: packet(dead('b', 7)), at: 6 })
    history.step({ input: packet(alive('b', incarnation)), at: 7, leaves: set('b', { status: 'alive', incarnation }) })
    return history.end()
  }

  it('lets the dead come back above all that was said', () => expect(revived(8)).toEqual([]))

  it('sees one who comes back below it', () => expect(revived(7)[0]?.what).toMatch(/not above 7/))
})

describe('stale-claims', () => {
  const heard = (changes: Parameters<typeof set>[1]) => {
    const history = new History(staleClaims)
    history.step({ input: packet(alive('b', 5)), at: 5, leaves: set('b', { incarnation: 5 }) })
    return history.step({ input: packet(suspect('b', 4), dead('b', 3)), at: 6, leaves: set('b', changes) }).end()
  }

  it('takes it that nothing changes', () => expect(heard({})).toEqual([]))

  it('sees what a claim of the past changed', () =>
    expect(heard({ status: 'suspect', statusSinceMs: 6 })[0]?.what).toMatch(/suspect@4, dead@3/))
})

describe('precedence', () => {
  const cases = [
    ['a suspicion at the same incarnation', [suspect('b', 1)], { status: 'suspect' }],
    ['a refutation', [suspect('b', 1), alive('b', 2)], { status: 'alive', incarnation: 2 }],
    ['an alive that is not newer', [suspect('b', 1), alive('b', 1)], { status: 'suspect' }],
    ['a death', [dead('b', 3, 'c')], { status: 'dead', incarnation: 3 }],
    ['a farewell', [dead('b', 3, 'b')], { status: 'left', incarnation: 3 }],
    ['a farewell of the dead', [dead('b', 1, 'c'), dead('b', 1, 'b')], { status: 'dead' }],
    ['an accusation from the past', [alive('b', 4), suspect('b', 3)], { incarnation: 4 }],
    ['a claim from elsewhere', [alive('b', 9, 'z')], {}],
  ] as const
  for (const [name, messages, outcome] of cases) {
    it(`takes what ${name} makes`, () => {
      const history = new History(precedence)
      expect(history.step({ input: packet(...messages), at: 5, leaves: set('b', outcome) }).end()).toEqual([])
    })

    it(`sees that ${name} makes something else`, () => {
      const history = new History(precedence)
      const other = 'status' in outcome && outcome.status !== 'alive' ? 'alive' : 'dead'
      history.step({ input: packet(...messages), at: 5, leaves: set('b', { ...outcome, status: other }) })
      expect(history.end()).toHaveLength(1)
    })
  }

  it('holds what a push/pull says is dead for suspect', () => {
    const state = { name: 'b', address: null, port: 0, meta: null, incarnation: 1, state: 2, versions: null }
    const history = new History(precedence)
    expect(history.step({ input: pushPull(state), at: 5, leaves: set('b', { status: 'suspect' }) }).end()).toEqual([])
    const broken = new History(precedence)
    expect(broken.step({ input: pushPull(state), at: 5, leaves: set('b', { status: 'dead' }) }).end()).toHaveLength(1)
  })
})

describe('silent-records', () => {
  it('takes what an input named, and sees what none did', () => {
    const history = new History(silentRecords)
    history.step({ input: packet(alive('b', 2)), at: 5, leaves: set('b', { incarnation: 2 }) })
    expect(history.end()).toEqual([])
    const broken = new History(silentRecords)
    broken.step({ input: packet(alive('b', 1)), at: 5, leaves: set('c', { incarnation: 2 }) })
    expect(broken.end()[0]?.what).toBe('c changed unseen')
  })
})

describe('self-status', () => {
  const leave = { kind: 'leave', request: 1, timeoutMs: 100 } as const

  it('takes one who leaves and stays so', () => {
    const history = new History(selfStatus)
    history.step({ input: leave, at: 5, leaves: set('a', { status: 'left' }) })
    expect(history.step({ input: nothing, at: 6, effects: [send('b', dead('a', 1, 'a'))] }).end()).toEqual([])
  })

  it('sees one who suspects itself', () => {
    const history = new History(selfStatus)
    expect(
      history.step({ input: packet(suspect('a', 1)), at: 5, leaves: set('a', { status: 'suspect' }) }).end(),
    ).toHaveLength(1)
  })

  it('sees one who comes back to life, or says so', () => {
    const history = new History(selfStatus)
    history.step({ input: leave, at: 5, leaves: set('a', { status: 'left' }) })
    history.step({ input: nothing, at: 6, effects: [send('b', alive('a', 2))] })
    history.step({ input: packet(alive('a', 3)), at: 7, leaves: set('a', { status: 'alive', incarnation: 4 }) })
    expect(history.end().map(({ what }) => what)).toEqual([
      `it left, and told ${addressOf('b')} that it is alive`,
      'it holds itself for alive, and is left',
    ])
  })
})

describe('self-defence', () => {
  const accused = (claim: number, after: number) => {
    const history = new History(selfDefence)
    history.step({ input: packet(suspect('a', 3)), at: 5, leaves: set('a', { incarnation: 4 }) })
    return history.step({ input: packet(suspect('a', claim)), at: 6, leaves: set('a', { incarnation: after }) }).end()
  }

  it('takes one above what is said, and nothing where it is past', () => {
    expect(accused(4, 5)).toEqual([])
    expect(accused(9, 10)).toEqual([])
    expect(accused(3, 4)).toEqual([])
  })
  it('sees too little, and too much', () => {
    expect(accused(4, 4)).toHaveLength(1)
    expect(accused(9, 5)).toHaveLength(1)
    expect(accused(3, 5)).toHaveLength(1)
  })
})

describe('address-change', () => {
  const elsewhere = { address: addressOf('z'), status: 'alive', incarnation: 2 } as const
  const moved = (before: 'alive' | 'dead' | 'left', at: number, deadNodeReclaimMs = 10_000) => {
    const history = new History(addressChange, { tuning: { ...lan, deadNodeReclaimMs } })
    const claim = before === 'alive' ? alive('b', 1) : dead('b', 1, before === 'left' ? 'b' : 'c')
    history.step({ input: packet(claim), at: 5, leaves: set('b', { status: before, statusSinceMs: 5 }) })
    return history.step({ input: packet(alive('b', 2, 'z')), at, leaves: set('b', elsewhere) }).end()
  }

  it('lets the name of one who left move', () => expect(moved('left', 6)).toEqual([]))
  it('lets the name of the dead move after a while', () => expect(moved('dead', 10_006)).toEqual([]))
  it('sees the name of the living move', () => expect(moved('alive', 99_999)).toHaveLength(1))
  it('sees the name of the dead move too soon', () => expect(moved('dead', 10_005)).toHaveLength(1))
  it('sees it move though that is switched off', () => expect(moved('dead', 99_999, 0)).toHaveLength(1))
})

describe('name-conflict', () => {
  const conflict = (changes: Parameters<typeof set>[1]) => {
    const history = new History(nameConflict)
    const effects = [event('conflict', member('b'))]
    return history.step({ input: packet(alive('b', 9, 'z')), at: 5, effects, leaves: set('b', changes) }).end()
  }

  it('takes a record left alone', () => expect(conflict({})).toEqual([]))
  it('sees one that was touched', () => expect(conflict({ meta: Uint8Array.of(1) })).toHaveLength(1))
})

describe('reaping', () => {
  const reaped = (status: 'suspect' | 'dead' | 'left', at: number) => {
    const history = new History(reaping)
    history.step({ input: packet(dead('b', 1)), at: 5, leaves: set('b', { status, statusSinceMs: 5 }) })
    const shown = member('b', { status })
    const effects = [event('reap', shown)]
    return history
      .step({ input: deadline, due: 'reap', at, effects, leaves: (machine) => machine.records.delete('b') })
      .end()
  }
  const { toTheDeadMs } = lan.gossip

  it('lets the dead and left go after the time', () => {
    expect(reaped('dead', toTheDeadMs + 6)).toEqual([])
    expect(reaped('left', toTheDeadMs + 6)).toEqual([])
  })
  it('sees one go too soon', () => expect(reaped('dead', toTheDeadMs + 5)).toHaveLength(1))
  it('sees one go who is only suspected', () => expect(reaped('suspect', 99_999)).toHaveLength(1))
  it('sees one forget itself', () => {
    const history = new History(reaping)
    const broken = { kind: 'leave', request: 1, timeoutMs: 1 } as const
    history.step({ input: broken, at: 5, effects: [event('reap', member('a'))], leaves: set('a', { status: 'left' }) })
    const { checkers } = history.laws
    expect(checkers[0]?.evaluations).toBeGreaterThan(0)
    history.step({
      input: deadline,
      due: 'reap',
      at: 99_999,
      effects: [event('reap', member('a'))],
      leaves: (machine) => {
        machine.member = () => undefined
      },
    })
    expect(history.end().some(({ what }) => what === 'it forgot itself')).toBe(true)
  })
})

describe('metadata-order', () => {
  const bytes = (value: number) => ({ meta: Uint8Array.of(value) })
  const published = (...held: number[]) => {
    const history = new History(metadataOrder)
    const b = history.nodes[1]!
    for (const value of [1, 2]) {
      const input = { kind: 'update-meta', request: value, meta: Uint8Array.of(value), timeoutMs: 1 } as const
      history.step({ input, at: value, leaves: set('b', { ...bytes(value), incarnation: 1 + value }) }, b)
    }
    for (const value of held)
      history.step({
        input: packet(alive('b', 1 + value)),
        at: 10,
        leaves: set('b', { ...bytes(value), incarnation: 1 + value }),
      })
    return history.end()
  }

  it('takes what is held in order', () => expect(published(1, 2)).toEqual([]))
  it('takes it that one was missed', () => expect(published(2)).toEqual([]))
  it('sees one who goes back', () => expect(published(2, 1)[0]?.what).toMatch(/went back/))
  it('sees what was never published', () => expect(published(3)[0]?.what).toMatch(/never published/))
})
