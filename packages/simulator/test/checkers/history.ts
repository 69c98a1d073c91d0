/** Histories by hand: members whose machines say what the test wants them to say. */
import type { Deadline, Effect, Input, Machine, Member, MemberEvent, QueueDepth } from '@hearsay/membership'
import { lan } from '@hearsay/membership'
import { type NodeState, type PacketMessage, Part, type StreamMessage } from '@hearsay/wire'
import { type CheckerFactory, Forecast, Laws, type Setting, type SimNode, type Violation } from '../../src/index.ts'

/** One belief. */
export const member = (name: string, changes: Partial<Member> = {}): Member => ({
  name,
  address: addressOf(name),
  meta: new Uint8Array(0),
  status: 'alive',
  incarnation: 1,
  versions: null,
  statusSinceMs: 0,
  rttMs: undefined,
  isSelf: false,
  ...changes,
})

/** `b` is at 10.0.0.98:7946. */
export const addressOf = (name: string): string => `10.0.0.${name.charCodeAt(0)}:7946`

const noItems: QueueDepth = { items: 0, bytes: 0 }

/** A machine of glass. */
export class FakeMachine {
  readonly records = new Map<string, Member>()
  healthScore = 0
  depths = { control: noItems, local: noItems, relayed: noItems, user: noItems }
  deadline: Deadline | undefined
  readonly #self: string

  constructor(self: string) {
    this.#self = self
  }

  get self(): Member {
    return this.records.get(this.#self)!
  }

  get table(): unknown {
    return { selfIndex: 0, incarnation: () => this.self.incarnation, status: () => this.self.status }
  }

  member(name: string): Member | undefined {
    return this.records.get(name)
  }

  members(): Member[] {
    return [...this.records.values()]
  }

  memberCount(): number {
    return this.members().filter(({ status }) => status === 'alive' || status === 'suspect').length
  }

  queueDepths(): FakeMachine['depths'] {
    return this.depths
  }

  nextDeadline(): Deadline | undefined {
    return this.deadline
  }

  counts(): { refutations: number } {
    return { refutations: 0 }
  }
}

/** A process of glass. */
export class FakeNode {
  readonly name: string
  readonly index: number
  endpoint: string
  machine: FakeMachine
  life = 0
  state = 'up'
  clockRate = 1
  running: { now(): number } | undefined

  constructor(name: string, index: number) {
    this.name = name
    this.index = index
    this.endpoint = addressOf(name)
    this.machine = new FakeMachine(name)
    this.machine.records.set(name, member(name, { isSelf: true }))
  }
}

/** One step: what comes in, what the machine then is, and what it asks for. */
export interface Step {
  readonly input: Input
  readonly at: number
  /** For deadlines: what fires. */
  readonly due?: Deadline['reason']
  readonly effects?: readonly Effect[]
  readonly leaves?: (machine: FakeMachine, node: FakeNode) => void
}

/** Members `a`, `b`, `c`, …, of whom `a` is watched; all know each other. */
export class History {
  readonly nodes: FakeNode[]
  readonly laws: Laws
  #now = 0

  constructor(factory: CheckerFactory, options: Partial<Setting> & { readonly names?: string } = {}) {
    const { names = 'abcde', ...setting } = options
    this.nodes = [...names].map((name, index) => new FakeNode(name, index))
    for (const node of this.nodes)
      for (const other of this.nodes) if (other !== node) node.machine.records.set(other.name, member(other.name))
    const nodes = this.nodes as unknown as SimNode[]
    this.laws = new Laws({ tuning: lan, nodes, forecast: new Forecast([], 1e9), ...setting }, [factory])
    for (const node of this.nodes) {
      node.running = { now: () => this.#now }
      this.laws.lifecycle(node as unknown as SimNode, 'start', 0)
      this.step({ input: { kind: 'start' }, at: 0 }, node)
    }
  }

  get a(): FakeNode {
    return this.nodes[0]!
  }

  /** The next step of `a`, or of another. */
  step({ input, at, due, effects = [], leaves }: Step, node = this.a): this {
    this.#now = at
    const [real, { machine }] = [node as unknown as SimNode, node]
    if (input.kind === 'deadline') machine.deadline = { at, reason: due ?? 'gossip' }
    this.laws.beforeInput(real, input, at)
    if (input.kind === 'deadline') machine.deadline = undefined
    leaves?.(machine, node)
    this.laws.afterInput(real, input, effects, at)
    return this
  }

  lifecycle(node: FakeNode, what: 'crash' | 'restart' | 'leave' | 'retire', at: number): this {
    this.#now = at
    this.laws.lifecycle(node as unknown as SimNode, what, at)
    return this
  }

  /** What the law has to say at the end; it must have been put to the test. */
  end(at = 1e9): readonly Violation[] {
    this.laws.end(at)
    const { name, evaluations } = this.laws.checkers[0]!
    if (evaluations === 0) throw new Error(`${name} was never put to the test`)
    return this.laws.violations
  }
}

/** Puts a belief in place of the one before. */
export const set =
  (name: string, changes: Partial<Member>) =>
  (machine: FakeMachine): void => {
    machine.records.set(name, { ...(machine.records.get(name) ?? member(name)), ...changes })
  }

/** A packet from `b`. */
export const packet = (...messages: PacketMessage[]): Input => ({ kind: 'packet', from: addressOf('b'), messages })

/** A push/pull from `b`. */
export const pushPull = (...nodes: NodeState[]): Input => ({
  kind: 'stream-request',
  exchange: -1,
  from: addressOf('b'),
  message: { type: 'push-pull', join: false, nodes, userState: new Uint8Array(0) } satisfies StreamMessage,
})

export const alive = (node: string, incarnation: number, host = node): PacketMessage => ({
  type: 'alive',
  node,
  incarnation,
  address: Uint8Array.of(10, 0, 0, host.charCodeAt(0)),
  port: 7946,
  meta: null,
  versions: { protocolMin: 1, protocolMax: 5, protocolCurrent: 2, delegateMin: 0, delegateMax: 0, delegateCurrent: 0 },
})

export const suspect = (node: string, incarnation: number, from = 'c'): PacketMessage => ({
  type: 'suspect',
  node,
  incarnation,
  from,
})

export const dead = (node: string, incarnation: number, from = 'c'): PacketMessage => ({
  type: 'dead',
  node,
  incarnation,
  from,
})

export const ping = (node: string, seqNo: number): PacketMessage => ({
  type: 'ping',
  seqNo,
  node,
  sourceAddress: null,
  sourcePort: 0,
  sourceNode: 'a',
})

/** A packet of these messages. */
export const send = (to: string, ...messages: PacketMessage[]): Effect =>
  sendParts(to, ...messages.map((each) => new Part(each)))

export const sendParts = (to: string, ...parts: Part[]): Effect => ({
  kind: 'send-packet',
  to: addressOf(to),
  parts,
  checksum: false,
  lane: 'gossip',
})

/** An event that shows a member like this. */
export const event = (
  type: MemberEvent['type'],
  shown: Member,
  evidence: Partial<MemberEvent['evidence']> = {},
): Effect => ({
  kind: 'event',
  event: { type, member: shown, evidence: { source: 'gossip', ...evidence } },
})

export const deadline: Input = { kind: 'deadline' }

/** Of type {@link Machine} for code that asks for one. */
export const asMachine = (machine: FakeMachine): Machine => machine as unknown as Machine
