/** What an input can have led to, told from the input itself: most change nothing, and few laws speak of those. */
import type { Deadline, Input } from '@hearsay/membership'
import type { PacketMessage } from '@hearsay/wire'
import { Interest } from './checker.ts'
import type { Probes } from './probes.ts'

/** Timers that change nothing of what is believed. */
const routine: ReadonlySet<string> = new Set(['gossip', 'probe-tick', 'probe-direct', 'relay', 'push-pull', 'rejoin'])
/** Effects that change nothing by themselves. A round trip is told with the end of a probe. */
export const isQuiet: ReadonlySet<string> = new Set([
  'send-packet',
  'open-stream',
  'abandon-stream',
  'ignored',
  'ping-complete',
])
/** Of messages that are no claims: bits of {@link Interest}. */
export const heard: Readonly<Record<string, number>> = {
  ack: Interest.answers,
  nack: Interest.answers,
  'indirect-ping': Interest.relays,
}

/** Whether the input is one of those that come all the time. */
export const isRoutine = (input: Input, due: Deadline | undefined): boolean =>
  input.kind === 'packet' || (input.kind === 'deadline' && (due === undefined || routine.has(due.reason)))

/** Whether messages are nothing but answers that nobody waits for. */
export function isUnasked(
  messages: readonly PacketMessage[],
  { probes, stopped }: { readonly probes: Probes; readonly stopped: boolean },
): boolean {
  for (const message of messages)
    if ((message.type !== 'ack' && message.type !== 'nack') || probes.awaits(message.seqNo)) return false
  return !stopped
}
