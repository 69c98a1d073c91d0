/** What two members did in one step, side by side: every way in which it differs. */
import type { NodeState, PacketMessage } from '@hearsay/wire'
import { describeDial, describeMessage, describeState, describeStreamMessage, OwnPings } from './describe.ts'
import type { Observation, SentPacket } from './observation.ts'

/** The members, as they are called in what is printed. */
export type Side = 'go' | 'ours'

/** Both of something. */
export interface Both<T> {
  readonly go: T
  readonly ours: T
}

/** What a member believes, by name, as its push/pull says it. */
export type View = ReadonlyMap<string, NodeState>

/** What is believed of a name. */
export interface RecordDifference {
  readonly kind: 'record'
  readonly name: string
  readonly go?: NodeState
  readonly ours?: NodeState
}

/** One thing that differs. */
export type Difference =
  | RecordDifference
  /** A message that only one of them put into a packet that both sent. */
  | { readonly kind: 'part'; readonly by: Side; readonly message: PacketMessage; readonly text: string }
  /** A packet that only one of them sent, but for what was queued. */
  | { readonly kind: 'packet'; readonly by: Side; readonly to: string; readonly text: string }
  /** Who was told, when everybody should have been. */
  | { readonly kind: 'targets'; readonly go: string; readonly ours: string }
  | { readonly kind: 'dial'; readonly by: Side; readonly text: string }
  | { readonly kind: 'reply'; readonly go: string; readonly ours: string }
  | { readonly kind: 'told'; readonly by: Side; readonly type: string; readonly detail: string }
  /** How much the health score rose. */
  | { readonly kind: 'health'; readonly go: number; readonly ours: number }

/** The numbers of each member's own pings. */
export const ownPings = (): Both<OwnPings> => ({ go: new OwnPings(), ours: new OwnPings() })

/** Compares what was said in a step. `healthBefore` is the score of each before it, `self` their own name. */
export function compareSaid(
  said: Both<Observation>,
  pings: Both<OwnPings>,
  healthBefore: Both<number>,
  self: string,
): Difference[] {
  const differences: Difference[] = [...comparePackets(said, pings, self)]
  only(
    said.go.dials.map((dial) => describeDial(dial, pings.go)),
    said.ours.dials.map((dial) => describeDial(dial, pings.ours)),
    (by, text) => differences.push({ kind: 'dial', by, text }),
  )
  for (let index = 0; index < Math.max(said.go.replies.length, said.ours.replies.length); index++) {
    const go = describeStreamMessage(said.go.replies[index], pings.go)
    const ours = describeStreamMessage(said.ours.replies[index], pings.ours)
    if (go !== ours) differences.push({ kind: 'reply', go, ours })
  }
  only(
    said.go.told.map(({ type, detail }) => `${type} ${detail}`),
    said.ours.told.map(({ type, detail }) => `${type} ${detail}`),
    (by, text) => {
      const [type = '', ...detail] = text.split(' ')
      differences.push({ kind: 'told', by, type, detail: detail.join(' ') })
    },
  )
  const go = said.go.health - healthBefore.go
  const ours = said.ours.health - healthBefore.ours
  if (go !== ours) differences.push({ kind: 'health', go, ours })
  return differences
}

/** Compares what is believed. */
export function compareViews({ go, ours }: Both<View>): RecordDifference[] {
  const differences: RecordDifference[] = []
  for (const name of new Set([...go.keys(), ...ours.keys()])) {
    const left = go.get(name)
    const right = ours.get(name)
    if ((left && describeState(left)) === (right && describeState(right))) continue
    differences.push({ kind: 'record', name, ...(left && { go: left }), ...(right && { ours: right }) })
  }
  return differences
}

/** Which elements only one of two multisets has. */
function only(go: readonly string[], ours: readonly string[], found: (by: Side, text: string) => void): void {
  const rest = [...ours]
  for (const text of go) {
    const at = rest.indexOf(text)
    if (at >= 0) rest.splice(at, 1)
    else found('go', text)
  }
  for (const text of rest) found('ours', text)
}

