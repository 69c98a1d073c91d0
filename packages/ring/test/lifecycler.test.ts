// Goal: one instance's life in a ring (ring spec 8.8, 11: 52-57), as conversations with the machine: inputs and times
// in, edits applied to a store with real merge rules, deadlines out.
import { describe, expect, it } from 'vitest'
import {
  type InstanceDesc,
  InstanceState,
  Lifecycler,
  type LifecyclerEffect,
  type LifecyclerOptions,
  MAX_EDIT_ATTEMPTS,
  RingDesc,
  RingError,
  randomTokens,
  ringDesc,
} from '../src/index.ts'
import { at, I, ring } from './rings.ts'

/** A machine, a clock and a ring. Everything the machine reports is in `told`. */
class Conversation {
  readonly machine: Lifecycler
  readonly told: Exclude<LifecyclerEffect, { kind: 'edit' }>[] = []
  /** With tombstones, as the store holds it. */
  ring = RingDesc.empty
  /** Seconds. */
  time = 1000
  /** How far the wall clock is ahead of it. */
  wallAhead = 0
  isStoreBroken = false
  edits = 0

  constructor(options: Partial<LifecyclerOptions> = {}) {
    let seed = 7
    const random = (): number => {
      seed = (seed * 48271) % 0x7fff_ffff
      return seed / 0x7fff_ffff
    }
    this.machine = new Lifecycler({
      instance: { id: 'me', address: 'me:1', zone: 'z' },
      state: InstanceState.ACTIVE,
      tokenCount: 4,
      generator: randomTokens(random),
      heartbeatPeriodMs: 15_000,
      ...options,
    })
  }

  say(input: Parameters<Lifecycler['handle']>[0]): void {
    for (const effect of this.machine.handle(input, this.time * 1000, this.wallNow)) {
      if (effect.kind === 'edit') this.#edit(effect.edit)
      else this.told.push(effect)
    }
  }

  /** Lets time pass, deadline by deadline. */
  pass(seconds: number): void {
    const end = this.time + seconds
    for (;;) {
      const deadline = this.machine.nextDeadline()
      if (deadline === undefined || deadline.at > end * 1000) break
      this.time = Math.max(this.time, deadline.at / 1000)
      this.say({ kind: 'deadline' })
    }
    this.time = end
  }

  get wallNow() {
    return at(this.time + this.wallAhead)
  }

  get me(): InstanceDesc | undefined {
    return this.ring.get('me')
  }

  get kinds(): string[] {
    return this.told.map(({ kind }) => kind)
  }

  #edit(edit: (ring: RingDesc) => RingDesc): void {
    this.edits++
    if (this.isStoreBroken) {
      this.say({ kind: 'edit-failed', cause: new Error('broken') })
      return
    }
    const visible = ringDesc.dropTombstones(this.ring, undefined).state
    // Twice, as a store does that lost against another writer: the function has to bear it.
    edit(visible)
    this.ring = ringDesc.replace(this.ring, edit(visible), this.wallNow).state
    this.say({ kind: 'edited', ring: ringDesc.dropTombstones(this.ring, undefined).state })
  }
}

