// Is a build older than its sources? Decided by paths, sizes and times: a few hundred `stat`s, a few milliseconds.

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './lock.mjs'

/** The newest modification among files that exist, in milliseconds; 0 when none does. */
export function newestMtimeMs(paths) {
  return Math.max(0, ...paths.map((path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0))
}

/** A digest of everything under these paths. In each path one `*` stands for any one name. */
export function fingerprint(patterns) {
  const hash = createHash('sha256')
  for (const pattern of patterns) for (const path of expand(pattern)) add(path, hash)
  return hash.digest('hex')
}

/** True when the stamp says the build was made from these sources. */
export function isFresh(stamp, digest) {
  try {
    return readFileSync(join(root, stamp), 'utf8') === digest
  } catch {
    return false
  }
}

/** Remembers what a build was made from. */
export function markFresh(stamp, digest) {
  mkdirSync(dirname(join(root, stamp)), { recursive: true })
  writeFileSync(join(root, stamp), digest)
}

function expand(pattern) {
  const parts = pattern.split('/')
  const star = parts.findIndex((part) => part.includes('*'))
  if (star < 0) return [pattern]
  const parent = parts.slice(0, star).join('/')
  const [head, tail] = parts[star].split('*')
  return readdirSync(join(root, parent))
    .filter((name) => name.startsWith(head) && name.endsWith(tail))
    .sort()
    .flatMap((name) => expand([parent, name, ...parts.slice(star + 1)].join('/')))
}

function add(path, hash) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false })
  if (!stat) return
  if (stat.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) add(join(path, name), hash)
  else hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`)
}