interface Sketch {
  readonly to: string
  /** What is not gossip: it says what the packet is for. */
  readonly head: string
  readonly parts: readonly { readonly text: string; readonly message: PacketMessage }[]
}

const isGossip = ({ type }: PacketMessage): boolean => type === 'alive' || type === 'suspect' || type === 'dead'

function sketch({ to, messages }: SentPacket, pings: OwnPings): Sketch {
  const head = messages.filter((message) => !isGossip(message)).map((message) => describeMessage(message, pings))
  return {
    to,
    head: head.join(' + '),
    parts: messages.filter(isGossip).map((message) => ({ message, text: describeMessage(message, pings) })),
  }
}

/** Directed packets by address and purpose; rounds of gossip by what was drawn, since who gets it is chance. */
function comparePackets(said: Both<Observation>, pings: Both<OwnPings>, self: string): Difference[] {
  const differences: Difference[] = []
  const go = said.go.packets.map((packet) => sketch(packet, pings.go))
  const ours = said.ours.packets.map((packet) => sketch(packet, pings.ours))
  const rest = ours.filter(({ head }) => head !== '')
  for (const packet of go.filter(({ head }) => head !== '')) {
    const at = rest.findIndex(({ to, head }) => to === packet.to && head === packet.head)
    const [other] = at >= 0 ? rest.splice(at, 1) : []
    if (other) compareParts(packet.parts, other.parts, differences)
    else differences.push({ kind: 'packet', by: 'go', to: packet.to, text: packet.head })
  }
  for (const { to, head } of rest) differences.push({ kind: 'packet', by: 'ours', to, text: head })
  const drawn = { go: go.filter(({ head }) => head === ''), ours: ours.filter(({ head }) => head === '') }
  // Draws of one round come in order: the first is the fullest.
  for (let index = 0; index < Math.max(drawn.go.length, drawn.ours.length); index++)
    compareParts(drawn.go[index]?.parts ?? [], drawn.ours[index]?.parts ?? [], differences)
  return [...differences, ...compareTargets(said.go.beliefs, drawn, self)]
}

function compareParts(go: Sketch['parts'], ours: Sketch['parts'], differences: Difference[]): void {
  only(
    go.map(({ text }) => text),
    ours.map(({ text }) => text),
    (by, text) => {
      const { message } = (by === 'go' ? go : ours).find((part) => part.text === text)!
      differences.push({ kind: 'part', by, message, text })
    },
  )
}

/** When there was something for everybody, everybody who may hear it must have got it. */
function compareTargets(beliefs: Observation['beliefs'], drawn: Both<readonly Sketch[]>, self: string): Difference[] {
  const eligible = beliefs.filter(({ name, state }) => name !== self && state !== 3).length
  if (drawn.go.length !== drawn.ours.length || drawn.go.length < eligible) return []
  const [go = '', ours = ''] = [drawn.go, drawn.ours].map((packets) =>
    packets
      .map(({ to }) => to)
      .sort()
      .join(' '),
  )
  return go === ours ? [] : [{ kind: 'targets', go, ours }]
}

/** A difference as a line. */
export function describeDifference(difference: Difference): string {
  switch (difference.kind) {
    case 'record': {
      const { name, go, ours } = difference
      return `of ${name}\n  go   ${go ? describeState(go) : 'nothing'}\n  ours ${ours ? describeState(ours) : 'nothing'}`
    }
    case 'part':
    case 'dial':
      return `only ${difference.by} said: ${difference.text}`
    case 'packet':
      return `only ${difference.by} sent to ${difference.to}: ${difference.text}`
    case 'told':
      return `only ${difference.by} told its application: ${difference.type} ${difference.detail}`
    default:
      return `${difference.kind}\n  go   ${difference.go}\n  ours ${difference.ours}`
  }
}
