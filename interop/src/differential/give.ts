/** One step, done to a member. */
import type { OwnPings } from './describe.ts'
import { bytesOf } from './hex.ts'
import type { Observation, Subject } from './observation.ts'
import {
  type Answer,
  errorBytes,
  packetBytes,
  type Step,
  stateBytes,
  streamPingBytes,
  streamUserBytes,
} from './steps.ts'

const nothing = new Uint8Array(0)

/** Does it, until nothing more comes of it without time passing. `nowMs` is the time after a wait. */
export async function give(subject: Subject, pings: OwnPings, step: Step, nowMs: number): Promise<Observation> {
  if (step.op === 'join') return await join(subject, pings, step.to, step.answer)
  const said = await begin(subject, pings, step, nowMs)
  pings.note(said)
  // A stream that needs no answer is read to its end.
  return await answerAll(subject, pings, said, nothing)
}

/** Does it; streams that it opens are left to whoever called. */
export function begin(subject: Subject, pings: OwnPings, step: Step, nowMs: number): Promise<Observation> {
  switch (step.op) {
    case 'packet':
      return subject.packet(
        step.from,
        packetBytes(step.messages, (own) => pings.number(own)),
      )
    case 'state':
      return subject.stream(stateBytes(step.state))
    case 'stream-ping':
      return subject.stream(streamPingBytes(step.seqNo, step.node))
    case 'stream-user':
      return subject.stream(streamUserBytes(step.payload))
    case 'join':
      return subject.join(step.to)
    case 'gossip':
      return subject.gossip()
    case 'ping':
      return subject.ping(step.node, step.to)
    case 'update-meta':
      return subject.updateMeta(bytesOf(step.meta))
    case 'leave':
      return subject.leave()
    case 'send':
      return subject.send(step.node, bytesOf(step.payload), step.reliable)
    case 'wait':
      return subject.wait(nowMs)
  }
}

async function join(subject: Subject, pings: OwnPings, to: string, answer: Answer): Promise<Observation> {
  if (answer.kind !== 'refused') return await answerAll(subject, pings, await subject.join(to), answerBytes(answer))
  await subject.refuse([to])
  const said = await subject.join(to)
  await subject.refuse([])
  return said
}

function answerBytes(answer: Answer): Uint8Array {
  if (answer.kind === 'state') return stateBytes(answer.state)
  return answer.kind === 'error' ? errorBytes() : nothing
}

async function answerAll(
  subject: Subject,
  pings: OwnPings,
  said: Observation,
  bytes: Uint8Array,
): Promise<Observation> {
  let all = said
  for (const dial of said.dials) {
    const more = await subject.answer(dial, bytes)
    pings.note(more)
    all = {
      ...more,
      packets: [...all.packets, ...more.packets],
      dials: [...all.dials, ...more.dials],
      replies: [...all.replies, ...more.replies],
      told: [...all.told, ...more.told],
      notes: [...all.notes, ...more.notes],
    }
  }
  return all
}
