/**
 * Who else has a value, by proof: a member's own state, or a change that it passes on, which it does only when it has merged
 * it. Nothing is asked by a message of its own, so members of any implementation count. What is heard through others
 * proves nothing.
 */
import type { AnyValueType, UnixMs } from './contract.ts'
import type { KvHost } from './delegate.ts'
import { KvError } from './errors.ts'
import type { Disarm, KvSystem } from './system.ts'

/** How often a wait looks whether members are gone, and asks one that has not proven anything for its state. */
export const PROOF_ROUND_MS = 250
/** Rounds before anybody is asked: what is passed on proves it for nothing. */
const PATIENT_ROUNDS = 2

/** How to wait until a value has got around. */
export interface PropagationOptions {
  /**
   * Share of the other members that must be proven to have it, above 0 up to 1. Default 1. A member that does not know the
   * value's codec, as dskit's do not know our own, can never prove it, and counts all the same.
   */
  readonly fraction?: number
  /** Wait for this part of the value only: the `change` of an update. Default: all that the key holds now. */
  readonly change?: unknown
  /** Exchange states with members that have not proven it. Default true; false waits for what comes by itself. */
  readonly exchange?: boolean
  /** Ends the wait: rejects with NOT_PROPAGATED, which says what was reached. */
  readonly signal?: AbortSignal
}

/** How far a value has got. */
export interface Propagation {
  /**
   * Members that are proven to have it, or something newer in its place. Of a deleted key, also those that do not have the key:
   * one that never had it may still be told of it by a member that has not heard of the deletion, and then of that.
   */
  readonly proven: readonly string[]
  /** The others that are alive or suspect, as far as this one knows. */
  readonly unproven: readonly string[]
}

/** Something a member said of its own. */
export interface Testimony {
  readonly member: string
  readonly key: string
  readonly type: AnyValueType
  readonly state: unknown
  /** All that the member has of the key, not a mere change. */
  readonly isWhole: boolean
  readonly deletedAt: UnixMs | undefined
}

/** What must be found with others. */
export interface Subject {
  readonly key: string
  readonly type: AnyValueType
  readonly state: unknown
  /** When the key was deleted, if it is. */
  readonly deletedAt: UnixMs | undefined
}

interface Wait {
  readonly subject: Subject
  readonly fraction: number
  readonly asks: boolean
  readonly proven: Set<string>
  /** What members have said piece by piece. */
  readonly heard: Map<string, unknown>
  rounds: number
  /** Where asking goes on. */
  turn: number
  readonly end: (settle: () => void) => void
  /** Rejects with what was reached. */
  readonly abort: (cause: unknown) => void
  readonly resolve: (reached: Propagation) => void
}

/** Waits for proof. */
export class Propagations {
  readonly #system: KvSystem
  readonly #waits = new Set<Wait>()
  #host: KvHost | undefined
  #disarm: Disarm | undefined

  constructor(system: KvSystem) {
    this.#system = system
  }

  /** From now on there are others. */
  attach(host: KvHost): void {
    this.#host = host
  }

  /** Waits under way. */
  get size(): number {
    return this.#waits.size
  }

