/** The keys of a run, and what may be done to each. */
import {
  type AnyValueType,
  type Counter,
  counter,
  type LastWriterMap,
  lastWriterMap,
  type OrSet,
  orSet,
  type Register,
  register,
} from '@hearsay/kv'

import { InstanceDesc, type RingDesc, ringDesc } from '@hearsay/ring'

/** A key with its type. */
export interface Subject {
  readonly key: string
  readonly type: AnyValueType
  /** It is deleted now and then: what is written to it may go with it. */
  readonly deletable: boolean
}

/** All keys. Few, so that everybody meets everybody. */
export const subjects: readonly Subject[] = [
  { key: 'map/a', type: lastWriterMap, deletable: false },
  { key: 'map/b', type: lastWriterMap, deletable: false },
  { key: 'set/a', type: orSet, deletable: false },
  { key: 'counter/a', type: counter, deletable: false },
  { key: 'register/a', type: register, deletable: false },
  { key: 'ring/a', type: ringDesc, deletable: false },
  { key: 'gone/map', type: lastWriterMap, deletable: true },
  { key: 'gone/set', type: orSet, deletable: true },
  { key: 'gone/register', type: register, deletable: true },
]

/** Names of entries, in each key that has such. */
export const entryNames: readonly string[] = ['a', 'b', 'c', 'd', 'e', 'f']

/** What an edit does. */
export interface EditWish {
  readonly subject: Subject
  readonly name: string
  /** Of a map: all names at once. */
  readonly all: boolean
  readonly removes: boolean
  /** Wall clock of whoever writes, where the value itself says when. */
  readonly wallMs: number
  /** Makes values that nobody wrote before. */
  readonly serial: number
  /** Of the value, about. */
  readonly sizeBytes: number
  /** It is to disappear of itself. */
  readonly ttlMs: number | undefined
}

/** The names that an edit by a writer may touch. */
export function namesOf(
  { subject: { type }, name, all }: Omit<EditWish, 'wallMs'>,
  writer: string,
): ReadonlySet<string> {
  switch (type.codecId) {
    case 'hearsay.register':
      return new Set(['value'])
    case 'hearsay.counter':
      return new Set([writer])
    default:
      return new Set(all ? entryNames : [name])
  }
}

/** The state as an edit wants it. */
export function edited(wish: EditWish, state: unknown, writer: string): unknown {
  const { subject, name, removes, serial, sizeBytes, ttlMs } = wish
  const options = ttlMs === undefined ? {} : { ttlMs }
  const value = `${serial}:${'x'.repeat(sizeBytes)}`
  switch (subject.type.codecId) {
    case 'hearsay.lastWriterMap': {
      let map = state as LastWriterMap<string>
      for (const each of namesOf(wish, writer)) map = removes ? map.delete(each) : map.set(each, value, options)
      return map
    }
    case 'hearsay.orSet': {
      let set = state as OrSet<string>
      for (const each of namesOf(wish, writer)) set = removes ? set.delete(each) : set.add(each, options)
      return set
    }
    case 'ringDesc':
      return editedRing(wish, state as RingDesc, writer)
    case 'hearsay.counter':
      return (state as Counter).add(removes ? -1 : 1 + (serial % 5))
    case 'hearsay.register':
      return removes ? (state as Register<string>).clear() : (state as Register<string>).set(value, options)
    default:
      throw new Error(`nobody edits a ${subject.type.codecId} (${name}) here`)
  }
}

/** Heartbeats, which count whole seconds, and instances that are gone. */
function editedRing(wish: EditWish, ring: RingDesc, writer: string): RingDesc {
  const { removes, serial, wallMs } = wish
  const entry = (id: string): InstanceDesc | undefined =>
    removes
      ? undefined
      : new InstanceDesc({ id, addr: writer, timestamp: Math.floor(wallMs / 1000), tokens: [serial, serial + 100_000] })
  return ring.with([...namesOf(wish, writer)].map((name) => [name, entry(name)] as const))
}
