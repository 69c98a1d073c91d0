/** How often each fault really happened: what members and packets went through, not what was planned. */
import type { Effect, Input } from '@hearsay/membership'
import type { Part } from '@hearsay/wire'
import type { SimNode } from '../node.ts'
import type { LifecycleStep, Observer, PacketFate, StreamFate } from '../observer.ts'

/** What is counted, and as what it is reported. */
export const faultLabels = [
  'packet lost',
  'packet duplicated',
  'packet overtaken',
  'packet late by 100 ms or more',
  'packet cut',
  'packet to nobody',
  'stream cut',
  'stream refused',
  'stream stalled',
  'stream failed',
  'event loop stalled',
  'lag reported',
  'clock off',
  'crash',
  'restart, lower incarnation',
  'restart, same incarnation',
  'restart, higher incarnation',
  'restart, other address',
  'newcomer',
  'metadata updated',
  'left',
  'stopped after leaving',
  'rejoined after leaving',
  'broadcast queued',
  'false claim heard',
  'own claim refuted',
  'suspected',
  'suspicion refuted',
  'declared dead',
  'forgotten',
  'conflict',
  'ping of the application',
  'message of the application',
] as const

/** One of them. */
export type FaultLabel = (typeof faultLabels)[number]

const LATE_MS = 100

/** Counts. */
export class FaultCounts implements Observer {
  readonly counts = new Map<FaultLabel, number>(faultLabels.map((label) => [label, 0]))
  readonly #flights = new WeakMap<readonly Part[], { readonly atMs: number; readonly order: number }>()
  readonly #arrived = new Map<string, number>()
  readonly #incarnations = new Map<SimNode, { incarnation: number; endpoint: string }>()
  readonly #oddClocks = new Map<SimNode, number>()
  readonly #refutations = new WeakMap<object, number>()
  #order = 0

  packet(from: SimNode, to: SimNode | undefined, fate: PacketFate, parts: readonly Part[], now: number): void {
    switch (fate) {
      case 'sent':
        this.#flights.set(parts, { atMs: now, order: ++this.#order })
        return
      case 'delivered':
        return this.#delivered(from, to, parts, now)
      case 'lost':
        return this.#count('packet lost')
      case 'cut':
        return this.#count('packet cut')
      case 'duplicated':
        return this.#count('packet duplicated')
      case 'nobody':
        return this.#count('packet to nobody')
    }
  }

  stream(_from: SimNode, _to: SimNode | undefined, fate: StreamFate): void {
    if (fate === 'cut' || fate === 'refused' || fate === 'stalled' || fate === 'failed') this.#count(`stream ${fate}`)
  }

  lifecycle(node: SimNode, what: LifecycleStep): void {
    if (what === 'crash') {
      this.#count('crash')
      this.#incarnations.set(node, { incarnation: node.machine.self.incarnation, endpoint: node.endpoint })
    }
    if (what === 'stall') this.#count('event loop stalled')
    if (what === 'leave') this.#count('left')
    if (what === 'retire') this.#count('stopped after leaving')
    if (what === 'restart') this.#restarted(node)
  }

  beforeInput(node: SimNode, input: Input): void {
    const label = ofInput(input)
    if (label) this.#count(label)
    if (node.clockRate !== 1 && this.#oddClocks.get(node) !== node.clockRate) this.#count('clock off')
    if (node.clockRate !== 1 || this.#oddClocks.size > 0) this.#oddClocks.set(node, node.clockRate)
  }

  afterInput(node: SimNode, input: Input, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind !== 'event') continue
      const { type, member } = effect.event
      if (type === 'suspect') this.#count('suspected')
      if (type === 'alive') this.#count('suspicion refuted')
      if (type === 'fail') this.#count('declared dead')
      if (type === 'reap') this.#count('forgotten')
      if (type === 'conflict') this.#count('conflict')
      if (type === 'join' && member.name === node.name && input.kind === 'start' && node.life === 0)
        this.#count('newcomer')
    }
    if (input.kind === 'packet' || input.kind === 'stream-request' || input.kind === 'stream-reply')
      this.#noteRefutation(node)
  }

  /** Counts what cannot be observed: that a claim was false. */
  add(label: FaultLabel, by: number): void {
    this.#count(label, by)
  }

  #noteRefutation(node: SimNode): void {
    const { refutations } = node.machine.counts()
    const before = this.#refutations.get(node.machine) ?? 0
    if (refutations === before) return
    this.#refutations.set(node.machine, refutations)
    this.#count('own claim refuted', refutations - before)
  }

  #delivered(from: SimNode, to: SimNode | undefined, parts: readonly Part[], now: number): void {
    const flight = this.#flights.get(parts)
    if (!flight || !to) return
    if (now - flight.atMs >= LATE_MS) this.#count('packet late by 100 ms or more')
    const way = `${from.index}>${to.index}`
    const last = this.#arrived.get(way) ?? 0
    if (flight.order < last) this.#count('packet overtaken')
    else this.#arrived.set(way, flight.order)
  }

  #restarted(node: SimNode): void {
    const before = this.#incarnations.get(node)
    if (!before) return
    const { incarnation } = node.machine.self
    if (incarnation < before.incarnation) this.#count('restart, lower incarnation')
    if (incarnation === before.incarnation) this.#count('restart, same incarnation')
    if (incarnation > before.incarnation) this.#count('restart, higher incarnation')
    if (node.endpoint !== before.endpoint) this.#count('restart, other address')
  }

  #count(label: FaultLabel, by = 1): void {
    this.counts.set(label, (this.counts.get(label) ?? 0) + by)
  }
}

function ofInput(input: Input): FaultLabel | undefined {
  switch (input.kind) {
    case 'lag':
      return 'lag reported'
    case 'update-meta':
      return 'metadata updated'
    case 'rejoin':
      return 'rejoined after leaving'
    case 'broadcast':
      return 'broadcast queued'
    case 'ping':
      return 'ping of the application'
    case 'send':
      return 'message of the application'
    default:
      return undefined
  }
}
