import type { KvMachineOptions, KvOutcome, LastWriterMapJson, PairChannel } from '../src/index.ts'
import {
  asUnixMs,
  decodeFullState,
  decodePair,
  type KvBroadcast,
  type KvEffect,
  type KvInput,
  KvMachine,
  lastWriterMap,
} from '../src/index.ts'

/** The map type of the tests, and states of it with chosen times. */
export const mapType = lastWriterMap<unknown>()

/** The wall clock when a test begins. */
export const START = 1_700_000_000_000

type Times = { readonly [name: string]: number | readonly [value: unknown, timestampMs: number] }

/** A state: `{ a: 5 }` is the value 'v' written at START + 5; `{ a: [x, 5] }` the value x; an x of `undefined` a tombstone. */
export function stateOf(times: Times) {
  const entries = Object.entries(times).map(([name, written]) => {
    const [value, at] = typeof written === 'number' ? ['v', written] : written
    const timestampMs = START + at
    return [name, value === undefined ? { deleted: true, timestampMs } : { value, timestampMs }] as const
  })
  return mapType.fromJson({ entries: Object.fromEntries(entries) })
}

/** How {@link contents} shows a tombstone. */
export const GONE = Symbol('tombstone')

/** What a state holds, tombstones included. */
export function contents(state: unknown): { [name: string]: unknown } {
  const json = mapType.toJson(state as never) as LastWriterMapJson
  return Object.fromEntries(
    Object.entries(json.entries).map(([name, entry]) => [name, entry.deleted ? GONE : entry.value]),
  )
}

/** One machine with clocks that stand still unless told otherwise, and everything it ever asked for. */
export class Peer {
  readonly machine: KvMachine
  now = 0
  readonly effects: KvEffect[] = []

  constructor(options: KvMachineOptions = {}, types: readonly unknown[] = [mapType]) {
    this.machine = new KvMachine(options)
    for (const type of types) this.handle({ kind: 'declare', type: type as typeof mapType })
    this.effects.length = 0
  }

  get wallNow() {
    return asUnixMs(START + this.now)
  }

  handle(input: KvInput): readonly KvEffect[] {
    const effects = this.machine.handle(input, this.now, this.wallNow)
    this.effects.push(...effects)
    return effects
  }

  /** A local edit; with a version it replaces. */
  write(key: string, state: unknown, expectedVersion = 0): KvOutcome {
    const mode = expectedVersion > 0 ? 'replace' : 'merge'
    return settled(this.handle({ kind: 'write', mode, key, codecId: mapType.codecId, state, expectedVersion }))
  }

  delete(key: string): KvOutcome {
    return settled(this.handle({ kind: 'delete', key }))
  }

  /** The bytes of one broadcast, as a driver would feed them. */
  receive(payload: Uint8Array, channel: PairChannel = 'broadcast'): KvOutcome {
    return received(this.handle({ kind: 'remote-pair', pair: decodePair(payload)!, channel }))
  }

  /** The bytes of a full state. */
  receiveState(state: Uint8Array): readonly KvOutcome[] {
    return decodeFullState(state).pairs.map((pair) =>
      received(this.handle({ kind: 'remote-pair', pair, channel: 'full-state' })),
    )
  }

  /** Moves both clocks and fires what falls due on the way. */
  advance(byMs: number): void {
    const until = this.now + byMs
    for (let next = this.machine.nextDeadline(); next && next.at <= until; next = this.machine.nextDeadline()) {
      this.now = next.at
      this.handle({ kind: 'deadline' })
    }
    this.now = until
  }

  /** Broadcasts asked for since the last call. */
  takeBroadcasts(): readonly KvBroadcast[] {
    const items = this.effects.flatMap((effect) => (effect.kind === 'broadcast' ? [effect.item] : []))
    this.effects.length = 0
    return items
  }

  /** Keys notified since the effects were last taken. */
  notified(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'notify' ? [effect.note.key] : []))
  }

  /** What readers see. */
  seen(key: string): { [name: string]: unknown } | undefined {
    const entry = this.machine.entry(key)
    return entry && contents(entry.visible)
  }
}

/** Carries every broadcast to every other peer until nobody has news. Returns what travelled. */
export function gossip(peers: readonly Peer[]): readonly KvBroadcast[] {
  const travelled: KvBroadcast[] = []
  for (let quiet = false; !quiet; ) {
    quiet = true
    for (const from of peers) {
      for (const item of from.takeBroadcasts()) {
        quiet = false
        travelled.push(item)
        for (const to of peers) if (to !== from) to.receive(item.payload)
      }
    }
  }
  return travelled
}

/** One push/pull: the responder answers before it merges (kv spec 1.4). */
export function pushPull(initiator: Peer, responder: Peer): void {
  const asked = initiator.machine.fullState()
  const answered = responder.machine.fullState()
  responder.receiveState(asked)
  initiator.receiveState(answered)
}

function settled(effects: readonly KvEffect[]): KvOutcome {
  const last = effects[effects.length - 1]
  if (last?.kind !== 'settled') throw new Error('an edit must be settled')
  return last.outcome
}

function received(effects: readonly KvEffect[]): KvOutcome {
  const last = effects[effects.length - 1]
  if (last?.kind !== 'received') throw new Error('a pair must be accounted for')
  return last.outcome
}
