// The law kit must bite: for each law, a type that breaks it and nothing but a failing test to show for it.
import { describe, expect, it } from 'vitest'
import type { ValueType } from '../src/index.ts'
import { checkLaws, type Law, type Random } from '../src/laws.ts'

/** An entry: when it was written; removed entries keep their time. */
type State = ReadonlyMap<string, { readonly at: number; readonly gone: boolean }>
type Entry = { readonly at: number; readonly gone: boolean }

const wins = (a: Entry, b: Entry | undefined) => b === undefined || a.at > b.at || (a.at === b.at && a.gone && !b.gone)

/** A small lawful type. */
const lawful: ValueType<State> = {
  codecId: 'test.lawful',
  empty: () => new Map(),
  encode: (state) => new TextEncoder().encode(JSON.stringify([...state])),
  decode: (bytes) => new Map(JSON.parse(new TextDecoder().decode(bytes))),
  merge: (state, incoming) => {
    const change = new Map([...incoming].filter(([name, entry]) => wins(entry, state.get(name))))
    return change.size === 0 ? { state, change: undefined } : { state: new Map([...state, ...change]), change }
  },
  replace: (state, next, wallNow) => {
    const gone = [...state].filter(([name, entry]) => !entry.gone && !next.has(name))
    const buried = gone.map(([name]) => [name, { at: wallNow, gone: true }] as const)
    return lawful.merge(state, new Map([...next, ...buried]), wallNow)
  },
  names: (state) => [...state.keys()],
  dropTombstones: (state, olderThan) => {
    const isOld = (entry: Entry) => entry.gone && (olderThan === undefined || entry.at < olderThan)
    const kept = new Map([...state].filter(([, entry]) => !isOld(entry)))
    const removedCount = state.size - kept.size
    const remainingCount = [...kept.values()].filter((entry) => entry.gone).length
    return { state: removedCount === 0 ? state : kept, removedCount, remainingCount }
  },
  toJson: (state) => Object.fromEntries(state),
  fromJson: (json) => new Map(Object.entries(json as { [name: string]: Entry })),
}

const arbitraryState = (random: Random, wallNow: number): State =>
  new Map(
    ['a', 'b', 'c'].flatMap((name): [string, Entry][] =>
      random() < 0.6 ? [[name, { at: wallNow - Math.floor(random() * 3) * 900, gone: random() < 0.4 }]] : [],
    ),
  )

/** Laws that a type breaks. */
function brokenLaws(type: ValueType<State>, except: { [law in Law]?: string } = {}): string[] {
  const broken: string[] = []
  checkLaws(type, {
    describe: (_, body) => body(),
    it: (title, body) => {
      try {
        body()
      } catch {
        broken.push(title)
      }
    },
    arbitraryState,
    except,
  })
  return broken
}

checkLaws(lawful, { describe, it, arbitraryState })