describe('joining', () => {
  it('registers with address, zone, state, tokens, and the time as heartbeat and registration', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    expect(it.me).toMatchObject({
      id: 'me',
      addr: 'me:1',
      zone: 'z',
      state: InstanceState.ACTIVE,
      timestamp: 1000,
      registeredTimestamp: 1000,
    })
    expect(it.me!.tokens).toHaveLength(4)
    expect(it.kinds).toEqual(['joined'])
  })

  it('takes no token that another instance claims', () => {
    const it = new Conversation({
      tokenCount: 2,
      generator: {
        generate: (count, taken) => {
          const free: number[] = []
          for (let token = 0; free.length < count; token++) if (!taken.has(token)) free.push(token)
          return Uint32Array.from(free)
        },
      },
    })
    it.ring = ring({ a: I(900, 'ACTIVE', [0, 2]), b: I(900, 'LEFT', [1]) })
    it.say({ kind: 'start' })
    expect([...it.me!.tokens]).toEqual([1, 3])
  })

  it('an entry found keeps its registration, even 0, its read-only flag and its tokens; missing ones are added', () => {
    const it = new Conversation()
    const found = I(900, 'LEAVING', [5, 6], { registeredTimestamp: 0, readOnly: true, readOnlyUpdatedTimestamp: 8 })
    it.ring = ring({ me: found })
    it.say({ kind: 'start' })
    expect(it.me).toMatchObject({
      state: InstanceState.ACTIVE,
      timestamp: 1000,
      registeredTimestamp: 0,
      readOnly: true,
      readOnlyUpdatedTimestamp: 8,
    })
    expect(it.me!.tokens).toHaveLength(4)
    expect([...it.me!.tokens]).toEqual(expect.arrayContaining([5, 6]))
  })

  it('more tokens found than wanted are kept', () => {
    const it = new Conversation({ tokenCount: 1 })
    it.ring = ring({ me: I(900, 'ACTIVE', [5, 6, 7]) })
    it.say({ kind: 'start' })
    expect([...it.me!.tokens]).toEqual([5, 6, 7])
  })

  it('55: an entry left JOINING by a crash becomes what we say', () => {
    const it = new Conversation()
    it.ring = ring({ me: I(900, 'JOINING') })
    it.say({ kind: 'start' })
    expect(it.me!.state).toBe(InstanceState.ACTIVE)
  })

  it('over our own tombstone of the same second, which we do not see, it needs no waiting', () => {
    const it = new Conversation()
    it.ring = ring({ me: I(1000, 'LEFT') })
    it.say({ kind: 'start' })
    expect(it.kinds).toEqual([])
    it.pass(0)
    expect(it.kinds).toEqual(['joined'])
    expect(it.me).toMatchObject({ timestamp: 1001, state: InstanceState.ACTIVE })
  })

  it('over a tombstone from a clock minutes ahead it gets in by and by', () => {
    const it = new Conversation()
    it.ring = ring({ me: I(1300, 'LEFT') })
    it.say({ kind: 'start' })
    it.pass(60)
    expect(it.kinds).toEqual(['joined'])
  })

  it('67: over an entry of ours from ten years ahead, at once, and dated now', () => {
    const it = new Conversation()
    it.ring = ring({ me: I(1000 + 10 * 31_536_000, 'ACTIVE', [5]) })
    it.say({ kind: 'start' })
    expect(it.me).toMatchObject({ timestamp: 1000, state: InstanceState.ACTIVE })
    expect(it.kinds).toEqual(['joined'])
  })

  it('that the store never takes fails after ten attempts, a second apart', () => {
    const it = new Conversation()
    it.isStoreBroken = true
    it.say({ kind: 'start' })
    it.pass(8.5)
    expect(it.kinds).toEqual([])
    it.pass(1)
    expect(it.told).toEqual([{ kind: 'failed', during: 'join', cause: expect.any(Error) }])
    expect(it.edits).toBe(MAX_EDIT_ATTEMPTS)
    expect(it.machine.nextDeadline()).toBeUndefined()
  })

  it('that a store takes after some attempts succeeds', () => {
    const it = new Conversation()
    it.isStoreBroken = true
    it.say({ kind: 'start' })
    it.pass(3)
    it.isStoreBroken = false
    it.pass(1)
    expect(it.kinds).toEqual(['joined'])
  })

  it('with tokens that cannot be had fails at once', () => {
    const cause = new RingError('TOKENS_IMPOSSIBLE', 'no')
    const machine = new Conversation().machine
    machine.handle({ kind: 'start' }, 0, at(1))
    expect(machine.handle({ kind: 'edit-failed', cause }, 0, at(1))).toEqual([
      { kind: 'failed', during: 'join', cause },
    ])
  })
})

describe('the observe period', () => {
  it('counts as joined only after the tokens stayed ours for so long', () => {
    const it = new Conversation({ observePeriodMs: 5000 })
    it.say({ kind: 'start' })
    it.pass(4.9)
    expect(it.kinds).toEqual([])
    it.pass(0.2)
    expect(it.kinds).toEqual(['joined'])
  })

  it('53: three tokens lost are replaced by exactly three, and watched for a whole period more', () => {
    const it = new Conversation({ observePeriodMs: 5000 })
    it.say({ kind: 'start' })
    const before = [...it.me!.tokens]
    it.pass(1)
    it.ring = it.ring.with([['a', I(1001, 'ACTIVE', before.slice(0, 3))]])
    it.pass(4)
    expect(it.told).toEqual([{ kind: 'tokens-lost', count: 3 }])
    const after = [...it.me!.tokens]
    expect(after).toHaveLength(4)
    expect(after.filter((token) => before.includes(token))).toEqual(before.slice(3))
    it.pass(4.9)
    expect(it.kinds).toEqual(['tokens-lost'])
    it.pass(0.2)
    expect(it.kinds).toEqual(['tokens-lost', 'joined'])
  })
})

