// Compare-and-set: kv spec 3.5 and checks 17-23.
import { describe, expect, it } from 'vitest'
import { KvError, type LastWriterMap } from '../src/index.ts'
import { contents, GONE, mapType, stateOf } from './machine-peer.ts'
import { codeOf, StorePeer } from './store-peer.ts'

describe('cas', () => {
  it('17. fails after ten attempts and nine seconds when it writes nothing new', async () => {
    const { store, system } = new StorePeer()
    const outcome = codeOf(store.cas('k', mapType, () => mapType.empty()))
    await system.advance(8999)
    expect(store.metrics()).toMatchObject({ casAttempts: 9, casFailures: 0 })
    await system.advance(1)
    expect(await outcome).toBe('CAS_NO_CHANGE')
    expect(store.metrics()).toMatchObject({ casAttempts: 10, casSuccesses: 0, casFailures: 1 })
  })

  it('17. fails at once, after one attempt, when it may not retry', async () => {
    const { store, system } = new StorePeer()
    expect(await codeOf(store.cas('k', mapType, () => mapType.empty(), { attempts: 1 }))).toBe('CAS_NO_CHANGE')
    expect(store.metrics().casAttempts).toBe(1)
    expect(system.armedTimers).toBe(0)
  })

  it('18. makes a tombstone of what the new value lacks', async () => {
    const { store, queued } = new StorePeer()
    await store.mergeIn('k', mapType, stateOf({ a: -10, b: -10 }))
    const result = await store.cas('k', mapType, (state) => state?.delete('b'))
    expect(result).toMatchObject({ changed: true, version: 2, attempts: 1 })
    expect(contents(store.get('k'))).toEqual({ a: 'v' })
    expect(contents(store.entry('k')?.state)).toEqual({ a: 'v', b: GONE })
    expect(queued.at(-1)).toMatchObject({ class: 'local', names: ['b'], version: 2 })
  })

  it('19. notices that somebody wrote while it waited, and tries again with the new value', async () => {
    const { store } = new StorePeer()
    await store.mergeIn('k', mapType, stateOf({ a: 0 }))
    const seen: unknown[] = []
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const first = store.cas('k', mapType, async (state) => {
      seen.push(contents(state))
      await held
      return state?.set('first', 1)
    })
    await store.cas('k', mapType, (state) => state?.set('second', 2))
    release()
    expect(await first).toMatchObject({ changed: true, version: 3, attempts: 2 })
    expect(seen).toEqual([{ a: 'v' }, { a: 'v', second: 2 }])
    expect(contents(store.get('k'))).toEqual({ a: 'v', first: 1, second: 2 })
  })

  it('19. gives up when somebody is always faster', async () => {
    const { store } = new StorePeer()
    await store.mergeIn('k', mapType, stateOf({ a: 0 }))
    let tick = 0
    const outcome = codeOf(
      store.cas('k', mapType, async (state) => {
        await store.update('k', mapType, (current) => current.set('other', ++tick))
        return state?.set('mine', 1)
      }),
    )
    expect(await outcome).toBe('CAS_EXHAUSTED')
    expect(tick).toBe(10)
    expect(store.metrics().casFailures).toBe(1)
  })

  it('20. that leaves the value alone is neither success nor failure', async () => {
    const { store } = new StorePeer()
    for (const nothing of [undefined, null])
      expect(await store.cas('k', mapType, () => nothing)).toEqual({ changed: false, version: 0, attempts: 1 })
    expect(store.metrics()).toMatchObject({ casAttempts: 2, casSuccesses: 0, casFailures: 0 })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('21. fails at once when its function %s, with the cause', async (_, fn) => {
    const { store } = new StorePeer()
    const error = await store.cas('k', mapType, fn as () => never).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'CAS_FAILED', cause: { message: 'mine' } })
    expect(store.metrics()).toMatchObject({ casAttempts: 1, casFailures: 1 })
  })

  it('22. still changes the local value when the store is quiet, and spreads nothing', async () => {
    const { store, queued } = new StorePeer()
    store.quiesce()
    expect((await store.cas('k', mapType, () => stateOf({ a: 0 }))).changed).toBe(true)
    expect(contents(store.get('k'))).toEqual({ a: 'v' })
    expect(queued).toEqual([])
  })

  it('writes only over the version it is told to expect', async () => {
    const { store } = new StorePeer()
    const write = (expectVersion: number, value: number) =>
      codeOf(store.cas('k', mapType, (state) => (state ?? mapType.empty()).set('a', value), { expectVersion }))
    expect(await write(1, 1)).toBe('PRECONDITION_FAILED')
    expect(await write(0, 1)).toBe('none')
    expect(await write(0, 2)).toBe('PRECONDITION_FAILED')
    expect(await write(1, 2)).toBe('none')
    expect(await write(1, 3)).toBe('PRECONDITION_FAILED')
    expect(contents(store.get('k'))).toEqual({ a: 2 })
  })

  it('does not write over a version that appeared while it waited', async () => {
    const { store } = new StorePeer()
    const late = (expectVersion: number, name: string) =>
      codeOf(
        store.cas(
          'k',
          mapType,
          async (state) => {
            await store.update('k', mapType, (current) => current.set('other', name))
            return (state ?? mapType.empty()).set('mine', name)
          },
          { expectVersion },
        ),
      )
    expect(await late(0, 'created')).toBe('PRECONDITION_FAILED')
    expect(await late(1, 'changed')).toBe('PRECONDITION_FAILED')
    expect(contents(store.get('k'))).toEqual({ other: 'changed' })
  })

  it('ends its wait with its signal, and with the store', async () => {
    const { store, system } = new StorePeer()
    const aborting = new AbortController()
    const stopped = codeOf(store.cas('k', mapType, () => mapType.empty()))
    const aborted = store.cas('k', mapType, () => mapType.empty(), { signal: aborting.signal }).catch((error) => error)
    await system.advance(500)
    aborting.abort(new Error('enough'))
    expect(await aborted).toMatchObject({ message: 'enough' })
    store.close()
    expect(await stopped).toBe('STOPPED')
    expect(system.armedTimers).toBe(0)
  })
})

