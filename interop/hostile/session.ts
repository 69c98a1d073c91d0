/** A conversation with one peer: inputs in, verdicts out. After each input it is waited until the peer is done with it. */
import { ack, ping, pushPull, user } from './bytes.ts'
import { type Group, properPacket, properStream } from './group.ts'
import { asTold, describe, describeEntry, named, type Ports, readPacket, readReply } from './normal.ts'
import { converse, type Manner, type Probe } from './probe.ts'
import { payloadText, type Target, type Told } from './target.ts'
import type { Verdict } from './verdict.ts'

/** Sequence numbers from here on are the session's own; inputs have lower ones. */
const FIRST_SENTINEL = 0x7000_0000
/** How user messages of the session begin. */
const SENTINEL_TEXT = `"${Buffer.from('sentinel ').toString('hex')}`
/** Broadcasts ride on acks a few times each: so many pings at most until an ack comes alone. */
const MAX_DRAIN = 40
/** A peer that is alive answers sooner. */
const HANG_MS = 15_000

/** The peer is gone, or does not answer any more. */
export class TargetGone extends Error {
  readonly side: Target['side']

  constructor(target: Target, waitedFor: string) {
    super(`${target.side} ${target.isGone ? 'ended' : 'does not answer'} (waited for ${waitedFor})`)
    this.name = 'TargetGone'
    this.side = target.side
  }
}

/** One peer and what it has said since the last verdict. */
export class Session {
  readonly target: Target
  readonly group: Group
  readonly ports: Ports
  /** Pings that arrive are answered, as a relay's target does. */
  answersPings = false
  readonly #probe: Probe
  #replies: string[] = []
  #spread = new Set<string>()
  #told: string[] = []
  #members: ReadonlyMap<string, string> = new Map()
  #nextSentinel = FIRST_SENTINEL
  readonly #acks = new Map<number, (alone: boolean) => void>()
  readonly #echoes = new Map<string, () => void>()

  private constructor(target: Target, group: Group, probe: Probe) {
    this.target = target
    this.group = group
    this.#probe = probe
    this.ports = { self: target.port, probe: probe.port }
    probe.listen(target, (datagram) => this.#datagram(datagram))
    target.onTold((told) => this.#tell(told))
  }

  /** Begins when the peer is settled: its own announcement is drained, its members are known. */
  static async begin(target: Target, group: Group, probe: Probe): Promise<Session> {
    const session = new Session(target, group, probe)
    await session.verdict()
    return session
  }

  /** Sends a datagram as it is. */
  async packet(bytes: Uint8Array, from: Probe = this.#probe): Promise<Verdict> {
    from.send(this.target, bytes)
    return this.verdict()
  }

  /** Sends a datagram and waits for nothing. */
  send(bytes: Uint8Array): void {
    this.#probe.send(this.target, bytes)
  }

  /** Writes bytes on a connection as they are. */
  async stream(bytes: Uint8Array, manner: Manner['manner']): Promise<Verdict> {
    const { received, end } = await converse(this.target, bytes, { manner, deadlineMs: this.group.streamTimeoutMs })
    return { ...(await this.verdict()), stream: [...this.#reply(received), end] }
  }

  /** A message that is whole and right, wrapped as the group's configuration wants it. */
  proper(plaintext: Uint8Array): Promise<Verdict> {
    return this.packet(properPacket(this.group, plaintext))
  }

  /** What happened since the last verdict, once the peer is quiet. */
  async verdict(): Promise<Verdict> {
    await this.#pinged()
    // Go puts claims and user messages on a queue that is emptied newest first: behind the second echo nothing is left.
    await this.#echoed()
    await this.#echoed()
    for (let round = 0; round < MAX_DRAIN; round++) if (await this.#pinged()) break
    const before = this.#members
    this.#members = await this.dump()
    const verdict: Verdict = {
      replies: this.#replies.sort(),
      spread: [...this.#spread].sort(),
      told: this.#told.sort(),
      members: changes(before, this.#members),
    }
    this.#replies = []
    this.#spread = new Set()
    this.#told = []
    return verdict
  }

  /** Names and records of everybody the peer knows, from a push/pull. */
  async dump(): Promise<ReadonlyMap<string, string>> {
    const request = properStream(this.group, pushPull([]))
    const { received } = await converse(this.target, request, { manner: 'finish', deadlineMs: HANG_MS })
    const { message } = readReply(received, this.group)
    if (message?.type !== 'push-pull') throw new TargetGone(this.target, 'its full state')
    return new Map(Array.from(message.nodes, (node) => [named(node.name), describeEntry(node, this.ports)]))
  }

  /** Records as of the last verdict. */
  get members(): ReadonlyMap<string, string> {
    return this.#members
  }

  async close(): Promise<void> {
    this.#probe.forget(this.target)
    await this.target.close()
  }

  /** Resolves with whether the ack came without company. */
  #pinged(): Promise<boolean> {
    const seqNo = this.#nextSentinel++
    this.#probe.send(this.target, properPacket(this.group, ping(seqNo)))
    return this.#within('an ack', (resolve) => this.#acks.set(seqNo, resolve))
  }

  #echoed(): Promise<void> {
    const payload = `sentinel ${this.#nextSentinel++}`
    this.#probe.send(this.target, properPacket(this.group, user(payload)))
    return this.#within('a user message', (resolve) =>
      this.#echoes.set(payloadText(Buffer.from(payload)), () => resolve()),
    )
  }

  #within<T>(what: string, begin: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new TargetGone(this.target, what)), HANG_MS)
      begin((value) => {
        clearTimeout(timer)
        resolve(value)
      })
    })
  }

  #datagram(datagram: Uint8Array): void {
    const { note, messages } = readPacket(datagram, this.group)
    for (const message of messages) {
      const sentinel = message.type === 'ack' ? this.#acks.get(message.seqNo) : undefined
      if (message.type === 'ack' && sentinel) {
        this.#acks.delete(message.seqNo)
        sentinel(messages.length === 1)
        if (note === '') continue
      }
      if (message.type === 'ping' && this.answersPings) this.send(properPacket(this.group, ack(message.seqNo)))
      const said = `${note === '' ? '' : `(${note}) `}${describe(message, this.ports)}`
      if (message.type === 'alive' || message.type === 'suspect' || message.type === 'dead') this.#spread.add(said)
      else this.#replies.push(said)
    }
    if (messages.length === 0) this.#replies.push(note)
  }

  #tell(told: Told): void {
    if (told.kind === 'message' && told.payload.startsWith(SENTINEL_TEXT)) {
      const echo = this.#echoes.get(told.payload)
      this.#echoes.delete(told.payload)
      return echo?.()
    }
    if (told.kind === 'message') this.#told.push(`delivers ${told.payload}`)
    else if (told.kind === 'remote-state')
      this.#told.push(`merges state ${told.payload}${told.join ? ' of a join' : ''}`)
    else this.#told.push(`tells ${told.kind} of ${named(asTold(told.name))}`)
  }

  #reply(received: Uint8Array): string[] {
    const { note, message } = readReply(received, this.group)
    const prefix = note === '' ? '' : `(${note}) `
    if (!message) return note === '' ? [] : [note]
    switch (message.type) {
      case 'error':
        return [`${prefix}err`]
      case 'push-pull':
        return [`${prefix}full state${message.join ? ' of a join' : ''}`]
      default:
        return [`${prefix}${describe(message as never, this.ports)}`]
    }
  }
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names.flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)]
    if (was === is) return []
    return [was === undefined ? `knows ${name} ${is}` : `${name} ${was} → ${is ?? 'forgotten'}`]
  })
}
