/** The real member: a process that holds one after the other, each on virtual time of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import {
  decodePacket,
  type NodeState,
  openPacket,
  type StreamMessage,
  StreamReader,
  type StreamRole,
} from '@hearsay/wire'
import { goMemberBinary } from './go-member-binary.ts'
import type { Dial, MemberSettings, Observation, Subject, Told } from './observation.ts'
import { NEVER_MS } from './our-member.ts'

interface GoTold {
  readonly nowMs: number
  readonly packets: readonly { readonly atMs: number; readonly to: string; readonly bytes: string }[] | null
  readonly dials:
    | readonly {
        readonly id: number
        readonly atMs: number
        readonly to: string
        readonly refused: boolean
        readonly bytes: string | null
      }[]
    | null
  readonly replies: readonly { readonly bytes: string }[] | null
  readonly events: readonly GoEvent[] | null
  readonly records: readonly { readonly name: string; readonly state: number; readonly incarnation: number }[]
  readonly state: string | null
  readonly health: number
  readonly lost: readonly string[] | null
  readonly renumbered: boolean
  readonly log: readonly string[] | null
}

interface GoEvent {
  readonly atMs: number
  readonly type: Told['type']
  readonly name?: string
  readonly meta?: string
  readonly claimedBy?: string
  readonly payload?: string
  readonly join?: boolean
  readonly what?: string
  readonly error?: string
  readonly rttMs?: number
}

/** The process; it lives until {@link GoMembers.end}. */
export class GoMembers {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>

  constructor() {
    this.#process = spawn(goMemberBinary(), ['-test.run', '^TestServeDifferential$', '-test.timeout', '0'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#answers = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]()
  }

  /** A fresh member; the one before must be closed. */
  async create(settings: MemberSettings): Promise<Subject> {
    const { name, address, port, meta, localState, ackPayload, withoutLoops, packetBytes, ...rest } = settings
    const slow = settings.runsLoops ? {} : { probeIntervalMs: NEVER_MS, probeTimeoutMs: NEVER_MS, gossipNodes: 100 }
    const born = await this.ask({
      name,
      address: base64(address),
      port,
      meta: base64(meta),
      localState: base64(localState),
      ackPayload: base64(ackPayload),
      turnsOffLoops: withoutLoops,
      // A checksum has no room of its own in Go's budget: without that, full packets would hold other parts (DIV-30).
      packetBytes: packetBytes - CHECKSUM_BYTES,
      // A score that never reaches its limit shows each change.
      ...(settings.runsLoops ? {} : { awarenessMax: 1_000_000, gossipToTheDeadMs: NEVER_MS }),
      ...slow,
      ...rest,
    })
    return new GoMember(this, born)
  }

  async ask(command: Readonly<Record<string, unknown>>): Promise<GoTold> {
    this.#process.stdin!.write(`${JSON.stringify(command)}\n`)
    const { value, done } = await this.#answers.next()
    if (done || !value.startsWith('{')) throw new Error(`the Go side gave up on ${JSON.stringify(command)}: ${value}`)
    return JSON.parse(value) as GoTold
  }

  /** Ends the process. */
  end(): void {
    this.#process.kill('SIGKILL')
  }
}

const CHECKSUM_BYTES = 5

class GoMember implements Subject {
  readonly born: Observation
  readonly #process: GoMembers

  constructor(process: GoMembers, born: GoTold) {
    this.#process = process
    this.born = observation(born)
  }

  packet(from: string, bytes: Uint8Array): Promise<Observation> {
    return this.#do({ command: 'packet', from, bytes: encoded(bytes) })
  }

  stream(bytes: Uint8Array): Promise<Observation> {
    return this.#do({ command: 'stream', bytes: encoded(bytes) })
  }

  answer({ id }: Dial, bytes: Uint8Array): Promise<Observation> {
    return this.#do({ command: 'answer', id, bytes: encoded(bytes) })
  }

  refuse(refused: readonly string[]): Promise<Observation> {
    return this.#do({ command: 'refuse', refused })
  }

