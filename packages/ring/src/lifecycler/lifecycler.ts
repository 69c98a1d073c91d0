/**
 * Keeps one instance in one ring (ring spec 8.8): registers it, beats its heart, puts it back when somebody removed
 * it, replaces tokens it lost to others, and takes it out again. No timers, no clock, no store: inputs and times go
 * in, edits of the ring and the next deadline come out. At most one edit is under way at any time.
 */
import type { UnixMs } from '@hearsay/kv/contract'
import { RingError } from '../errors.ts'
import { type InstanceDesc, sameTokens } from '../instance-ring/instance-desc.ts'
import type { RingDesc } from '../instance-ring/model.ts'
import { InstanceState } from '../instance-ring/state.ts'
import type { TokenGenerator } from '../tokens/random-tokens.ts'
import { type Topology, topologyOf } from '../topology.ts'
import { liveEntry, type Remembered, type RingInstanceOptions, remember, writeEntry } from './own-entry.ts'

/** What a lifecycler may be told. Times in milliseconds. */
export interface LifecyclerOptions {
  readonly instance: RingInstanceOptions
  /** The state to register with, a number of `InstanceState`. */
  readonly state: number
  /** Tokens to hold. Those found in the ring under our name are kept, however many. */
  readonly tokenCount: number
  readonly generator: TokenGenerator
  /** Between heartbeats; 0: none. */
  readonly heartbeatPeriodMs: number
  /** Before it counts as joined the tokens must have stayed ours for so long. Default 0: at once. */
  readonly observePeriodMs?: number
  /** Tokens lost to another instance are replaced by new ones; in dskit they are gone for good. Default true. */
  readonly replaceLostTokens?: boolean
  /** LEAVING is shown for so long before the entry is removed. Default 0. */
  readonly finalSleepMs?: number
  /** Leave the entry, LEAVING, in the ring for the next start to take over. Default false. */
  readonly keepOnLeave?: boolean
}

/** Everything that can happen. */
export type LifecyclerInput =
  /** Once, first: register. */
  | { readonly kind: 'start' }
  /** Something is due. */
  | { readonly kind: 'deadline' }
  /** The edit was made, or changed nothing; `ring` is what the store holds now. */
  | { readonly kind: 'edited'; readonly ring: RingDesc }
  /** The store refused the edit. */
  | { readonly kind: 'edit-failed'; readonly cause: unknown }
  /** Another state from now on. */
  | { readonly kind: 'set-state'; readonly state: number }
  /** Show LEAVING, then go. */
  | { readonly kind: 'leave' }

/** Everything a lifecycler may ask for or report. */
export type LifecyclerEffect =
  /** Change the ring in the store by this function, which may be called several times; answer `edited` or `edit-failed`. */
  | { readonly kind: 'edit'; readonly edit: (ring: RingDesc) => RingDesc }
  /** The instance is in the ring and its tokens are its own. */
  | { readonly kind: 'joined' }
  /** It is gone, or stays as LEAVING. The last effect. */
  | { readonly kind: 'left' }
  /** It could not get in, or not out. The last effect. */
  | { readonly kind: 'failed'; readonly during: 'join' | 'leave'; readonly cause: unknown }
  /** A heartbeat was not taken; the next one will be tried. */
  | { readonly kind: 'heartbeat-failed'; readonly cause: unknown }
  /** Tokens went to another instance, or to none. */
  | { readonly kind: 'tokens-lost'; readonly count: number }

/** The next moment at which a lifecycler wants a `deadline` input. */
export interface LifecyclerDeadline {
  /** Monotonic milliseconds. */
  readonly at: number
  readonly reason: 'heartbeat' | 'observe' | 'retry' | 'final-sleep'
}

/** Attempts to get in, and to get out, before giving up: as many as dskit makes (ring spec 2.5). */
export const MAX_EDIT_ATTEMPTS = 10
/** Between two of them: a second later the clock has moved on, and what was older then may be newer now. */
export const RETRY_AFTER_MS = 1000

/** `retryAt`: the last attempt came to nothing. */
type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'registering'; readonly attempts: number; readonly retryAt?: number }
  | { readonly name: 'observing'; readonly until: number }
  | { readonly name: 'running' }
  | { readonly name: 'leaving'; readonly until?: number }
  | { readonly name: 'removing'; readonly attempts: number; readonly retryAt?: number }
  | { readonly name: 'gone' }

interface Turn {
  readonly now: number
  readonly wallNow: UnixMs
  readonly effects: LifecyclerEffect[]
}

/** See the file's comment. */
export class Lifecycler {
  readonly #options: LifecyclerOptions
  #phase: Phase = { name: 'idle' }
  #state: number
  #remembered: Remembered | undefined
  #isEditing = false
  /** Something wants to be written as soon as the edit under way is over. */
  #isDirty = false
  #heartbeatAt: number | undefined
  #topology: Topology | undefined

  /** See {@link LifecyclerOptions} for defaults. */
  constructor(options: LifecyclerOptions) {
    this.#options = options
    this.#state = options.state
  }

