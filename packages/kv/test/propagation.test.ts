// Honest waiting: a wait ends when members are proven to have a value, by what they say of their own, and not before.
import { describe, expect, it } from 'vitest'
import {
  type KvError,
  KvStore,
  lastWriterMap,
  orSet,
  PROOF_ROUND_MS,
  type QueuedBroadcast,
  register,
} from '../src/index.ts'
import { VirtualSystem } from './virtual-system.ts'

/** Stores that hear of each other only when the test says so; the first is looked at. */
function cluster(size: number) {
  const system = new VirtualSystem()
  const names = Array.from({ length: size }, (_, index) => `m${index}`)
  const gone = new Set<string>()
  const asked: string[] = []
  const members = names.map((name) => {
    const store = new KvStore({ system, writer: name })
    const queue: QueuedBroadcast[] = []
    store.delegate().attach({
      broadcast: (item) => queue.push(item),
      memberCount: () => size,
      memberNames: () => names.filter((other) => other !== name && !gone.has(other)),
      exchangeWith: (member) => asked.push(member),
    })
    return { name, store, queue }
  })
  const [me, ...others] = members as [(typeof members)[0], ...typeof members]
  type Member = typeof me
  return {
    system,
    me,
    others: others as [Member, Member, Member],
    asked,
    gone,
    /** One half of an exchange, as its sender's own word; `as` somebody else's, or nobody's. */
    state: async (from: Member, to: Member, as = from.name) => {
      const state = from.store.delegate().localState(false)
      to.store.delegate().mergeRemoteState(state, false, {
        from: 'x',
        channel: 'stream',
        member: as === 'nobody' ? undefined : as,
      })
      await system.settle()
    },
    gossip: async (from: Member, to: Member) => {
      for (const { payload } of from.queue)
        to.store.delegate().onMessage(payload, { from: 'x', channel: 'packet', member: from.name })
      await system.settle()
    },
  }
}

/** What a promise has come to so far. */
function watched<T>(promise: Promise<T>) {
  const seen: { value?: T; error?: KvError } = {}
  promise.then(
    (value) => {
      seen.value = value
    },
    (error) => {
      seen.error = error
    },
  )
  return seen
}

const set = (store: KvStore, name: string) => store.update('k', lastWriterMap, (map) => map.set(name, 1))