describe('the heartbeat', () => {
  it('comes every period and changes the timestamp only', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    const { timestamp: _first, ...before } = it.me!.fields()
    it.pass(45)
    const { timestamp, ...after } = it.me!.fields()
    expect(after).toEqual(before)
    expect(timestamp).toBe(1045)
    expect(it.edits).toBe(4)
  })

  it('does not come early when a timer does', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    it.time += 14.999
    it.say({ kind: 'deadline' })
    expect(it.edits).toBe(1)
    expect(it.machine.nextDeadline()!.at).toBe(1_015_000)
  })

  it('does not catch up after a stall', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    it.time += 100
    it.pass(0)
    expect(it.edits).toBe(2)
    expect(it.machine.nextDeadline()).toEqual({ at: (1100 + 15) * 1000, reason: 'heartbeat' })
  })

  it('with a clock that was set back goes on from the stored time', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    it.wallAhead = -20
    it.pass(15)
    expect(it.me!.timestamp).toBe(1001)
    it.pass(15)
    expect(it.me!.timestamp).toBe(1010)
  })

  it('several times a second does not run away from the clock', () => {
    const it = new Conversation({ heartbeatPeriodMs: 100 })
    it.say({ kind: 'start' })
    it.pass(10)
    expect(it.me!.timestamp).toBeGreaterThanOrEqual(1010)
    expect(it.me!.timestamp).toBeLessThanOrEqual(1011)
  })

  it('never goes further ahead than peers believe', () => {
    const it = new Conversation()
    it.ring = ring({ me: I(1000 + 3600, 'ACTIVE', [5]) })
    it.say({ kind: 'start' })
    expect(it.me!.timestamp).toBe(4600)
    it.pass(15)
    expect(it.me!.timestamp).toBe(4601)
  })

  it('56: puts a forgotten entry back with its tokens and flags, and a new registration', () => {
    const it = new Conversation()
    it.ring = ring({ me: I(900, 'ACTIVE', [5], { readOnly: true, readOnlyUpdatedTimestamp: 8 }) })
    it.say({ kind: 'start' })
    const tokens = [...it.me!.tokens]
    it.pass(1)
    it.ring = ringDesc.replace(it.ring, RingDesc.empty, it.wallNow).state
    expect(it.me!.isTombstone).toBe(true)
    it.pass(15)
    expect(it.me).toMatchObject({ registeredTimestamp: 1015, readOnly: true, readOnlyUpdatedTimestamp: 8, state: 0 })
    expect([...it.me!.tokens]).toEqual(tokens)
  })

  it('replaces tokens that another instance won, and says so', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    const before = [...it.me!.tokens]
    it.ring = it.ring.with([['a', I(1001, 'ACTIVE', before.slice(0, 1))]])
    it.pass(15)
    expect(it.told.at(-1)).toEqual({ kind: 'tokens-lost', count: 1 })
    expect(it.me!.tokens).toHaveLength(4)
    expect([...it.me!.tokens]).toEqual(expect.arrayContaining(before.slice(1)))
    expect([...it.me!.tokens]).not.toContain(before[0])
  })

  it('without replacement leaves them lost, as dskit does', () => {
    const it = new Conversation({ replaceLostTokens: false })
    it.say({ kind: 'start' })
    const before = [...it.me!.tokens]
    it.ring = it.ring.with([['a', I(1001, 'ACTIVE', before.slice(0, 1))]])
    it.pass(15)
    expect([...it.me!.tokens]).toEqual(before.slice(1))
  })

  it('writes the address and state anew when somebody altered them', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    it.ring = it.ring.with([['me', it.me!.with({ timestamp: 1001, addr: 'other', state: InstanceState.LEAVING })]])
    it.pass(15)
    expect(it.me).toMatchObject({ addr: 'me:1', state: InstanceState.ACTIVE })
  })

  it('that fails is reported and tried again a period later', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    it.isStoreBroken = true
    it.pass(15)
    it.isStoreBroken = false
    it.pass(15)
    expect(it.kinds).toEqual(['joined', 'heartbeat-failed'])
    expect(it.me!.timestamp).toBe(1030)
  })

  it('takes another state along at once', () => {
    const it = new Conversation({ state: InstanceState.PENDING })
    it.say({ kind: 'start' })
    it.say({ kind: 'set-state', state: InstanceState.ACTIVE })
    expect(it.me).toMatchObject({ state: InstanceState.ACTIVE, timestamp: 1001 })
  })

  it('writes the configured versions', () => {
    const versions = new Map([[1n, 2n]])
    const it = new Conversation({ instance: { id: 'me', address: 'me:1', versions } })
    it.say({ kind: 'start' })
    expect([...it.me!.versions]).toEqual([[1n, 2n]])
  })
})

