// Goal: rings live in the store of @hearsay/kv as they do in the one of the other tests. Method: two stores that hear
// what the other one broadcasts.
import { KvStore } from '@hearsay/kv'
import { describe, expect, it } from 'vitest'
import { Ring, type RingDesc, ringDesc } from '../src/index.ts'

const node = (id: string) => {
  const store = new KvStore({ types: [ringDesc] })
  const ring = new Ring({ key: 'workers', store, instance: { id, address: `${id}:1` } })
  return { store, ring, hear: (state: RingDesc | undefined) => store.mergeIn('workers', ringDesc, state!) }
}

describe('with the real store', () => {
  it('members join, agree, and leave', async () => {
    const [a, b] = [node('a'), node('b')]
    await Promise.all([a.ring.join(), b.ring.join()])
    await a.hear(b.store.entry('workers')!.state as RingDesc)
    await b.hear(a.store.entry('workers')!.state as RingDesc)
    expect(a.ring.hash()).toBe(b.ring.hash())
    expect(a.ring.instances().map(({ id }) => id)).toEqual(['a', 'b'])
    expect(a.ring.owner('job')!.instance.id).toBe(b.ring.owner('job')!.instance.id)
    expect(a.ring.owner('job')!.isLocal).not.toBe(b.ring.owner('job')!.isLocal)

    const changes = a.ring.changes()
    await b.ring.leave()
    await a.hear(b.store.entry('workers')!.state as RingDesc)
    expect((await changes.next()).value).toMatchObject({ left: ['b'], joined: [], changed: [] })
    expect(a.ring.owner('job')).toMatchObject({ instance: { id: 'a' }, isLocal: true })
    await Promise.all([a.ring.close(), b.ring.close()])
    expect(await changes.next()).toMatchObject({ done: true })
    await Promise.all([a.store.close(), b.store.close()])
  })

  it('a member that left comes back at once', async () => {
    const { ring, store } = node('a')
    await ring.join()
    await ring.leave()
    await ring.join()
    expect(ring.instances().map(({ id }) => id)).toEqual(['a'])
    await ring.close()
    await store.close()
  })
})