  /** How far it is. */
  get phase(): 'idle' | 'registering' | 'observing' | 'running' | 'leaving' | 'removing' | 'gone' {
    return this.#phase.name
  }

  /** The only door in. `now` is monotonic milliseconds, `wallNow` the wall clock. */
  handle(input: LifecyclerInput, now: number, wallNow: UnixMs): readonly LifecyclerEffect[] {
    const turn: Turn = { now, wallNow, effects: [] }
    if (this.#phase.name === 'gone') return turn.effects
    switch (input.kind) {
      case 'start':
        this.#phase = { name: 'registering', attempts: 1 }
        this.#edit(turn)
        break
      case 'deadline':
        this.#fire(turn)
        break
      case 'edited':
        this.#isEditing = false
        this.#learn(input.ring, turn)
        break
      case 'edit-failed':
        this.#isEditing = false
        this.#failed(input.cause, turn)
        break
      case 'set-state':
        this.#state = input.state
        this.#write(turn)
        break
      case 'leave':
        this.#leave(turn)
        break
    }
    return turn.effects
  }

  /** When to send a `deadline` input, and why. None while an edit is under way. */
  nextDeadline(): LifecyclerDeadline | undefined {
    if (this.#isEditing) return undefined
    const deadlines: LifecyclerDeadline[] = []
    const add = (at: number | undefined, reason: LifecyclerDeadline['reason']) => {
      if (at !== undefined) deadlines.push({ at, reason })
    }
    const phase = this.#phase
    if (phase.name === 'registering' || phase.name === 'removing') add(phase.retryAt, 'retry')
    if (phase.name === 'observing') add(phase.until, 'observe')
    if (phase.name === 'leaving') add(phase.until, 'final-sleep')
    if (this.#hasHeartbeat) add(this.#heartbeatAt, 'heartbeat')
    return deadlines.sort((a, b) => a.at - b.at)[0]
  }

  get #hasHeartbeat(): boolean {
    return ['observing', 'running', 'leaving'].includes(this.#phase.name)
  }

  /** Exactly one due timer. */
  #fire(turn: Turn): void {
    const deadline = this.nextDeadline()
    if (deadline === undefined || deadline.at > turn.now) return
    if (deadline.reason === 'final-sleep') this.#phase = { name: 'removing', attempts: 1 }
    this.#edit(turn)
  }

  #leave(turn: Turn): void {
    const { name } = this.#phase
    if (name === 'leaving' || name === 'removing') return
    if (name === 'idle') {
      this.#end({ kind: 'left' }, turn)
      return
    }
    this.#state = InstanceState.LEAVING
    // Nothing is registered yet, so there is nothing to show as LEAVING, unless the edit under way puts it there.
    this.#phase = name === 'registering' ? { name: 'removing', attempts: 1 } : { name: 'leaving' }
    this.#write(turn)
  }

  /** Writes now, or right after the edit under way. */
  #write(turn: Turn): void {
    if (this.#isEditing) this.#isDirty = true
    else if (this.#phase.name !== 'idle') this.#edit(turn)
  }

  /** One edit of the ring: the removal of our entry, or its newest version. */
  #edit(turn: Turn): void {
    this.#isEditing = true
    this.#isDirty = false
    const { wallNow, now } = turn
    const { instance, heartbeatPeriodMs } = this.#options
    this.#heartbeatAt = heartbeatPeriodMs > 0 ? now + heartbeatPeriodMs : undefined
    if (this.#phase.name === 'removing') {
      turn.effects.push({ kind: 'edit', edit: (ring) => ring.with([[instance.id, undefined]]) })
      return
    }
    // Losing to a tombstone from a clock ahead of ours, which we do not see, it takes ever larger steps to get past it.
    const aheadSeconds = this.#phase.name === 'registering' ? 2 ** (this.#phase.attempts - 1) - 1 : 0
    turn.effects.push({ kind: 'edit', edit: (ring) => this.#newest(ring, aheadSeconds, wallNow) })
  }

  #newest(ring: RingDesc, aheadSeconds: number, wallNow: UnixMs): RingDesc {
    const { instance, generator, heartbeatPeriodMs } = this.#options
    const held = this.#held(ring)
    const plan = {
      instance,
      state: this.#state,
      tokenCount: this.#wantedTokens(held),
      generator,
      held,
      aheadSeconds,
      // A second a heartbeat, and several heartbeats a second: that would run away from the clock.
      mayStay: heartbeatPeriodMs < 1000,
    }
    return writeEntry(ring, plan, this.#remembered, wallNow)
  }

  #wantedTokens(held: Uint32Array): number {
    const { tokenCount, replaceLostTokens = true } = this.#options
    const fillsUp = this.#phase.name === 'registering' || this.#phase.name === 'observing'
    const isLeaving = this.#phase.name === 'leaving'
    return fillsUp || (replaceLostTokens && !isLeaving) ? tokenCount : held.length
  }

  /** Our tokens as readers see them: without those that another instance won (ring spec 3 [F] 3). */
  #held(ring: RingDesc): Uint32Array {
    const { id } = this.#options.instance
    if (liveEntry(ring, id) === undefined) return this.#remembered?.tokens ?? new Uint32Array(0)
    const live = [...ring].filter(([, entry]) => !entry.isTombstone)
    this.#topology = topologyOf(live, this.#topology)
    return this.#topology.held[this.#topology.names.indexOf(id)]!
  }

  /** The store holds this now. */
  #learn(ring: RingDesc, turn: Turn): void {
    const entry = liveEntry(ring, this.#options.instance.id)
    const before = this.#remembered
    if (entry !== undefined) this.#remembered = remember(entry)
    switch (this.#phase.name) {
      case 'registering':
        if (entry === undefined || entry.state !== this.#state) this.#tryAgain(undefined, turn)
        else this.#observe(turn)
        break
      case 'observing':
        this.#reportLosses(before, entry, turn)
        // Anything lost, and replaced by now, has to be watched for a whole period again.
        if (before === undefined || entry === undefined || !sameTokens(before.tokens, entry.tokens)) this.#observe(turn)
        else if (turn.now >= this.#phase.until) this.#joined(turn)
        break
      case 'running':
        this.#reportLosses(before, entry, turn)
        break
      case 'leaving':
        if (!this.#isDirty) this.#shown(turn)
        break
      case 'removing':
        if (this.#isDirty) break
        if (entry === undefined) this.#end({ kind: 'left' }, turn)
        else this.#tryAgain(undefined, turn)
        break
    }
    if (this.#isDirty) this.#edit(turn)
  }

  #failed(cause: unknown, turn: Turn): void {
    switch (this.#phase.name) {
      case 'registering':
      case 'removing':
        // A wish that cannot be fulfilled does not become fulfillable by waiting.
        if (cause instanceof RingError) this.#giveUp(cause, turn)
        else if (!this.#isDirty) this.#tryAgain(cause, turn)
        break
      case 'leaving':
        turn.effects.push({ kind: 'heartbeat-failed', cause })
        if (!this.#isDirty) this.#shown(turn)
        break
      default:
        turn.effects.push({ kind: 'heartbeat-failed', cause })
    }
    if (this.#isDirty && this.#phase.name !== 'gone') this.#edit(turn)
  }

  /** Registered: the tokens have to stay ours for a while. */
  #observe(turn: Turn): void {
    const { observePeriodMs = 0 } = this.#options
    if (observePeriodMs <= 0 || this.#remembered?.tokens.length === 0) this.#joined(turn)
    else this.#phase = { name: 'observing', until: turn.now + observePeriodMs }
  }

  #joined(turn: Turn): void {
    this.#phase = { name: 'running' }
    turn.effects.push({ kind: 'joined' })
  }

  /** LEAVING is in the ring. */
  #shown(turn: Turn): void {
    if (this.#phase.name !== 'leaving') return
    const { finalSleepMs = 0, keepOnLeave = false } = this.#options
    // A heartbeat while waiting comes by here, too.
    if (this.#phase.until !== undefined) return
    if (keepOnLeave) this.#end({ kind: 'left' }, turn)
    else if (finalSleepMs > 0) this.#phase = { name: 'leaving', until: turn.now + finalSleepMs }
    else {
      this.#phase = { name: 'removing', attempts: 1 }
      this.#edit(turn)
    }
  }

  /** What was written lost to something newer, or was refused. */
  #tryAgain(cause: unknown, turn: Turn): void {
    const phase = this.#phase
    if (phase.name !== 'registering' && phase.name !== 'removing') return
    const attempts = phase.attempts + 1
    if (attempts > MAX_EDIT_ATTEMPTS) {
      this.#giveUp(cause, turn)
      return
    }
    // The first losses are mostly to our own tombstone of this second, or of the next when we came and went within
    // one: past it there is no need to wait.
    const delayMs = cause === undefined && attempts <= 3 ? 0 : RETRY_AFTER_MS
    this.#phase = { name: phase.name, attempts, retryAt: turn.now + delayMs }
  }

  #giveUp(cause: unknown, turn: Turn): void {
    this.#end({ kind: 'failed', during: this.#phase.name === 'registering' ? 'join' : 'leave', cause }, turn)
  }

  #end(effect: LifecyclerEffect, turn: Turn): void {
    this.#phase = { name: 'gone' }
    this.#isDirty = false
    turn.effects.push(effect)
  }

  #reportLosses(before: Remembered | undefined, entry: InstanceDesc | undefined, turn: Turn): void {
    if (before === undefined || entry === undefined || sameTokens(before.tokens, entry.tokens)) return
    const kept = new Set(entry.tokens)
    const count = before.tokens.reduce((lost, token) => lost + Number(!kept.has(token)), 0)
    if (count > 0) turn.effects.push({ kind: 'tokens-lost', count })
  }
}
