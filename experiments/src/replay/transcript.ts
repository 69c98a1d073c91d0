/** Everything that happened, line by line, for a person who looks for a cause. */
import type { Effect, Input } from '@hearsay/membership'
import type { LifecycleStep, Observer, SimNode } from '@hearsay/simulator'
import type { PacketMessage, StreamMessage } from '@hearsay/wire'

/** Writes a stretch of a run to stdout. */
export class Transcript implements Observer {
  readonly #fromMs: number
  readonly #toMs: number
  readonly #about: string

  constructor(fromMs: number, toMs: number, about = '') {
    this.#fromMs = fromMs
    this.#toMs = toMs
    this.#about = about
  }

  lifecycle(node: SimNode, what: LifecycleStep, now: number): void {
    this.#write(now, `${node.name} *** ${what}, ${node.endpoint}, incarnation ${node.machine.self.incarnation}`)
  }

  afterInput(node: SimNode, input: Input, effects: readonly Effect[], now: number): void {
    if (now < this.#fromMs || now > this.#toMs) return
    this.#write(now, `${node.name} ${inputText(input)} → ${effects.map(effectText).join(' | ') || 'nothing'}`)
  }

  #write(now: number, line: string): void {
    if (now < this.#fromMs || now > this.#toMs || !line.includes(this.#about)) return
    console.log(`${now.toFixed(3)} ${line}`)
  }
}

function inputText(input: Input): string {
  switch (input.kind) {
    case 'packet':
      return `packet from ${input.from} [${input.messages.map(messageText).join(', ')}]`
    case 'stream-request':
    case 'stream-reply':
      return `${input.kind} ${streamText(input.message)}`
    case 'lag':
      return `lag ${input.lagMs.toFixed(1)} ms`
    case 'stream-failed':
      return `stream-failed: ${input.reason}`
    default:
      return input.kind
  }
}

function effectText(effect: Effect): string {
  switch (effect.kind) {
    case 'send-packet':
      return `to ${effect.to} [${effect.parts.map((part) => messageText(part.message)).join(', ')}]`
    case 'open-stream':
      return `open ${effect.message.type} to ${effect.to}`
    case 'event':
      return `${effect.event.type.toUpperCase()} ${effect.event.member.name}@${effect.event.member.incarnation}`
    case 'ignored':
      return `ignored ${effect.reason}`
    case 'health':
      return `health ${effect.score}`
    case 'settle':
      return `settled ${JSON.stringify(effect.outcome)}`
    default:
      return effect.kind
  }
}

function messageText(message: PacketMessage): string {
  switch (message.type) {
    case 'alive':
      return `alive ${message.node}@${message.incarnation}`
    case 'suspect':
    case 'dead':
      return `${message.type} ${message.node}@${message.incarnation} says ${message.from}`
    case 'user':
      return `user ${message.payload.length} B`
    case 'ping':
    case 'indirect-ping':
      return `${message.type} ${message.node} #${message.seqNo}`
    default:
      return `${message.type} #${message.seqNo}`
  }
}

function streamText(message: StreamMessage): string {
  if (message.type !== 'push-pull') return message.type
  const states = ['alive', 'suspect', 'dead', 'left']
  const nodes = [...message.nodes].map(({ name, state, incarnation }) => `${name} ${states[state]}@${incarnation}`)
  return `push-pull${message.join ? ' to join' : ''} [${nodes.join(', ')}]`
}
