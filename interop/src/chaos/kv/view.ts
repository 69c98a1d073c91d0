/** What one store holds, entry by entry, tombstones included: read off the full state that it would send to a peer. */
import { decodeFullState, type LastWriterMap, lastWriterMap } from '@hearsay/kv'
import { type InstanceDesc, ringDesc } from '@hearsay/ring'

/** One entry. */
export interface EntryView {
  /** Unix seconds, of our own types with a fraction: the version of the entry. */
  readonly timestamp: number
  readonly isTombstone: boolean
  /** Everything in it, as text. */
  readonly text: string
}

/** One key. */
export interface KeyView {
  /** Unix milliseconds; undefined when it is not deleted. */
  readonly deletedAtMs: number | undefined
  readonly entries: ReadonlyMap<string, EntryView>
}

/** One store, by key. */
export type View = ReadonlyMap<string, KeyView>

/** Opens a full state of rings and last-writer maps. Throws on anything else: stores of a test hold nothing else. */
export function viewOf(state: Uint8Array): View {
  const { pairs, fault } = decodeFullState(state)
  if (fault !== undefined) throw new Error(`a full state that cannot be read: ${fault.detail}`)
  return new Map(
    pairs.map(({ key, value, codecId, deleted, updateTimeMs }) => {
      const entries = codecs[codecId]
      if (entries === undefined) throw new Error(`${key} holds a ${codecId}`)
      return [key, { deletedAtMs: deleted ? updateTimeMs : undefined, entries: new Map(entries(value)) }]
    }),
  )
}

type Entries = Iterable<readonly [name: string, EntryView]>

const codecs: Readonly<Record<string, (value: Uint8Array) => Entries>> = {
  [ringDesc.codecId]: (value) => [...ringDesc.decode(value)].map(([name, entry]) => [name, entryView(entry)]),
  [lastWriterMap.codecId]: (value) =>
    [...(lastWriterMap.decode(value) as LastWriterMap<string>).written.entries()].map(
      ([name, { timestampMs, writer, isTombstone, value: said }]) => [
        name,
        { timestamp: timestampMs / 1000, isTombstone, text: JSON.stringify({ timestampMs, writer, said }) },
      ],
    ),
}

function entryView(entry: InstanceDesc): EntryView {
  const { tokens, versions, unknown, ...rest } = entry.fields()
  const text = JSON.stringify({ ...rest, tokens: [...tokens], versions: [...versions], unknown: [...unknown] })
  return { timestamp: Number(entry.timestamp), isTombstone: entry.isTombstone, text }
}

/** Whether a member can hold a key at all. */
export type Holds = (member: string, key: string) => boolean

/**
 * Where stores differ from the first, whose member can hold everything, in what readers see: live entries of keys that are
 * not deleted. Empty when all hold the same.
 */
export function differencesBetween(views: ReadonlyMap<string, View>, holds: Holds = () => true): string[] {
  const [first, ...others] = [...views].map(([member, view]) => [member, visible(view)] as const)
  if (first === undefined) return []
  const [reference, expected] = first
  return others.flatMap(([member, seen]) =>
    [...new Set([...expected.keys(), ...seen.keys()])]
      .filter((place) => expected.get(place) !== seen.get(place) && holds(member, place.split(' ')[0]!))
      .map((place) => `${place}: ${reference} has ${expected.get(place)}, ${member} has ${seen.get(place)}`),
  )
}

function visible(view: View): Map<string, string> {
  const live = new Map<string, string>()
  for (const [key, { deletedAtMs, entries }] of view)
    if (deletedAtMs === undefined)
      for (const [name, { isTombstone, text }] of entries) if (!isTombstone) live.set(`${key} ${name}`, text)
  return live
}
