/** Calls of the application that the machine answers: each becomes one request, and its outcome a result or an error with a code. */
import { MAX_STREAM_USER_BYTES } from '@hearsay/wire'
import { bytes, duration } from './call-arguments.ts'
import { MemberlistError } from './errors.ts'
import type { Input, Outcome, RequestId, SeedOutcome } from './input.ts'
import { expectOutcome, type SpreadResult } from './outcome.ts'
import { Requests } from './requests.ts'

type Signal = AbortSignal | undefined

/** Calls under way. */
export class Calls {
  readonly #requests = new Requests()
  readonly #input: (input: Input) => void

  constructor(input: (input: Input) => void) {
    this.#input = input
  }

  async join(address: string, signal: Signal): Promise<SeedOutcome> {
    const outcome = await this.#ask((request) => ({ kind: 'join', request, addresses: [address] }), signal)
    return expectOutcome(outcome, 'join').seeds[0]!
  }

  async send(to: string, payload: Uint8Array, reliable: boolean, signal: Signal): Promise<void> {
    bytes(payload, 'payload')
    // Peers drop the one and refuse the other without a word (wire spec 3.6, S21 and S23).
    if (reliable && payload.length === 0) throw new MemberlistError('EMPTY', 'an empty message is not delivered')
    if (reliable && payload.length > MAX_STREAM_USER_BYTES)
      throw new MemberlistError('TOO_LARGE', `${payload.length} bytes; at most ${MAX_STREAM_USER_BYTES} are taken`)
    const own = payload.slice()
    const asked = this.#ask((request) => ({ kind: 'send', request, to, payload: own, reliable }), signal)
    const outcome = expectOutcome(await asked, 'send')
    if (outcome.result === 'sent') return
    const codes = { 'unknown-member': 'UNKNOWN_MEMBER', 'too-large': 'TOO_LARGE', failed: 'SEND_FAILED' } as const
    throw new MemberlistError(codes[outcome.result], outcome.reason ?? `sending to ${to} failed`)
  }

  /** The round trip, in milliseconds. */
  async ping(node: string, address: string, signal: Signal): Promise<number> {
    const asked = this.#ask((request) => ({ kind: 'ping', request, node, address }), signal)
    const outcome = expectOutcome(await asked, 'ping')
    if (outcome.result !== 'answered') throw new MemberlistError('NO_ANSWER', `${node} did not answer`)
    return outcome.rttMs ?? 0
  }

  async updateMeta(meta: Uint8Array, timeoutMs: number, signal: Signal): Promise<SpreadResult> {
    duration(timeoutMs, 'timeoutMs')
    const asked = this.#ask((request) => ({ kind: 'update-meta', request, meta, timeoutMs }), signal)
    return expectOutcome(await asked, 'update-meta').result
  }

  async leave(timeoutMs: number): Promise<SpreadResult> {
    const asked = this.#ask((request) => ({ kind: 'leave', request, timeoutMs }), undefined)
    return expectOutcome(await asked, 'leave').result
  }

  async rejoin(signal: Signal): Promise<void> {
    const outcome = expectOutcome(await this.#ask((request) => ({ kind: 'rejoin', request }), signal), 'rejoin')
    if (outcome.result === 'not-left') throw new MemberlistError('NOT_LEFT', 'this member has not left')
  }

  /** The machine's answer to one of them. */
  settle(request: RequestId, outcome: Outcome): void {
    this.#requests.settle(request, outcome)
  }

  /** One of them came to nothing, if the input is one. */
  fail(input: Input, error: Error): void {
    if ('request' in input) this.#requests.fail(input.request, error)
  }

  /** None of them will be answered any more. */
  end(error: Error): void {
    this.#requests.rejectAll(error)
  }

  #ask(make: (request: RequestId) => Input, signal: Signal): Promise<Outcome> {
    return this.#requests.make((request) => this.#input(make(request)), signal)
  }
}
