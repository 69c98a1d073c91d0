/**
 * What rides on one process of a member: delegates, called when and as `Memberlist` calls them. Only what they throw is
 * not survived: it ends the run, since a test is to see it.
 */
import type { Delegate, DelegateHost, Effect, MachineHooks, Member, MergeRequest } from '@hearsay/membership'
import type { Life } from './life.ts'

type MergeAsk = Extract<Effect, { readonly kind: 'merge-ask' }>

const noBytes = new Uint8Array(0)

/** The delegates of one life. */
export class Riders {
  readonly #delegates: readonly Delegate[]
  readonly #life: Life
  readonly #mergeTimeoutMs: number

  /** `mergeTimeoutMs`: how long a delegate may take to say whether it merges; longer is a veto. */
  constructor(delegates: readonly Delegate[], life: Life, mergeTimeoutMs: number) {
    this.#delegates = delegates
    this.#life = life
    this.#mergeTimeoutMs = mergeTimeoutMs
  }

  /** What the machine asks them while it handles an input. */
  get hooks(): MachineHooks {
    return {
      ...(this.#has('alive') && { alive: (member: Member) => this.#believes(member) }),
      ...(this.#has('pingPayload') && { ackPayload: () => this.#first((each) => each.pingPayload?.()) }),
      ...(this.#has('onPing') && { tellsPings: true }),
      ...(this.#has('merge') && { asksBeforeMerge: true }),
    }
  }

  /** Hands them their host: once, before the process starts. */
  attach(): void {
    const life = this.#life
    const host: DelegateHost = {
      broadcast: (item) => life.turn.input({ kind: 'broadcast', item }),
      memberCount: () => life.machine.memberCount(),
      memberNames: () => life.machine.peerNames(),
      exchangeWith: (node) => life.turn.input({ kind: 'exchange', node }),
      requestPushPull: (count) => life.turn.input({ kind: 'push-pull', count }),
    }
    for (const delegate of this.#delegates) delegate.attach?.(host)
  }

  /** The state of the first that has one. */
  localState(join: boolean): Uint8Array {
    return this.#first((delegate) => delegate.localState?.(join))
  }

  /** The metadata of the first that has any; `undefined` when none has. */
  meta(): Uint8Array | undefined {
    const meta = this.#first((delegate) => delegate.meta?.())
    return meta.length > 0 ? meta : undefined
  }

  /** Tells them what concerns them. */
  perform(effect: Effect): void {
    switch (effect.kind) {
      case 'user-message':
        return this.#each((delegate) => delegate.onMessage?.(effect.payload, effect.source))
      case 'remote-state':
        return this.#each((delegate) => delegate.mergeRemoteState?.(effect.state, effect.join, effect.source))
      case 'ping-complete':
        return this.#each((delegate) => delegate.onPing?.(effect.member, effect.rttMs, effect.payload.slice()))
      case 'event': {
        const { member, claimedBy } = effect.event
        if (claimedBy !== undefined) this.#each((delegate) => delegate.conflict?.(member, claimedBy))
        return
      }
      case 'merge-ask':
        return this.#ask(effect)
    }
  }

  #ask({ ask, members, from }: MergeAsk): void {
    const life = this.#life
    let isSettled = false
    const settle = (accept: boolean): void => {
      if (isSettled) return
      isSettled = true
      disarm()
      life.turn.input({ kind: 'merge-answer', ask, accept })
    }
    const disarm = life.after(this.#mergeTimeoutMs, () => settle(false))
    void this.#takes(members, { join: true, from }).then(settle)
  }

  async #takes(members: readonly Member[], request: MergeRequest): Promise<boolean> {
    for (const delegate of this.#delegates) if ((await delegate.merge?.(members, request)) === false) return false
    return true
  }

  #believes(member: Member): boolean {
    return this.#delegates.every((delegate) => delegate.alive?.(member) ?? true)
  }

  #has(hook: keyof Delegate): boolean {
    return this.#delegates.some((delegate) => delegate[hook] !== undefined)
  }

  #each(tell: (delegate: Delegate) => void): void {
    for (const delegate of this.#delegates) tell(delegate)
  }

  #first(ask: (delegate: Delegate) => Uint8Array | undefined): Uint8Array {
    for (const delegate of this.#delegates) {
      const answer = ask(delegate)
      if (answer && answer.length > 0) return answer
    }
    return noBytes
  }
}
