/** The names of all fields, recognised by comparing bytes: no text is made for a key that is read. */

const names = [
  'Addr',
  'Algo',
  'Buf',
  'Error',
  'From',
  'Incarnation',
  'Join',
  'Meta',
  'Nack',
  'Name',
  'Node',
  'Nodes',
  'Payload',
  'Port',
  'SeqNo',
  'SourceAddr',
  'SourceNode',
  'SourcePort',
  'State',
  'Target',
  'UserMsgLen',
  'UserStateLen',
  'Vsn',
] as const

/** A field's name on the wire: Go's, verbatim. */
export type FieldKey = (typeof names)[number]

/** The key as it is written: header and bytes. */
export function encodedKey(key: FieldKey): Uint8Array {
  return Uint8Array.of(0xa0 | key.length, ...[...key].map((letter) => letter.charCodeAt(0)))
}

// Length, first, second and last byte tell all of them apart.
const signature = (length: number, first: number, second: number, last: number): number =>
  (length << 24) | (first << 16) | (second << 8) | last
const table = new Map(
  names.map((name) => [
    signature(name.length, name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(name.length - 1)),
    name,
  ]),
)

/** The field whose name stands in these bytes, or `undefined`. Exact and case-sensitive. */
export function findKey(bytes: Uint8Array): FieldKey | undefined {
  const { length } = bytes
  if (length < 3 || length > 12) return undefined
  const name = table.get(signature(length, bytes[0]!, bytes[1]!, bytes[length - 1]!))
  if (name === undefined) return undefined
  for (let at = 2; at < length - 1; at++) if (bytes[at] !== name.charCodeAt(at)) return undefined
  return name
}
