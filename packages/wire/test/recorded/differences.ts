/** Where our outcome is another one than a library's, each with the reason. A test fails when one is not true any more. */
import type { Library, Vector } from './vectors.ts'

interface Difference {
  readonly why: string
  readonly ids: readonly string[]
  /** Which versions differ. Default: all. */
  readonly from?: (library: Library) => boolean
}

const isOld = ({ version }: Library) => version === 'v0.5.0'
const isNewer = (library: Library) => !isOld(library)
const each = (prefix: string, names: readonly string[]) => names.map((name) => prefix + name)

const arrays = ['array empty', 'array of bytes', 'array of u8', 'array of i16', 'array of nil', 'array16', 'array32']
const maps = ['map empty', 'map', 'map16', 'map32']
const binaries = ['bin8', 'bin16', 'bin32']

const differences: readonly Difference[] = [
  {
    why: 'a map as bytes is refused: no peer sends it (wire spec 1.3)',
    ids: [...each('GV-A15/bytes/', maps), ...each('GV-A15/versions/', maps)],
  },
  {
    why: 'an array in place of a struct is refused: no peer sends it (wire spec 1.3)',
    ids: [
      ...each('GV-A15/struct/', [...arrays, 'array with 300']),
      ...each('GV-A16/', ['array form', 'array form, too long', 'array16 form', 'array form, empty']),
      'GV-A16/ping array form, short',
    ],
  },
  {
    why: 'an array in place of a field name is refused: no peer sends it (as an array of text, wire spec 1.3)',
    ids: [...each('GV-A15/key/', arrays.slice(1)), 'GV-A15/known key/array'],
    from: isNewer,
  },
  {
    why: 'numbers beyond 2^53 are read near their value: all of them are out of every bound',
    ids: each('GV-A15/int/', ['u64 2^53+1', 'u64 2^63', 'i64 2^53+1', 'i64 -2^63']),
  },
  {
    why: 'the older codec takes no binary or array for text or a field name; we do what the newer one does (wire spec 1.4)',
    ids: [
      ...each('GV-A15/string/', [...binaries, 'bin8 empty', ...arrays]),
      ...each('GV-A15/key/', binaries),
      ...each('GV-A15/known key/', binaries),
    ],
    from: isOld,
  },
  {
    why: 'the older codec reads empty bytes as nil; we do what the newer one does',
    ids: each('GV-A15/bytes/', ['raw empty', 'str8 empty', 'bin8 empty']),
    from: isOld,
  },
  {
    why: 'the older codec passes an empty field name by; we do what the newer one does (wire spec 1.4)',
    ids: ['GV-A15/key/nil', 'GV-A15/key/raw empty', 'GV-A15/key/str8 empty', 'GV-A16/empty key', 'GV-A16/nil key'],
    from: isOld,
  },
  {
    why: 'the older codec passes times of any length by; we do what the newer one does (wire spec 1.3)',
    ids: each('GV-A16/unknown key/', ['time of 1', 'time of 3']),
    from: isOld,
  },
  {
    why: 'the older codec nests without a bound; we do what the newer one does (wire spec 1.3)',
    ids: ['GV-A16/1023 arrays', 'GV-A16/1023 arrays, the last one empty'],
    from: isOld,
  },
  {
    why: 'we expand up to 40 MiB, as v0.7.0 does; versions before it have no bound (wire spec 5.2)',
    ids: ['GV-B09/41943041 bytes'],
    from: ({ version }) => ['v0.5.0', 'v0.5.4', 'v0.6.0'].includes(version),
  },
  {
    why: 'we expand up to 40 MiB, the fork up to 21 MiB (wire spec 5.4)',
    ids: ['GV-B09/22020097 bytes', 'GV-B09/41943040 bytes'],
    from: ({ module }) => module.includes('grafana'),
  },
]

/** Those of the lines whose outcome is another one here, in their order. */
export function differing(library: Library, lines: readonly Vector[]): string[] {
  const ids = new Set(differences.flatMap(({ ids, from }) => (from === undefined || from(library) ? ids : [])))
  return lines.map(({ id }) => id).filter((id) => ids.has(id))
}
