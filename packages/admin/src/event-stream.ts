/** Server-sent events: bounded in number, paced by their reader, kept alive by comments. */
import { ProblemError } from './problem.ts'
import type { AdminSystem } from './system.ts'

/** Streams open at once, over all resources. */
export const MAX_STREAMS = 64
/** A comment is sent this often, so that a dead connection is noticed and proxies keep a live one. */
export const HEARTBEAT_MS = 15_000

/** One event of a stream. */
export interface ServerEvent {
  readonly event: string
  readonly id?: string
  readonly data: unknown
}

/** The streams of one handler. */
export class EventStreams {
  readonly #system: AdminSystem
  readonly #open = new Set<AbortController>()
  #closed = false

  constructor(system: AdminSystem) {
    this.#system = system
  }

  /** Streams open now. */
  get size(): number {
    return this.#open.size
  }

  /**
   * A response that sends what `source` yields, until either side ends. The next event is taken only when the reader
   * has room for it. Throws a {@link ProblemError} beyond {@link MAX_STREAMS}.
   */
  respond(request: Request, source: (signal: AbortSignal) => AsyncIterable<ServerEvent>): Response {
    if (this.#closed) throw new ProblemError('not-started', 'the node is leaving')
    if (this.#open.size >= MAX_STREAMS)
      throw new ProblemError('too-many-streams', `${MAX_STREAMS} streams are open, and no more are served`)
    // Nobody would ever read the body of a HEAD, nor end it.
    if (request.method === 'HEAD') return new Response(null, { headers })
    const stop = new AbortController()
    const events = source(stop.signal)[Symbol.asyncIterator]()
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          controller.enqueue(bytes('retry: 2000\n\n'))
          this.#open.add(stop)
          const quiet = this.#system.every(HEARTBEAT_MS, () => {
            // A reader that does not keep up gets events, not heartbeats.
            if ((controller.desiredSize ?? 0) > 0) controller.enqueue(bytes(': alive\n\n'))
          })
          stop.signal.addEventListener('abort', () => {
            quiet()
            this.#open.delete(stop)
            void events.return?.(undefined)
            // Closing twice throws; whoever came first has won.
            try {
              controller.close()
            } catch {}
          })
        },
        pull: async (controller) => {
          try {
            const { done, value } = await events.next()
            if (done) stop.abort()
            else if (!stop.signal.aborted) controller.enqueue(bytes(format(value)))
          } catch {
            stop.abort()
          }
        },
        cancel: () => stop.abort(),
      },
      // One event at a time: what waits, waits in the source, which has a bound of its own.
      { highWaterMark: 1 },
    )
    return new Response(body, { headers })
  }

  /** Ends every stream and refuses further ones. */
  close(): void {
    this.#closed = true
    for (const stop of [...this.#open]) stop.abort()
  }
}

const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
const encoder = new TextEncoder()
const bytes = (text: string): Uint8Array => encoder.encode(text)

/** JSON has no line ends of its own, so one `data` line is enough. */
const format = ({ event, id, data }: ServerEvent): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
