/**
 * Where we differ from memberlist v0.7.0 on purpose. An input may name one of these, and then the verdicts must differ;
 * every other difference is a mistake.
 */
export const differences = {
  'wire 1.3':
    'A struct in array form, and a byte field in map form, are refused: no peer writes them, and a decoder may refuse them.',
  'wire 2.2':
    'An indirect ping whose target is no IP address is dropped; Go tries, and tells of its failure with a nack.',
  'wire 5.4': 'Compressed data of Grafana’s fork (Snappy) is read; HashiCorp’s library refuses it.',
  'wire P40': 'A member without all six version bytes is ignored: accepted, it would spoil every later push/pull.',
  'DIV-2': 'The 4-byte and the 16-byte form of one IPv4 address are the same address, not a conflict.',
  'DIV-3': 'A new member with incarnation 0 is ignored, instead of remembered as dead without ever having lived.',
  'DIV-5': 'New versions of a member are an update too.',
  'DIV-9':
    'Without encryption, a name that has left moves to another address only when nobody answers for it at the former one.',
  'DIV-10': 'An accusation of a higher incarnation is remembered, even if it changes nothing now.',
  'DIV-12': 'Accusations close to the last incarnation are ignored: nobody can be driven to the end of the numbers.',
  'DIV-21': 'An answer goes only to where the request came from, or to a known member.',
  'DIV-31': 'At most eight wrappers within each other (MAX_WRAPPER_DEPTH).',
  'DIV-32':
    'Only the versions of living members must fit; outside of a join, one that does not is left out and the others are merged.',
  'DIV-33': 'A join is followed by one more exchange, which shows whether the other side took us.',
  'DIV-44':
    'A member with an empty name, a name above 255 bytes (or an accusation by such a name), metadata above 512 bytes, or an address that is not of 4 or 16 bytes is ignored.',
  MAX_DECOMPRESSED_BYTES: 'All compressed parts of one packet together expand to 40 MiB at most, not each of them.',
  MAX_USER_STATE_BYTES:
    'An application’s state is taken up to 64 MiB, as Grafana’s fork sends it; HashiCorp’s library stops at 20 MiB.',
} as const

/** One of them. */
export type DifferenceId = keyof typeof differences