describe('the laws bite', () => {
  const mergeLike = (merge: ValueType<State>['merge']): ValueType<State> => ({
    ...lawful,
    merge,
    replace: (state, next, wallNow) => lawful.replace(state, next, wallNow),
  })

  const broken: [law: Law, what: string, type: ValueType<State>][] = [
    [
      'idempotent',
      'news for ever',
      mergeLike((state, incoming, wallNow) => ({
        state: lawful.merge(state, incoming, wallNow).state,
        change: incoming,
      })),
    ],
    [
      'commutative',
      'the last to arrive wins',
      mergeLike((state, incoming) => {
        const change = new Map(
          [...incoming].filter(([name, entry]) => JSON.stringify(state.get(name)) !== JSON.stringify(entry)),
        )
        return change.size === 0 ? { state, change: undefined } : { state: new Map([...state, ...change]), change }
      }),
    ],
    [
      'associative',
      'the average of two times',
      mergeLike((state, incoming) => {
        const change = new Map(
          [...incoming].flatMap(([name, entry]): [string, Entry][] => {
            const ours = state.get(name)
            if (ours === undefined) return [[name, entry]]
            return ours.at === entry.at ? [] : [[name, { at: (ours.at + entry.at) / 2, gone: ours.gone && entry.gone }]]
          }),
        )
        return change.size === 0 ? { state, change: undefined } : { state: new Map([...state, ...change]), change }
      }),
    ],
    [
      'change is sound',
      'a change that forgets an entry',
      mergeLike((state, incoming, wallNow) => {
        const merged = lawful.merge(state, incoming, wallNow)
        return { ...merged, change: merged.change && new Map([...merged.change].slice(0, 1)) }
      }),
    ],
    [
      'change is minimal',
      'a change without entries',
      mergeLike((state, incoming, wallNow) => ({ ...lawful.merge(state, incoming, wallNow), change: new Map() })),
    ],
    [
      'codec round trip',
      'tombstones are not encoded',
      { ...lawful, encode: (state) => lawful.encode(lawful.dropTombstones(state, undefined).state) },
    ],
    [
      'codec round trip',
      'a state that goes on reading the bytes it was lent',
      {
        ...lawful,
        decode: (bytes) =>
          new Map(
            Array.from(lawful.decode(bytes), ([name, entry]) => [
              name,
              {
                gone: entry.gone,
                get at() {
                  return bytes[0] === 0xff ? 0 : entry.at
                },
              },
            ]),
          ),
      },
    ],
    [
      'JSON round trip',
      'JSON without times',
      {
        ...lawful,
        toJson: (state) => Object.fromEntries([...state].map(([name, { gone }]) => [name, { at: 0, gone }])),
      },
    ],
    ['replace removes what is missing', 'replace that merges', { ...lawful, replace: lawful.merge }],
    [
      'replace removes what is missing',
      'tombstones with the old time lose to what they bury',
      {
        ...lawful,
        replace: (state, next, wallNow) => {
          const gone = [...state].filter(([name, entry]) => !entry.gone && !next.has(name))
          const buried = gone.map(([name, entry]) => [name, { at: entry.at - 1, gone: true }] as const)
          const change = new Map([...next, ...buried])
          return { state: new Map([...lawful.merge(state, next, wallNow).state, ...buried]), change }
        },
      },
    ],
    [
      'replace by itself changes nothing',
      'tombstones are buried again',
      {
        ...lawful,
        replace: (state, next, wallNow) => {
          const buried = [...state.keys()]
            .filter((name) => !next.has(name))
            .map((name) => [name, { at: wallNow + 1, gone: true }] as const)
          return lawful.merge(state, new Map([...next, ...buried]), wallNow)
        },
      },
    ],
    [
      'tombstones drop once',
      'a copy each time',
      {
        ...lawful,
        dropTombstones: (state, limit) => ({
          ...lawful.dropTombstones(state, limit),
          state: new Map(lawful.dropTombstones(state, limit).state),
        }),
      },
    ],
    [
      'pure',
      'merging in place',
      mergeLike((state, incoming, wallNow) => {
        const { change } = lawful.merge(state, incoming, wallNow)
        for (const [name, entry] of change ?? []) (state as Map<string, Entry>).set(name, entry)
        return { state, change }
      }),
    ],
  ]

  it.each(broken)('%s: %s', (law, _, type) => {
    expect(brokenLaws(type)).toContain(law)
  })

  it('and each of them was tried', () => {
    const all: Law[] = []
    checkLaws(lawful, { describe: (_, body) => body(), it: (title) => all.push(title as Law), arbitraryState })
    expect(new Set(broken.map(([law]) => law))).toEqual(new Set(all))
  })

  it('not at all where a law is excepted, which the title tells', () => {
    const type = broken[1]![2]
    const titles: string[] = []
    checkLaws(type, {
      describe: (_, body) => body(),
      it: (title) => titles.push(title),
      arbitraryState,
      except: { commutative: 'the last to arrive wins' },
    })
    expect(titles).toContain('commutative: excepted, the last to arrive wins')
  })
})
