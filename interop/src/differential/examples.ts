/** One sequence for each allowance, in which the two differ in that way and in no other. */
import { PACKET_BYTES, USUAL_VERSIONS } from './generate.ts'
import type { MemberSettings } from './observation.ts'
import type { Claim, Entry, Message, Sequence, State, Step } from './steps.ts'

const PORT = 7946
const FROM = `10.0.0.9:${PORT}`

/** A member with hooks that refuse nobody. */
export const plainSettings: MemberSettings = {
  name: 'me',
  address: '0a0000c8',
  port: PORT,
  meta: '',
  localState: '',
  ackPayload: '',
  hasHooks: false,
  refuseAlive: '',
  refuseMerge: '',
  deadNodeReclaimMs: 0,
  packetBytes: PACKET_BYTES,
  runsLoops: false,
  withoutLoops: [],
}

const claim = (node: string, incarnation: number, changes: Partial<Claim> = {}): Claim => ({
  node,
  incarnation,
  address: node === 'me' ? plainSettings.address : `0a0000${Number(node.slice(1)).toString(16).padStart(2, '0')}`,
  port: PORT,
  versions: USUAL_VERSIONS,
  ...changes,
})
const entry = (node: string, incarnation: number, state: number, changes: Partial<Claim> = {}): Entry => ({
  ...claim(node, incarnation, changes),
  state,
})
const alive = (node: string, incarnation: number, changes: Partial<Claim> = {}): Message => ({
  kind: 'alive',
  ...claim(node, incarnation, changes),
})
const packet = (...messages: readonly Message[]): Step => ({ op: 'packet', from: FROM, messages })
const state = (entries: readonly Entry[], join = false): State => ({ join, entries, userState: '' })
const mapped = '00000000000000000000ffff0a000001'

const sequence = (steps: readonly Step[], settings: Partial<MemberSettings> = {}): Sequence => {
  return { settings: { ...plainSettings, ...settings }, steps }
}

/** Twelve members, and what they say is of one length. */
const crowd = (incarnation: number): readonly Step[] =>
  Array.from({ length: 12 }, (_, index) => packet(alive(`n${index + 10}`, incarnation, { meta: 'aa'.repeat(220) })))
const rounds = (count: number): readonly Step[] => Array.from({ length: count }, () => ({ op: 'gossip' }))

/** By the `id` of the allowance. */
export const examples: Readonly<Record<string, Sequence>> = {
  'address-form': sequence([
    packet(alive('n1', 1)),
    packet({ kind: 'dead', node: 'n1', incarnation: 1, by: 'n1' }),
    packet(alive('n1', 2, { address: mapped })),
  ]),
  'address-conflict': sequence([packet(alive('n1', 1)), packet(alive('n1', 2, { address: mapped }))]),
  phantom: sequence([packet(alive('n1', 0))]),
  'phantom-met': sequence([
    { op: 'state', state: state([entry('n1', 0, 0), entry('n1', 3, 0, { address: '0a000065' })]) },
  ]),
  'versions-told': sequence([packet(alive('n1', 1)), packet(alive('n1', 2, { versions: '010503000000' }))]),
  'refutation-key': sequence([
    packet({ kind: 'suspect', node: 'me', incarnation: 1, by: 'n1' }),
    packet(alive('n1', 1)),
  ]),
  'last-incarnation': sequence([packet({ kind: 'suspect', node: 'me', incarnation: 2 ** 32 - 2, by: 'n1' })]),
  'join-after-leave': sequence([{ op: 'leave' }, { op: 'join', to: FROM, answer: { kind: 'closed' } }]),
  'lost-item': sequence([{ op: 'update-meta', meta: '' }, packet(alive('n1', 5)), packet(alive('n2', 5))]),
  'order-of-equals': sequence([
    ...crowd(1),
    ...rounds(5),
    // Four fill a packet. One takes all: Go numbers anew, and what comes then has lower numbers than these.
    ...crowd(2).slice(0, 4),
    ...crowd(3).slice(0, 4),
    packet({ kind: 'ping', seqNo: 1, node: 'me' }),
    ...crowd(3).slice(4, 8),
    packet({ kind: 'ping', seqNo: 2, node: 'me' }),
  ]),
  'versions-missing': sequence([packet(alive('n1', 1, { versions: '0105' }))]),
  'spread-end': sequence([
    packet(alive('n1', 1)),
    { op: 'update-meta', meta: 'aa' },
    packet({ kind: 'suspect', node: 'me', incarnation: 2, by: 'n1' }),
  ]),
}
