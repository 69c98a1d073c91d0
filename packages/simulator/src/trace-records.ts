/** What of inputs and effects goes into a trace: what another run must have in common to be the same. */
import type { Effect, Input } from '@hearsay/membership'
import type { Trace } from './trace.ts'

/** A number for a word of a fixed vocabulary: its length, first and last letter tell its words apart. */
const code = (word: string): number =>
  (word.length << 16) | (word.charCodeAt(0) << 8) | word.charCodeAt(word.length - 1)

/** Records what an input says beside its kind; gives a number for the kind. */
export function inputRecord(trace: Trace, input: Input): number {
  switch (input.kind) {
    case 'packet':
      for (let at = 0; at < input.messages.length; at++) {
        const message = input.messages[at]!
        trace.number(code(message.type))
        if ('seqNo' in message) trace.number(message.seqNo)
        if ('incarnation' in message) trace.number(message.incarnation)
      }
      break
    case 'stream-request':
    case 'stream-reply':
      trace.number(input.exchange)
      trace.number(code(input.message.type))
      if (input.message.type === 'push-pull') trace.number(input.message.nodes.length)
      break
    case 'stream-failed':
      trace.number(input.exchange)
      trace.number(Number(input.contacted))
      break
    case 'lag':
      trace.number(Math.round(input.lagMs * 1024))
      break
    default:
      break
  }
  return code(input.kind)
}

/** Records an effect that is no packet. Not what was ignored: tables that share records skip what changes nothing. */
export function effectRecord(trace: Trace, effect: Effect): void {
  if (effect.kind === 'ignored') return
  trace.number(code(effect.kind))
  switch (effect.kind) {
    case 'event':
      trace.number(code(effect.event.type))
      trace.text(effect.event.member.name)
      trace.number(effect.event.member.incarnation)
      break
    case 'open-stream':
      trace.text(effect.to)
      trace.number(code(effect.message.type))
      break
    case 'settle':
      trace.number(effect.request)
      trace.number(code(effect.outcome.type))
      break
    case 'health':
      trace.number(effect.score)
      break
    case 'user-message':
      trace.number(effect.payload.length)
      break
    case 'remote-state':
      trace.number(effect.state.length)
      break
    default:
      break
  }
}