describe('whenPropagated', () => {
  it('may be waited for many times at once: Node warns of no leak, and closing ends every wait', async () => {
    const { me } = cluster(2)
    await set(me.store, 'a')
    const warnings: Error[] = []
    const hear = (warning: Error) => warnings.push(warning)
    process.on('warning', hear)
    const waits = Array.from({ length: 20 }, () => watched(me.store.whenPropagated('k')))
    await new Promise((resolve) => setImmediate(resolve))
    await me.store.close()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', hear)
    expect(warnings).toEqual([])
    expect(waits.map(({ error }) => error?.code)).toEqual(waits.map(() => 'NOT_PROPAGATED'))
  })

  it('resolves when every other member has shown the value, by its state or by what it passes on', async () => {
    const { system, me, others, state, gossip } = cluster(4)
    await set(me.store, 'a')
    const wait = watched(me.store.whenPropagated('k'))
    await state(others[0], me)
    expect(wait).toEqual({})
    for (const other of others) await state(me, other)
    await state(others[0], me)
    await gossip(others[1], me)
    expect(wait).toEqual({})
    // Its state from somebody else's mouth proves nothing, nor does one from nobody knows whom.
    await state(others[2], me, 'm1')
    await state(others[2], me, 'nobody')
    await system.settle()
    expect(wait).toEqual({})
    await state(others[2], me)
    expect(wait.value).toEqual({ proven: ['m1', 'm2', 'm3'], unproven: [] })
  })

  it('is content with a share of them', async () => {
    const { system, me, others, state } = cluster(4)
    await set(me.store, 'a')
    const wait = watched(me.store.whenPropagated('k', { fraction: 0.5 }))
    await state(me, others[0])
    await state(others[0], me)
    expect(wait).toEqual({})
    await state(me, others[1])
    await state(others[1], me)
    await system.settle()
    expect(wait.value).toEqual({ proven: ['m1', 'm2'], unproven: ['m3'] })
  })

  it('counts something newer in its place, and what was there before', async () => {
    const { me, others, state } = cluster(2)
    await set(others[0].store, 'theirs')
    await state(others[0], me)
    const wait = watched(me.store.whenPropagated('k'))
    await state(others[0], me)
    expect(wait.value?.proven).toEqual(['m1'])

    await me.store.update('r', register, (r) => r.set('old'))
    const newer = watched(me.store.whenPropagated('r'))
    await state(me, others[0])
    await others[0].store.update('r', register, (r) => r.set('new'))
    await state(others[0], me)
    expect(newer.value?.proven).toEqual(['m1'])
  })

  it('takes several changes of a member together, and waits for the change of one update where that is asked', async () => {
    const { me, others, state, gossip } = cluster(2)
    const { change } = await set(me.store, 'a')
    await set(me.store, 'b')
    const [one, all] = [watched(me.store.whenPropagated('k', { change })), watched(me.store.whenPropagated('k'))]
    me.queue.length = 1
    await gossip(me, others[0])
    await gossip(others[0], me)
    expect(one.value?.proven).toEqual(['m1'])
    expect(all).toEqual({})
    others[0].queue.length = 0
    await state(me, others[0])
    await gossip(others[0], me)
    expect(all.value?.proven).toEqual(['m1'])
  })

  it('asks those that have given no proof, one a round, in turn, after it was patient for two', async () => {
    const { system, me, asked } = cluster(4)
    await set(me.store, 'a')
    const stop = new AbortController()
    const wait = watched(me.store.whenPropagated('k', { signal: stop.signal }))
    const silent = watched(me.store.whenPropagated('k', { signal: stop.signal, exchange: false }))
    await system.advance(2 * PROOF_ROUND_MS)
    expect(asked).toEqual([])
    await system.advance(4 * PROOF_ROUND_MS)
    expect(asked).toEqual(['m1', 'm2', 'm3', 'm1'])
    stop.abort(new Error('enough'))
    await system.settle()
    for (const { error } of [wait, silent]) {
      expect(error).toMatchObject({ code: 'NOT_PROPAGATED', reached: { proven: [], unproven: ['m1', 'm2', 'm3'] } })
      expect(error?.message).toBe('"k": proven by 0 of 3 members')
      expect(error?.cause).toMatchObject({ message: 'enough' })
    }
    await system.advance(10_000)
    expect(system.armedTimers).toBe(0)
  })

  it('does not wait for those who are gone, and not at all when alone', async () => {
    const { system, me, others, state, gone } = cluster(3)
    await set(me.store, 'a')
    const wait = watched(me.store.whenPropagated('k'))
    await state(me, others[0])
    await state(others[0], me)
    expect(wait).toEqual({})
    gone.add('m2')
    await system.advance(PROOF_ROUND_MS)
    expect(wait.value).toEqual({ proven: ['m1'], unproven: [] })
    gone.add('m1')
    await set(me.store, 'b')
    expect(await me.store.whenPropagated('k')).toEqual({ proven: [], unproven: [] })
  })

  it('knows of a deletion by its mark, by an earlier purge, and not by an older state', async () => {
    const { me, others, state } = cluster(4)
    await set(me.store, 'a')
    for (const other of others.slice(0, 2)) await state(me, other)
    await me.store.delete('k')
    const wait = watched(me.store.whenPropagated('k', { fraction: 0.6 }))
    await state(others[0], me)
    expect(wait).toEqual({})
    // Never had it.
    await state(others[2], me)
    await state(me, others[0])
    await state(others[0], me)
    expect(wait.value?.proven).toEqual(['m1', 'm3'])
  })

  it('refuses what cannot be waited for', async () => {
    const { me } = cluster(2)
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => 'none',
        (error: KvError) => error.code,
      )
    expect(await code(me.store.whenPropagated('nothing'))).toBe('KEY_UNKNOWN')
    await set(me.store, 'a')
    for (const fraction of [0, 1.1, Number.NaN])
      expect(await code(me.store.whenPropagated('k', { fraction }))).toBe('OPTION_INVALID')
    const lone = new KvStore()
    await lone.update('k', orSet, (s) => s.add('x'))
    expect(await code(lone.whenPropagated('k'))).toBe('NO_HOST')
    const waiting = code(me.store.whenPropagated('k'))
    me.store.close()
    expect(await waiting).toBe('NOT_PROPAGATED')
    expect(await code(me.store.whenPropagated('k'))).toBe('STOPPED')
  })
})