describe('leaving', () => {
  it('57: shows LEAVING while heartbeats go on, then a tombstone', () => {
    const it = new Conversation({ finalSleepMs: 20_000 })
    it.say({ kind: 'start' })
    it.pass(1)
    it.say({ kind: 'leave' })
    expect(it.me).toMatchObject({ state: InstanceState.LEAVING, timestamp: 1001 })
    it.pass(16)
    expect(it.me).toMatchObject({ state: InstanceState.LEAVING, timestamp: 1016 })
    it.pass(4)
    expect(it.me).toMatchObject({ state: InstanceState.LEFT, timestamp: 1021 })
    expect(it.me!.tokens).toHaveLength(0)
    expect(it.kinds).toEqual(['joined', 'left'])
    expect(it.machine.nextDeadline()).toBeUndefined()
  })

  it('within the second of joining makes a tombstone that peers accept', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    const joined = it.ring
    it.say({ kind: 'leave' })
    expect(it.me!.isTombstone).toBe(true)
    expect(ringDesc.merge(joined, it.ring, it.wallNow).state.get('me')!.isTombstone).toBe(true)
    expect(it.kinds).toEqual(['joined', 'left'])
  })

  it('with the wish to stay leaves the LEAVING entry', () => {
    const it = new Conversation({ keepOnLeave: true })
    it.say({ kind: 'start' })
    it.say({ kind: 'leave' })
    expect(it.me!.state).toBe(InstanceState.LEAVING)
    expect(it.kinds).toEqual(['joined', 'left'])
    it.pass(60)
    expect(it.edits).toBe(2)
  })

  it('before it had joined takes nothing for granted and removes what may be there', () => {
    const it = new Conversation()
    it.isStoreBroken = true
    it.say({ kind: 'start' })
    it.isStoreBroken = false
    it.say({ kind: 'leave' })
    expect(it.kinds).toEqual(['left'])
    expect(it.me).toBeUndefined()
  })

  it('during an edit waits for it', () => {
    const { machine } = new Conversation()
    expect(machine.handle({ kind: 'start' }, 0, at(1)).map(({ kind }) => kind)).toEqual(['edit'])
    expect(machine.handle({ kind: 'leave' }, 0, at(1))).toEqual([])
    const [removal] = machine.handle({ kind: 'edited', ring: ring({ me: I(1, 'ACTIVE', [1]) }) }, 0, at(1))
    expect(removal).toMatchObject({ kind: 'edit' })
    const edited = removal!.kind === 'edit' ? removal!.edit(ring({ me: I(1, 'ACTIVE', [1]), a: I(1) })) : undefined
    expect(edited!.names()).toEqual(['a'])
    expect(machine.handle({ kind: 'edited', ring: edited! }, 0, at(1))).toEqual([{ kind: 'left' }])
  })

  it('that the store never takes fails in the end', () => {
    const it = new Conversation()
    it.say({ kind: 'start' })
    it.isStoreBroken = true
    it.say({ kind: 'leave' })
    it.pass(20)
    expect(it.told.at(-1)).toMatchObject({ kind: 'failed', during: 'leave' })
    expect(it.machine.phase).toBe('gone')
  })

  it('twice is once, and nothing is heard afterwards', () => {
    const it = new Conversation({ finalSleepMs: 1000 })
    it.say({ kind: 'start' })
    it.say({ kind: 'leave' })
    it.say({ kind: 'leave' })
    it.pass(2)
    it.say({ kind: 'set-state', state: 0 })
    expect(it.kinds).toEqual(['joined', 'left'])
    expect(it.me!.isTombstone).toBe(true)
  })
})
