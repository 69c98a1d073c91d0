/** Times of what can be seen of a member, by name, so that two histories can be laid side by side. */
import { describeMessage, OwnPings } from '../describe.ts'
import type { SentPacket } from '../observation.ts'
import { DELAY_MS } from './script.ts'
import type { Trace } from './trace.ts'

/** How far an own timer may be off: time is looked at so often. */
export const EXACT_MS = DELAY_MS

/** Something that happened. */
export interface Instant {
  readonly what: string
  readonly atMs: number
}

const STATES = ['alive', 'suspect', 'dead', 'left'] as const
const stateOf = (belief: { readonly state: number; readonly incarnation: number } | undefined): string =>
  belief === undefined ? 'forgotten' : `${STATES[belief.state]}@${belief.incarnation}`

/** When a name, or any name, came to be believed something else of. */
export const transitions =
  (name?: string) =>
  (trace: Trace): readonly Instant[] =>
    trace.transitions
      .filter((each) => name === undefined || each.name === name)
      .map(({ atMs, after }) => ({ atMs, what: stateOf(after) }))

/** When the health score changed. */
export const health = ({ health: changes }: Trace): readonly Instant[] =>
  changes.map(({ atMs, score }) => ({ atMs, what: `score ${score}` }))

/** When somebody was pinged, whoever it was. */
export const pings = ({ packets }: Trace): readonly Instant[] =>
  packets.filter(({ messages }) => isOf(messages, 'ping')).map(({ atMs }) => ({ atMs, what: 'ping' }))

/** When the application was told something. */
export const told =
  (type: string) =>
  (trace: Trace): readonly Instant[] =>
    trace.told.filter((each) => each.type === type).map(({ atMs, detail }) => ({ atMs, what: detail }))

/** When answers were sent. */
export const answers = ({ packets }: Trace): readonly Instant[] =>
  packets.flatMap(({ atMs, to, messages }) =>
    messages
      .filter(({ type }) => type === 'ack' || type === 'nack')
      .map((message) => ({ atMs, what: `${describeMessage(message, new OwnPings())} to ${to}` })),
  )

/** When a message was put into packets: once for each packet. */
export const sayings =
  (text: string) =>
  ({ packets }: Trace): readonly Instant[] =>
    packets.filter(({ messages }) => says(messages, text)).map(({ atMs }) => ({ atMs, what: text }))

/** When states were exchanged: how long after the one before. */
export const exchangeGaps = ({ dials }: Trace): readonly Instant[] => {
  const times = dials.filter(({ message }) => message?.type === 'push-pull').map(({ atMs }) => atMs)
  // An exchange takes its time, and the next wait begins after it.
  return times.slice(1).map((atMs, index) => ({ atMs: atMs - times[index]!, what: 'exchange after the one before' }))
}

/** What comes of the first ping that a host leaves unanswered, from that ping to the end of its window. */
export const failure =
  (host: number, fromMs: number, windowMs: number) =>
  (trace: Trace): readonly Instant[] => {
    const to = `10.0.0.${host}:7946`
    const first = trace.packets.find((each) => each.to === to && each.atMs >= fromMs && isOf(each.messages, 'ping'))
    if (!first) return []
    const since = first.atMs
    const relays = trace.packets.filter(({ messages }) => isOf(messages, 'indirect-ping'))
    const streams = trace.dials.filter((dial) => dial.to === to)
    return [
      ...relays.map(({ atMs }) => ({ atMs, what: 'asks a relay' })),
      ...streams.map(({ atMs }) => ({ atMs, what: 'tries a stream' })),
      ...transitions(`n${host}`)(trace),
      ...health(trace),
    ]
      .map(({ atMs, what }) => ({ atMs: atMs - since, what }))
      .filter(({ atMs }) => atMs > 0 && atMs <= windowMs + EXACT_MS)
  }

const isOf = (messages: SentPacket['messages'], type: string): boolean => messages.some((each) => each.type === type)

const says = (messages: SentPacket['messages'], text: string): boolean =>
  messages.some((message) => describeMessage(message, new OwnPings()).startsWith(text))
