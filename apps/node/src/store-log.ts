/** What a node's log says of pairs that its store did not take: a line for each reason and codec, at most one a minute. */
import type { KvImplausible, KvRejection, KvStore } from '@hearsay/kv'
import type { Logger } from '@hearsay/membership'

/** Between two lines about the same. */
export const LOG_PAUSE_MS = 60_000
/** Reasons and codecs that are told apart; further ones share a line. */
export const MAX_LOGGED_KINDS = 64

interface Kind {
  saidAtMs: number
  unsaid: number
}

/** Logs what a store refuses. */
export class StoreLog {
  readonly #logger: Logger
  readonly #nowMs: () => number
  readonly #kinds = new Map<string, Kind>()

  constructor(store: Pick<KvStore, 'on'>, logger: Logger, nowMs: () => number = () => performance.now()) {
    this.#logger = logger
    this.#nowMs = nowMs
    store.on('rejected', (rejection) => this.#rejected(rejection))
    store.on('implausible', (found) => this.#implausible(found))
  }

  #rejected({ key, codecId, channel, outcome, cause }: KvRejection): void {
    const why = cause === undefined ? {} : { error: cause instanceof Error ? cause.message : String(cause) }
    this.#say(`${outcome} ${codecId}`, 'a value of a peer was not taken', {
      reason: outcome,
      key,
      codec: codecId,
      channel,
      ...why,
    })
  }

  #implausible({ key, codecId, entries }: KvImplausible): void {
    const [first] = entries
    if (first === undefined) return
    const { name, writer, timestampMs } = first
    const time = Number.isFinite(new Date(timestampMs).getTime()) ? new Date(timestampMs).toISOString() : timestampMs
    this.#say(`implausible ${codecId}`, 'a value of a peer is dated in the far future: is its clock wrong?', {
      key,
      entry: name,
      writer,
      time,
      entries: entries.length,
    })
  }

  #say(kind: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const known = this.#kinds.has(kind) || this.#kinds.size < MAX_LOGGED_KINDS ? kind : ''
    const now = this.#nowMs()
    const last = this.#kinds.get(known)
    if (last && now - last.saidAtMs < LOG_PAUSE_MS) {
      last.unsaid++
      return
    }
    this.#logger.warn(message, { ...fields, ...(last?.unsaid ? { alsoSinceThen: last.unsaid } : {}) })
    this.#kinds.set(known, { saidAtMs: now, unsaid: 0 })
  }
}