  /** Resolves when so many have proven it; alone, at once. Rejects: NO_HOST, NOT_PROPAGATED. */
  async wait(subject: Subject, { fraction = 1, exchange = true, signal }: PropagationOptions): Promise<Propagation> {
    if (!(fraction > 0 && fraction <= 1))
      throw new KvError('OPTION_INVALID', `fraction: a number above 0, up to 1, is needed, not ${fraction}`)
    if (this.#host?.memberNames === undefined)
      throw new KvError('NO_HOST', 'the store rides on no membership that says who is there')
    return new Promise((resolve, reject) => {
      const abort = (cause: unknown): void => {
        const reached = this.#reached(wait)
        const { proven, unproven } = reached
        const text = `${JSON.stringify(subject.key)}: proven by ${proven.length} of ${proven.length + unproven.length} members`
        wait.end(() => reject(new KvError('NOT_PROPAGATED', text, { cause, reached })))
      }
      const onAbort = (): void => abort(signal?.reason)
      const wait: Wait = {
        subject,
        fraction,
        asks: exchange,
        proven: new Set(),
        heard: new Map(),
        rounds: 0,
        turn: 0,
        resolve,
        end: (settle) => {
          this.#waits.delete(wait)
          signal?.removeEventListener('abort', onAbort)
          settle()
        },
        abort,
      }
      signal?.addEventListener('abort', onAbort)
      this.#waits.add(wait)
      if (signal?.aborted) return onAbort()
      if (!this.#settle(wait)) this.#arm()
    })
  }

  /** Whether anybody waits for word of a key. */
  concerns(key: string): boolean {
    for (const { subject } of this.#waits) if (subject.key === key) return true
    return false
  }

  /** A member said something of its own. */
  hear(testimony: Testimony): void {
    for (const wait of [...this.#waits]) {
      const { key, type } = wait.subject
      if (key !== testimony.key || type !== testimony.type || wait.proven.has(testimony.member)) continue
      if (proves(wait, testimony, this.#system.wallNow())) this.#prove(wait, testimony.member)
    }
  }

  /** A member's whole state has these keys and no others: whoever does not have a deleted key has deleted it. */
  hearKeys(member: string, keys: ReadonlySet<string>): void {
    for (const wait of [...this.#waits])
      if (wait.subject.deletedAt !== undefined && !keys.has(wait.subject.key)) this.#prove(wait, member)
  }

  /** Nobody waits any more: whoever does is told why. Not by a signal of each wait, of which Node warns when there are many. */
  close(cause: unknown): void {
    for (const wait of [...this.#waits]) wait.abort(cause)
    this.#disarm?.()
    this.#disarm = undefined
  }

  #prove(wait: Wait, member: string): void {
    wait.proven.add(member)
    wait.heard.delete(member)
    this.#settle(wait)
  }

  #reached({ proven }: Wait): Propagation {
    const names = this.#host?.memberNames?.() ?? []
    return { proven: names.filter((name) => proven.has(name)), unproven: names.filter((name) => !proven.has(name)) }
  }

  /** True if it is enough. Members that came meanwhile count, those that are gone do not. */
  #settle(wait: Wait): boolean {
    const reached = this.#reached(wait)
    const { proven, unproven } = reached
    if (proven.length < wait.fraction * (proven.length + unproven.length)) return false
    wait.end(() => wait.resolve(reached))
    return true
  }

  #arm(): void {
    this.#disarm ??= this.#system.arm(PROOF_ROUND_MS, () => this.#round(), true)
  }

  #round(): void {
    this.#disarm = undefined
    const asked = new Set<string>()
    for (const wait of [...this.#waits]) {
      if (this.#settle(wait)) continue
      if (wait.asks && ++wait.rounds > PATIENT_ROUNDS) {
        const { unproven } = this.#reached(wait)
        const member = unproven[wait.turn++ % unproven.length]
        if (member !== undefined) asked.add(member)
      }
    }
    for (const member of asked) this.#host?.exchangeWith?.(member)
    if (this.#waits.size > 0) this.#arm()
  }
}

/** Whether what a member has said, all of it together, has everything that is waited for, or newer. */
function proves(wait: Wait, { member, state, isWhole, deletedAt }: Testimony, wallNow: UnixMs): boolean {
  const { subject, heard } = wait
  const { type } = subject
  if (subject.deletedAt !== undefined && (deletedAt === undefined || deletedAt < subject.deletedAt)) return false
  try {
    const before = heard.get(member)
    const known = isWhole || before === undefined ? state : type.merge(before, state, wallNow).state
    if (type.merge(known, subject.state, wallNow).change === undefined) return true
    heard.set(member, known)
  } catch {
    // A type that cannot merge has no proof.
  }
  return false
}
