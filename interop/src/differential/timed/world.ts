/** The hosts around a member: whether they answer is fixed by a script, and the same for whoever asks. */
import * as bytes from '../../../hostile/bytes.ts'
import type { Dial, Observation, SentPacket, Subject } from '../observation.ts'
import { DELAY_MS, type Script } from './script.ts'

/** Something that reaches the member. */
export interface Arrival {
  readonly atMs: number
  deliver(subject: Subject): Promise<Observation>
}

const PORT = 7946
const endpoint = (host: number): string => `10.0.0.${host}:${PORT}`
const hostOf = (to: string): number => Number(/^10\.0\.0\.(\d+):/.exec(to)?.[1])

/** Answers for all hosts. */
export class World {
  readonly #script: Script

  constructor(script: Script) {
    this.#script = script
  }

  /** Refusals of streams begin and end with silence. */
  refusals(): readonly Arrival[] {
    const { silences, detours } = this.#script
    if (detours.streams !== 'refused') return []
    const times = new Set(silences.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))
    return [...times].map((atMs) => {
      const refused = silences
        .filter((each) => each.fromMs <= atMs && atMs < each.toMs)
        .map(({ host }) => endpoint(host))
      return { atMs, deliver: (subject) => subject.refuse(refused) }
    })
  }

  /** What comes of what the member said. */
  answers({ packets, dials }: Observation): readonly Arrival[] {
    return [...packets.flatMap((packet) => this.#toPacket(packet)), ...dials.flatMap((dial) => this.#toDial(dial))]
  }

  #toPacket({ atMs, to, messages }: SentPacket): readonly Arrival[] {
    return messages.flatMap((message): readonly Arrival[] => {
      if (message.type === 'ping' && !this.#isSilent(hostOf(to), atMs))
        return [packet(atMs + 2 * DELAY_MS, to, bytes.ack(message.seqNo))]
      if (message.type !== 'indirect-ping') return []
      // A relay that is silent itself says nothing.
      if (this.#isSilent(hostOf(to), atMs)) return []
      const { relays } = this.#script.detours
      if (relays === 'ack') return [packet(atMs + 4 * DELAY_MS, to, bytes.ack(message.seqNo))]
      if (relays === 'nothing' || !message.nack) return []
      return [packet(atMs + relays.nackAfterMs, to, bytes.nack(message.seqNo))]
    })
  }

  #toDial(dial: Dial): readonly Arrival[] {
    const { atMs, to, message } = dial
    if (message === undefined) return []
    const isSilent = this.#isSilent(hostOf(to), atMs)
    if (message.type === 'ping')
      return isSilent && this.#script.detours.streams === 'hanging'
        ? []
        : [answer(atMs + 2 * DELAY_MS, dial, bytes.ack(message.seqNo))]
    if (message.type !== 'push-pull') return []
    return [answer(atMs + 2 * DELAY_MS, dial, isSilent ? new Uint8Array(0) : bytes.pushPull([]))]
  }

  #isSilent(host: number, atMs: number): boolean {
    return this.#script.silences.some((each) => each.host === host && each.fromMs <= atMs && atMs < each.toMs)
  }
}

const packet = (atMs: number, from: string, content: Uint8Array): Arrival => ({
  atMs,
  deliver: (subject) => subject.packet(from, content),
})

const answer = (atMs: number, dial: Dial, content: Uint8Array): Arrival => ({
  atMs,
  deliver: (subject) => subject.answer(dial, content),
})