  join(to: string): Promise<Observation> {
    return this.#do({ command: 'exchange', to, join: true })
  }

  gossip(): Promise<Observation> {
    return this.#do({ command: 'gossip' })
  }

  ping(node: string, to: string): Promise<Observation> {
    return this.#do({ command: 'ping', node, to })
  }

  updateMeta(meta: Uint8Array): Promise<Observation> {
    return this.#do({ command: 'updateMeta', bytes: encoded(meta) })
  }

  leave(): Promise<Observation> {
    return this.#do({ command: 'leave' })
  }

  send(node: string, payload: Uint8Array, reliable: boolean): Promise<Observation> {
    return this.#do({ command: 'send', node, bytes: encoded(payload), reliable })
  }

  wait(untilMs: number): Promise<Observation> {
    return this.#do({ command: 'wait', untilMs })
  }

  advance(untilMs: number): Promise<Observation> {
    return this.#do({ command: 'advance', untilMs })
  }

  async close(): Promise<void> {
    await this.#process.ask({ command: 'close' })
  }

  async #do(command: Readonly<Record<string, unknown>>): Promise<Observation> {
    return observation(await this.#process.ask(command))
  }
}

const encoded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')
const decoded = (text: string | null | undefined): Uint8Array => Uint8Array.from(Buffer.from(text ?? '', 'base64'))
const hex = (text: string | null | undefined): string => Buffer.from(text ?? '', 'base64').toString('hex')
const name = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString()

function observation(said: GoTold): Observation {
  return {
    nowMs: said.nowMs,
    packets: (said.packets ?? []).map(({ atMs, to, bytes }) => ({ atMs, to, messages: messagesOf(decoded(bytes)) })),
    dials: (said.dials ?? []).map(({ id, atMs, to, bytes }) => {
      return { id, atMs, to, message: readStream(decoded(bytes), 'acceptor') }
    }),
    replies: (said.replies ?? []).map(({ bytes }) => readStream(decoded(bytes), 'initiator')),
    told: (said.events ?? []).map((event) => ({ atMs: event.atMs, type: event.type, detail: detailOf(event) })),
    beliefs: said.records.map((record) => ({ ...record, name: name(record.name) })),
    state: said.state ? statesOf(decoded(said.state)) : [],
    health: said.health,
    lost: (said.lost ?? []).map(name),
    isRenumbered: said.renumbered,
    notes: said.log ?? [],
  }
}

function statesOf(bytes: Uint8Array): readonly NodeState[] {
  const state = readStream(bytes, 'initiator')
  if (state?.type !== 'push-pull') throw new Error(`a state was asked for, and ${state?.type ?? 'nothing'} came`)
  return [...state.nodes]
}

function detailOf(event: GoEvent): string {
  switch (event.type) {
    case 'message':
      return hex(event.payload)
    case 'state':
      return `${hex(event.payload)} ${event.join}`
    case 'finished':
      return `${event.what} ${event.error === undefined ? 'done' : 'failed'}`
    case 'conflict':
      return `${name(event.name)} ${event.claimedBy}`
    case 'ping-complete':
      return `${name(event.name)} ${hex(event.payload)}`
    default:
      return `${name(event.name)} ${hex(event.meta)}`
  }
}

/** What stands in a packet without label and encryption. What cannot be decoded ends the comparison. */
export function messagesOf(bytes: Uint8Array): ReturnType<typeof decodePacket>['messages'] {
  const opened = openPacket(bytes, { label: '', labelMode: 'strict' })
  if (!opened.ok) throw new Error(`a packet cannot be opened: ${opened.drop.detail}`)
  const { messages, drops } = decodePacket(opened.payload)
  if (drops[0]) throw new Error(`a packet cannot be decoded: ${drops[0].detail}`)
  return messages
}

/** The one message of a stream, if there is one. */
export function readStream(bytes: Uint8Array, role: StreamRole): StreamMessage | undefined {
  const reader = new StreamReader({ role, label: '', labelMode: 'strict' })
  reader.push(bytes)
  reader.end()
  const result = reader.next()
  return result.kind === 'message' ? result.message : undefined
}
