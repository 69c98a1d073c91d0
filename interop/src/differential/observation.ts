/** What a member under test says and believes: the same for the real one and for ours, so that both can be compared. */
import type { NodeState, PacketMessage, StreamMessage } from '@hearsay/wire'

/** A packet that it sent, decoded. */
export interface SentPacket {
  readonly atMs: number
  readonly to: string
  readonly messages: readonly PacketMessage[]
}

/** A stream that it opened. */
export interface Dial {
  /** Names it in `answer`. */
  readonly id: number
  readonly atMs: number
  readonly to: string
  /** What it asked; `undefined` when it was refused, or what it said is no message. */
  readonly message: StreamMessage | undefined
}

/** Something the application was told. */
export interface Told {
  readonly atMs: number
  readonly type: 'join' | 'update' | 'leave' | 'conflict' | 'message' | 'state' | 'finished' | 'ping-complete'
  /** The rest, in a form that can be compared. */
  readonly detail: string
}

/** What it believes of one name, by what can be seen without asking it. */
export interface Belief {
  readonly name: string
  /** As in a push/pull: 0 alive, 1 suspect, 2 dead, 3 left. */
  readonly state: number
  readonly incarnation: number
}

/** Everything since the last observation, and what is so now. Times are of the member's own clock, from its start. */
export interface Observation {
  readonly nowMs: number
  readonly packets: readonly SentPacket[]
  readonly dials: readonly Dial[]
  /** What the streams that were opened to it got for an answer. */
  readonly replies: readonly (StreamMessage | undefined)[]
  readonly told: readonly Told[]
  readonly beliefs: readonly Belief[]
  /** The same as it answers a push/pull; empty for members whose loops run. */
  readonly state: readonly NodeState[]
  readonly health: number
  /** Keys of what was queued and will never be said (DIV-27). */
  readonly lost: readonly string[]
  /** What is queued from now on is numbered below what is queued already (DIV-27). */
  readonly isRenumbered: boolean
  /** Why, for a person: the library's log, or the guards that ignored something. */
  readonly notes: readonly string[]
}

/** How a member is made. Bytes as hex, so that a sequence is plain JSON. */
export interface MemberSettings {
  readonly name: string
  /** 4 or 16 bytes. */
  readonly address: string
  readonly port: number
  readonly meta: string
  readonly localState: string
  readonly ackPayload: string
  /** Whether an alive, a merge and a ping hook are installed. */
  readonly hasHooks: boolean
  /** The alive hook refuses this name. Default: none. */
  readonly refuseAlive: string
  /** The merge hook refuses a state with this name in it. Default: none. */
  readonly refuseMerge: string
  readonly deadNodeReclaimMs: number
  /** The budget of a packet. */
  readonly packetBytes: number
  /** Loops run, as in the preset for a LAN. */
  readonly runsLoops: boolean
  readonly withoutLoops: readonly ('gossip' | 'pushPull')[]
}

/** A member under test. Commands may be given one after the other; each resolves with what came of it. */
export interface Subject {
  /** What it said when it started. */
  readonly born: Observation
  /** Hands in one packet. */
  packet(from: string, bytes: Uint8Array): Promise<Observation>
  /** Opens a stream, writes a request, and reads to the end. */
  stream(bytes: Uint8Array): Promise<Observation>
  /** Answers a stream that the member opened, and ends it; empty bytes only end it. */
  answer(dial: Dial, bytes: Uint8Array): Promise<Observation>
  /** From now on, dials to these addresses are refused, and only to these. */
  refuse(addresses: readonly string[]): Promise<Observation>
  /** Begins an exchange of states, as a join does. */
  join(to: string): Promise<Observation>
  /** One round of gossip, whoever is due. */
  gossip(): Promise<Observation>
  ping(node: string, to: string): Promise<Observation>
  updateMeta(meta: Uint8Array): Promise<Observation>
  leave(): Promise<Observation>
  send(node: string, payload: Uint8Array, reliable: boolean): Promise<Observation>
  /** Lets time pass without a look at what falls due. */
  wait(untilMs: number): Promise<Observation>
  /** Lets time pass until something is said or believed, or the time has come. */
  advance(untilMs: number): Promise<Observation>
  close(): Promise<void>
}
