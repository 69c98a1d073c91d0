/** Mistakes that somebody could make in a store. */
import type { Mutant } from '../mutants/mutant.ts'

/** Each must be caught by the laws about stores within a bounded number of seeds. */
export const storeMutants: readonly Mutant[] = [
  {
    name: 'tombstones ignored',
    wrong: 'what a peer removed from a map is not removed here',
    file: 'values/last-writer-map.ts',
    text: `    if (ours === theirs) continue\n`,
    instead: `    if (ours === theirs || (theirs.isTombstone && ours !== undefined)) continue\n`,
  },
  {
    name: 'tombstones dropped too soon',
    wrong: 'a removal is forgotten after a hundredth of its time',
    file: 'tombstones.ts',
    text: `asUnixMs(wallNow - timeoutMs)`,
    instead: `asUnixMs(wallNow - timeoutMs / 100)`,
  },
  {
    name: 'tombstones never dropped',
    wrong: 'removals are kept for ever',
    file: 'tombstones.ts',
    text: `timeoutMs > 0 ? asUnixMs(wallNow - timeoutMs) : undefined`,
    instead: `timeoutMs < 0 ? asUnixMs(wallNow - timeoutMs) : undefined`,
  },
  {
    name: 'full state without a key',
    wrong: 'a push/pull leaves out a key',
    file: 'store.ts',
    text: `if (!wants(entry.type.codecId)) continue`,
    instead: `if (!wants(entry.type.codecId) || entry.key === 'map/b') continue`,
  },
  {
    name: 'not passed on',
    wrong: 'what peers tell is merged, and not told to others',
    file: 'store.ts',
    text: `if (payload !== undefined && merged.verdict === 'stored') {`,
    instead: `if (payload !== undefined && merged.verdict === 'stored' && origin === 'local') {`,
  },
  {
    name: 'version not raised',
    wrong: 'a change keeps the version, so that an edit that was overtaken overwrites',
    file: 'merge.ts',
    text: `version: (current?.version ?? 0) + 1`,
    instead: `version: current?.version ?? 1`,
  },
  {
    name: 'resolved one too early',
    wrong: 'whenPropagated resolves when one member is still missing',
    file: 'propagation.ts',
    text: `if (proven.length < wait.fraction * (proven.length + unproven.length)) return false`,
    instead: `if (proven.length + 1 < wait.fraction * (proven.length + unproven.length)) return false`,
  },
  {
    name: 'hearsay is proof',
    wrong: 'whoever says anything of a key is taken to have all of it',
    file: 'propagation.ts',
    text: `if (type.merge(known, subject.state, wallNow).change === undefined) return true`,
    instead: `if (type.merge(known, subject.state, wallNow).state !== undefined) return true`,
  },
  {
    name: 'deletion not sticky',
    wrong: 'a key that was deleted is alive again with the next change of it',
    file: 'merge.ts',
    text: `: { deleted, deletedAt }`,
    instead: `: { deleted: false, deletedAt: NEVER }`,
  },
  {
    name: 'count of the last',
    wrong: 'of two counts of one writer the one that arrives last is taken',
    file: 'values/count.ts',
    text: `added: Math.max(a.added, b.added)`,
    instead: `added: b.added`,
  },
  {
    name: 'removal of the unseen',
    wrong: 'a removal from a set takes additions along that it has not seen',
    file: 'values/addition.ts',
    text: `  ...addition,
  removedUpToMs: addition.addedAtMs,
  buriedAtMs: Math.floor(wallNow),`,
    instead: `  ...addition,
  removedUpToMs: addition.addedAtMs + 60_000,
  buriedAtMs: Math.floor(wallNow),`,
  },
  {
    name: 'names of its own',
    wrong: 'newer changes never take the place of older ones in the queue',
    file: 'store.ts',
    text: `item: { key, names, version: entry.version, class: spreadAs, payload }`,
    instead: `item: { key, names: [...names, String(entry.version)], version: entry.version, class: spreadAs, payload }`,
  },
]
