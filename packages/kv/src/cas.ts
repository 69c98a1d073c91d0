import type { ValueType } from './contract.ts'
import type { Counters } from './counters.ts'
import type { Entry } from './entry.ts'
import { KvError } from './errors.ts'
import type { KvOutcome } from './input.ts'
import { type KvSystem, sleep } from './system.ts'

/** Attempts of one compare-and-set, as in the original (kv spec 3.5). */
export const DEFAULT_CAS_ATTEMPTS = 10

/** The wait after an attempt without change: ring timestamps are seconds, so a second write within one may be none (kv spec 3.5). */
export const DEFAULT_NO_CHANGE_RETRY_MS = 1000

/** How a compare-and-set goes about it. */
export interface CasOptions {
  /** Attempts in all. Default {@link DEFAULT_CAS_ATTEMPTS}; 1: no retry. */
  readonly attempts?: number
  /** Write only over exactly this version; 0: only if the key does not exist. Fails with PRECONDITION_FAILED, without a retry. */
  readonly expectVersion?: number
  /** Wait so long after an attempt that changed nothing, then try again. 0: at once. Default 1000 ms. */
  readonly noChangeRetryMs?: number
  /** Ends the waits and keeps further attempts from starting; rejects with its reason. */
  readonly signal?: AbortSignal
}

/** What a write came to. */
export interface UpdateResult {
  /** False: the store knew all of it already, or the caller left it as it is. */
  readonly changed: boolean
  /** The stored version; 0 if there is no such key. */
  readonly version: number
  /** Attempts made. */
  readonly attempts: number
  /** Only what differs from before, a state of the key's type: for `whenPropagated`. `undefined` when nothing does. */
  readonly change: unknown
}

/** Makes the wanted value of the current one; `undefined` or `null` leaves it. May be called several times. */
export type Decide<State> = (current: State | undefined) => State | undefined | null | Promise<State | undefined | null>

/** What the loop needs of a store. */
export interface CasPort {
  readonly system: KvSystem
  readonly counters: Counters
  /** Aborts when the store is closed. */
  readonly closing: AbortSignal
  /** Throws STOPPED once the store is closed. */
  entry(key: string): Entry | undefined
  write(
    mode: 'merge' | 'replace',
    key: string,
    codecId: string,
    state: unknown,
    expectedVersion: number,
  ): { readonly outcome: KvOutcome; readonly version: number; readonly cause?: unknown; readonly change?: unknown }
}

/** What {@link compareAndSet} is asked for. */
export interface CasRequest<State> extends CasOptions {
  readonly key: string
  readonly type: ValueType<State>
  readonly decide: Decide<State>
  /** What an attempt without change means: an answer, or a reason to wait and try again (kv spec 3.5 step 7). */
  readonly onNoChange: 'resolve' | 'retry'
}

/**
 * Reads, decides, and writes if nobody wrote in between (kv spec 3.5). A `decide` that answers at once, without a
 * promise, cannot be interleaved.
 */
export async function compareAndSet<State>(port: CasPort, request: CasRequest<State>): Promise<UpdateResult> {
  try {
    const result = await attempts(port, request)
    if (result.changed) port.counters.casSuccesses++
    return result
  } catch (error) {
    port.counters.casFailures++
    throw error
  }
}

async function attempts<State>(port: CasPort, request: CasRequest<State>): Promise<UpdateResult> {
  const { key, type, decide, expectVersion, signal, onNoChange } = request
  const max = request.attempts ?? DEFAULT_CAS_ATTEMPTS
  let last: 'unchanged' | 'version-mismatch' = 'version-mismatch'
  for (let attempt = 1; attempt <= max; attempt++) {
    if (attempt > 1 && last === 'unchanged')
      await sleep(
        port.system,
        request.noChangeRetryMs ?? DEFAULT_NO_CHANGE_RETRY_MS,
        signal ? [signal, port.closing] : [port.closing],
      )
    signal?.throwIfAborted()
    port.counters.casAttempts++
    const read = port.entry(key)
    demandVersion(key, read, expectVersion)
    demandType(key, read, type)

    const decided = decide(read?.visible as State | undefined)
    const next = decided instanceof Promise ? await decided : decided
    const version = read?.version ?? 0
    if (next === undefined || next === null) return { changed: false, version, attempts: attempt, change: undefined }

    demandVersion(key, port.entry(key), expectVersion)
    // Without a stored value there is nothing to compare with: two creators simply merge.
    const result = port.write(version > 0 ? 'replace' : 'merge', key, type.codecId, next, version)
    if (result.outcome === 'stored' || result.outcome === 'shrunk')
      return { changed: true, version: result.version, attempts: attempt, change: result.change }
    if (result.outcome === 'unchanged' && onNoChange === 'resolve')
      return { changed: false, version: result.version, attempts: attempt, change: undefined }
    if (result.outcome !== 'unchanged' && result.outcome !== 'version-mismatch')
      throw writeError(key, type.codecId, result.outcome, result.cause)
    last = result.outcome
  }
  throw last === 'unchanged'
    ? new KvError('CAS_NO_CHANGE', `${quote(key)}: the new value changes nothing, after ${max} attempt(s)`)
    : new KvError('CAS_EXHAUSTED', `${quote(key)}: another writer was faster in each of ${max} attempt(s)`)
}

function demandVersion(key: string, entry: Entry | undefined, expectVersion: number | undefined): void {
  const version = entry?.version ?? 0
  if (expectVersion !== undefined && version !== expectVersion)
    throw new KvError(
      'PRECONDITION_FAILED',
      `${quote(key)}: version ${version} is stored, ${expectVersion} was expected`,
    )
}

/** Throws CODEC_MISMATCH when an entry is of another type. */
export function demandType(key: string, entry: Entry | undefined, type: { readonly codecId: string }): void {
  if (entry !== undefined && entry.type.codecId !== type.codecId)
    throw new KvError('CODEC_MISMATCH', `${quote(key)}: holds a ${entry.type.codecId}, not a ${type.codecId}`)
}

/** A `decide` whose errors are of class KvError: CAS_FAILED, with what was thrown as the cause. */
export function failing<State>(key: string, decide: Decide<State>): Decide<State> {
  const fail = (cause: unknown): never => {
    throw new KvError('CAS_FAILED', `${quote(key)}: the function that makes the new value threw`, { cause })
  }
  return (current) => {
    try {
      const decided = decide(current)
      return decided instanceof Promise ? decided.catch(fail) : decided
    } catch (cause) {
      return fail(cause)
    }
  }
}

/** The error for a local edit that the store refused. */
export function writeError(key: string, codecId: string, outcome: KvOutcome, cause: unknown): KvError {
  switch (outcome) {
    case 'empty-key':
      return new KvError('KEY_EMPTY', 'a key is a text of at least one character')
    case 'unknown-codec':
      return new KvError('CODEC_UNKNOWN', `${quote(key)}: no value type ${quote(codecId)} was declared`)
    case 'type-mismatch':
      return new KvError('CODEC_MISMATCH', `${quote(key)}: holds a value of another type than ${codecId}`)
    case 'store-full':
      return new KvError('STORE_FULL', `${quote(key)}: the store holds its maximum of keys`)
    default:
      return new KvError('VALUE_INVALID', `${quote(key)}: not a value that can be merged and encoded as ${codecId}`, {
        cause,
      })
  }
}

const quote = (text: string): string => JSON.stringify(text)
