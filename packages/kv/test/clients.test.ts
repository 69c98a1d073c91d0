// Views of stores: a prefix (kv spec 8.3, check 52), and two stores behind one client (8.4, check 53).
import { describe, expect, it } from 'vitest'
import { type KvChange, KvError, KvStore, lastWriterMap, MultiClient, orSet, prefixed } from '../src/index.ts'

const names = (client: { get: KvStore['get'] }, key: string) =>
  [...(client.get(key, lastWriterMap) ?? [])].map(([name]) => name)
const set = (client: { update: KvStore['update'] }, key: string, name: string) =>
  client.update(key, lastWriterMap, (map) => map.set(name, 1))

/** Everything a watch tells, as it comes. */
function follow(changes: AsyncIterable<KvChange>): string[] {
  const seen: string[] = []
  void (async () => {
    for await (const { key } of changes) seen.push(key)
    seen.push('end')
  })()
  return seen
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a prefix', () => {
  it('52. is on the wire and not in the hand: writes, reads, lists and watches', async () => {
    const store = new KvStore()
    const collectors = prefixed(store, 'collectors/')
    const [one, all] = [follow(collectors.watch('ring')), follow(collectors.watch(''))]
    const sub = follow(collectors.watch('sub/'))
    await set(collectors, 'ring', 'x')
    await collectors.cas('ring', lastWriterMap, (map) => map?.set('y', 1))
    await collectors.mergeIn('sub/set', orSet, orSet.empty().add('z'))
    await set(store, 'other', 'x')
    await settle()
    expect(store.keys()).toEqual(['collectors/ring', 'collectors/sub/set', 'other'])
    expect(collectors.keys()).toEqual(['ring', 'sub/set'])
    expect(collectors.keys('sub/')).toEqual(['sub/set'])
    expect(names(collectors, 'ring')).toEqual(['x', 'y'])
    expect(collectors.get('other')).toBeUndefined()
    await collectors.delete('ring')
    expect(store.entry('collectors/ring')?.deleted).toBe(true)
    store.close()
    await settle()
    expect(one).toEqual(['ring', 'ring', 'ring', 'end'])
    expect(all).toEqual(['ring', 'ring', 'sub/set', 'ring', 'end'])
    expect(sub).toEqual(['sub/set', 'end'])
  })
})

describe('two stores behind one client', () => {
  function two(more: object = {}) {
    const stores = { consul: new KvStore(), memberlist: new KvStore() }
    const lines: string[] = []
    const client = new MultiClient({
      stores,
      primary: 'consul',
      mirror: true,
      logger: { warn: (message) => lines.push(message) },
      ...more,
    })
    return { client, ...stores, lines }
  }

  it('53. what the primary takes is in the other, as it stands; a deletion is not; a watch goes on after a switch', async () => {
    const { client, consul, memberlist } = two()
    const seen = follow(client.watch('k'))
    await set(client, 'k', 'a')
    expect([names(consul, 'k'), names(memberlist, 'k')]).toEqual([['a'], ['a']])
    expect(memberlist.entry('k')!.state).toEqual(consul.entry('k')!.state)
    // What the other has beside it, and the written value lacks, is removed there.
    await set(memberlist, 'k', 'stray')
    await set(client, 'k', 'b')
    expect([names(consul, 'k'), names(memberlist, 'k')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    await client.cas('k', lastWriterMap, (map) => map!.delete('a'))
    expect([names(consul, 'k'), names(memberlist, 'k')]).toEqual([['b'], ['b']])
    await client.delete('k')
    expect([consul.entry('k')?.deleted, memberlist.entry('k')?.deleted]).toEqual([true, false])
    await settle()
    expect(seen).toEqual(['k', 'k', 'k', 'k'])

    client.configure({ primary: 'memberlist', mirror: false })
    await settle()
    await set(consul, 'k', 'unseen')
    await set(client, 'k', 'c')
    await settle()
    expect(seen).toEqual(['k', 'k', 'k', 'k', 'k'])
    expect([names(client, 'k'), client.keys()]).toEqual([['b', 'c'], ['k']])
    expect(names(consul, 'k')).not.toContain('c')
    expect(client.metrics()).toEqual({
      primary: 'memberlist',
      isMirroring: false,
      mirrorWrites: 3,
      mirrorWriteErrors: 0,
    })
    memberlist.close()
    await settle()
    expect(seen.at(-1)).toBe('end')
  })

  it('writes nothing into the other for what changed nothing', async () => {
    const { client } = two()
    await set(client, 'k', 'a')
    await client.cas('k', lastWriterMap, () => undefined)
    await set(client, 'k', 'a')
    expect(client.metrics().mirrorWrites).toBe(1)
  })

  it('lets a write stand that cannot be mirrored, counts and logs it', async () => {
    const { client, consul, memberlist, lines } = two()
    memberlist.close()
    expect(await set(client, 'k', 'a')).toMatchObject({ changed: true })
    expect(names(consul, 'k')).toEqual(['a'])
    expect(client.metrics()).toMatchObject({ mirrorWrites: 1, mirrorWriteErrors: 1 })
    expect(lines).toEqual(['a write could not be mirrored'])
  })

  it('does not write at all where the primary refuses, and ignores a switch to nowhere', async () => {
    const { client, memberlist, lines } = two()
    await expect(client.update('', lastWriterMap, (map) => map)).rejects.toMatchObject({ code: 'KEY_EMPTY' })
    expect(memberlist.keys()).toEqual([])
    client.configure({ primary: 'etcd' })
    client.configure({ primary: '' })
    expect(client.metrics().primary).toBe('consul')
    expect(lines).toEqual(['there is no such store to switch to'])
  })

  it('refuses to be made of nothing, with every problem at once', () => {
    const make = () => new MultiClient({ stores: { a: new KvStore() }, primary: 'b', mirrorTimeoutMs: -1 })
    expect(make).toThrowError(KvError)
    expect(make).toThrowError(/stores: .*primary: .*mirrorTimeoutMs: /)
  })
})