describe('update', () => {
  it('begins with the empty value, and answers at once when nothing changes', async () => {
    const { store, system } = new StorePeer()
    expect(await store.update('k', mapType, (state) => state)).toEqual({ changed: false, version: 0, attempts: 1 })
    expect(await store.update('k', mapType, (state) => state.set('a', 1))).toMatchObject({ changed: true, version: 1 })
    expect(await store.update('k', mapType, (state) => state.set('a', 1))).toMatchObject({ changed: false, version: 1 })
    expect(system.armedTimers).toBe(0)
  })

  it('throws what its function throws', async () => {
    const { store } = new StorePeer()
    const mine = new Error('mine')
    await expect(
      store.update('k', mapType, () => {
        throw mine
      }),
    ).rejects.toBe(mine)
  })

  it('of many at once loses none of them', async () => {
    const { store } = new StorePeer()
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => store.update('k', mapType, (state) => state.set(`name-${i}`, i))),
    )
    expect((store.get('k', mapType) as LastWriterMap<unknown>).size).toBe(50)
    expect(store.metrics().casAttempts).toBe(50)
  })

  it('works on a deleted key that is not purged yet, which stays deleted', async () => {
    const { store, queued } = new StorePeer()
    await store.update('k', mapType, (state) => state.set('a', 1))
    await store.delete('k')
    await store.update('k', mapType, (state) => state.set('b', 2))
    expect(store.entry('k')?.deleted).toBe(true)
    expect(queued.map((item) => item.class)).toEqual(['local', 'relayed', 'local'])
  })
})

describe('what the store refuses', () => {
  it('has a stable code', async () => {
    const { store } = new StorePeer()
    const unknown = { ...mapType, codecId: 'never declared' }
    await store.update('k', mapType, (state) => state.set('a', 1))
    expect(await codeOf(store.update('', mapType, (state) => state))).toBe('KEY_EMPTY')
    expect(await codeOf(store.update('k', unknown, (state) => state))).toBe('CODEC_UNKNOWN')
    expect(await codeOf(store.mergeIn('k', unknown, mapType.empty()))).toBe('CODEC_UNKNOWN')
    expect(await codeOf(store.update('k', mapType, (state) => state.set('f', () => {})))).toBe('VALUE_INVALID')
    store.declare({ ...mapType, codecId: 'other' })
    const other = store.type('other')!
    expect(() => store.get('k', other)).toThrowError(expect.objectContaining({ code: 'CODEC_MISMATCH' }))
    expect(await codeOf(store.update('k', other, (state) => state))).toBe('CODEC_MISMATCH')
    expect(await codeOf(store.mergeIn('k', other, stateOf({ a: 1 })))).toBe('CODEC_MISMATCH')
    store.close()
    expect(await codeOf(store.update('k', mapType, (state) => state))).toBe('STOPPED')
    expect(await codeOf(store.delete('k'))).toBe('STOPPED')
    expect(contents(store.get('k'))).toEqual({ a: 1 })
  })

  it('in its options is named all at once', () => {
    const bad = { maxKeys: 0, notifyIntervalMs: -1, mergeSliceMs: Number.NaN }
    const error = (() => {
      try {
        return new StorePeer(bad)
      } catch (error) {
        return error
      }
    })()
    expect(error).toBeInstanceOf(KvError)
    expect(error).toMatchObject({ code: 'OPTION_INVALID' })
    for (const name of Object.keys(bad)) expect(String(error)).toContain(name)
  })
})

describe('what get returns', () => {
  it('23. cannot be used to alter the store', async () => {
    const { store } = new StorePeer()
    await store.update('k', mapType, (state) => state.set('a', { list: [1, 2] }))
    const value = store.get('k', mapType)?.get('a') as { list: number[] }
    expect(() => value.list.push(3)).toThrow(TypeError)
    expect(() => Object.assign(value, { more: 1 })).toThrow(TypeError)
    expect(store.get('k', mapType)?.get('a')).toEqual({ list: [1, 2] })
    const edited = store.get('k', mapType)?.set('a', 'elsewhere')
    expect(edited?.get('a')).toBe('elsewhere')
    expect(store.get('k', mapType)?.get('a')).toEqual({ list: [1, 2] })
  })
})
