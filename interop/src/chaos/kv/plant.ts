/** Views with something planted in them that must not be there: a judge that does not find it is blind. */
import type { Operation } from './operation.ts'
import type { EntryView, KeyView, View } from './view.ts'

/** A view without the entry that an operation wrote. */
export const losing = (view: View, { key, name }: Operation): View => withEntry(view, key, name, undefined)

/** A view in which what an operation removed is there as it was before: the entry, or with a deletion the key. */
export function reviving(view: View, { kind, key, name }: Operation): View {
  if (kind === 'delete') return new Map(view).set(key, { ...view.get(key)!, deletedAtMs: undefined })
  const { timestamp, text } = view.get(key)!.entries.get(name)!
  return withEntry(view, key, name, { timestamp: timestamp - 1, isTombstone: false, text })
}

function withEntry(view: View, key: string, name: string, entry: EntryView | undefined): View {
  const { deletedAtMs, entries } = view.get(key)!
  const edited = new Map(entries)
  if (entry === undefined) edited.delete(name)
  else edited.set(name, entry)
  const changed: KeyView = { deletedAtMs, entries: edited }
  return new Map(view).set(key, changed)
}
