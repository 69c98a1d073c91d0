import { alive, array, cat, hex, int, nil, nodeState, pushPull, raw, text, uint } from '../bytes.ts'
import { NAME } from '../group.ts'
import { type Case, prefixes, stream } from './case.ts'

const hold = { manner: 'hold' } as const
const versions = (...values: number[]) => ({ Vsn: raw(Uint8Array.from(values)) })
const fresh = nodeState('fresh', 1, 0)

const header = (fields: Readonly<Record<string, Uint8Array>>): Uint8Array => pushPull([], { header: fields })
/** In the order of the table. */
export const pushPullRows: readonly Case[] = [
  stream(
    'S25',
    'Nodes of −1, above 1,048,576, and beyond 64 bits',
    [hex('ff'), int(1_048_577), hex('cfffffffffffffffff'), hex('d3ffffffffffffffff'), hex('d37fffffffffffffff')].map(
      (value) => header({ Nodes: value }),
    ),
    hold,
  ),
  stream(
    'S26',
    'UserStateLen of −1, above 64 MiB, and beyond 64 bits',
    [hex('ff'), int(67_108_865), hex('cfffffffffffffffff'), hex('d37fffffffffffffff')].map((value) =>
      header({ UserStateLen: value }),
    ),
    hold,
  ),
  stream('S26', 'UserStateLen of 20 MiB and a byte', header({ UserStateLen: int(20_971_521) }), {
    ...hold,
    differs: 'MAX_USER_STATE_BYTES',
  }),
  stream('S27', 'every prefix of a push/pull', prefixes(pushPull([fresh], { state: text('state') }))),
  stream('S27', 'an entry that cannot be read', [
    pushPull([fresh, nodeState('other', 1, 0, { Addr: uint(1) })]),
    pushPull([fresh, hex('c1')]),
    pushPull([fresh, hex('a0')]),
  ]),
  stream('S27', 'an entry cut short, and no end', pushPull([fresh]).subarray(0, 60), hold),
  stream('S27', 'more entries announced than come', pushPull([fresh], { header: { Nodes: uint(2) } })),
  stream('S28', 'no entries, no state', pushPull([])),
  stream('S28', 'no entries, no state, a join', pushPull([], { join: true })),
  stream('S28', 'an empty header', [hex('0680'), hex('06c0')]),
  stream(
    'S28',
    'a Join of 0, 1 and nil',
    [uint(0), uint(1), nil].map((value) => header({ Join: value })),
  ),
  stream(
    'S28',
    'a Join that is no truth value',
    [uint(2), raw('x')].map((value) => header({ Join: value })),
  ),
  stream('S28', 'a state', pushPull([], { state: text('state') })),
  stream('S28', 'a state, a join', pushPull([], { state: text('state'), join: true })),
  stream('S28', 'bytes behind', cat(pushPull([fresh]), hex('ffffff'))),
  stream(
    'S28',
    'a new member in each state',
    pushPull([0, 1, 2, 3].map((state) => nodeState(`fresh-${state}`, 1, state))),
  ),
  stream(
    'S28',
    'a known member suspected, dead, left',
    [1, 2].map((state) => pushPull([nodeState('known', 5, state)])),
    { before: [alive('known', 5)] },
  ),
  stream('S28', 'a known member that left', pushPull([nodeState('known', 5, 3)]), { before: [alive('known', 5)] }),
  stream(
    'S28',
    'the peer itself suspected, dead and left',
    [1, 2, 3].map((state) => pushPull([nodeState(NAME, 3 * state, state)])),
  ),
  stream('S28', 'entries of nil and of nothing', [pushPull([nil]), pushPull([hex('80')])]),
  stream(
    'S28',
    'an entry in array form',
    pushPull([array(raw('fresh'), raw(hex('7f000001')), uint(9), nil, uint(1), uint(0), raw(hex('010502000000')))]),
    { differs: 'wire 1.3' },
  ),
  stream(
    'S29',
    'versions that do not fit, a join',
    pushPull([fresh, nodeState('odd', 1, 0, versions(1, 5, 6, 0, 0, 0))], { join: true }),
  ),
  stream('S29', 'versions that do not fit', pushPull([fresh, nodeState('odd', 1, 0, versions(1, 5, 6, 0, 0, 0))]), {
    differs: 'DIV-32',
  }),
  stream(
    'S29',
    'a dead member with versions that do not fit, a join',
    pushPull([fresh, nodeState('odd', 1, 2, versions(1, 5, 6, 0, 0, 0))], { join: true }),
    { differs: 'DIV-32' },
  ),
  stream(
    'S29',
    'a delegate version that does not fit, a join',
    pushPull([fresh, nodeState('odd', 1, 0, versions(1, 5, 2, 1, 1, 1))], { join: true }),
  ),
  ...[0, 1, 3, 5].map((size) =>
    stream(
      'S29',
      `a Vsn of ${size} bytes, a join`,
      pushPull([fresh, nodeState('odd', 1, 0, { Vsn: size === 0 ? nil : raw(hex('0105020000').subarray(0, size)) })], {
        join: true,
      }),
    ),
  ),
  stream('S29', 'a Vsn of 3 bytes', pushPull([fresh, nodeState('odd', 1, 0, { Vsn: raw(hex('010502')) })]), {
    differs: 'DIV-32',
  }),
  stream(
    'S29',
    'a Vsn of 3 bytes of a dead member, a join',
    pushPull([fresh, nodeState('odd', 1, 2, { Vsn: raw(hex('010502')) })], { join: true }),
    { differs: 'DIV-32' },
  ),
  stream(
    'S30',
    'states 4, −1 and 127',
    pushPull([fresh, ...[4, -1, 127].map((state) => nodeState(`odd${state}`, 1, state))]),
  ),
  stream(
    'S30',
    'a state beyond 32 bits, and one beyond 53',
    pushPull([
      fresh,
      nodeState('odd', 1, 0, { State: hex('d30000000100000000') }),
      nodeState('odder', 1, 0, { State: hex('d30100000000000000') }),
    ]),
  ),
  stream(
    'S30',
    'a state beyond 63 bits',
    pushPull([fresh, nodeState('odd', 1, 0, { State: hex('cfffffffffffffffff') })]),
  ),
  stream('S30', 'an incarnation of 0', [pushPull([fresh, nodeState('zero', 0, 0)])], {
    differs: 'DIV-3',
  }),
  stream('S30', 'an entry of PMin 0', pushPull([fresh, nodeState('odd', 1, 0, versions(0, 5, 2, 0, 0, 0))])),
]
