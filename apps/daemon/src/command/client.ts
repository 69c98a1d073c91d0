/** A daemon's HTTP API, as the command uses it. */
import { CommandError, exitCodes } from './errors.ts'
import { printable } from './table.ts'

/** An event of a stream is never larger than this. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024
/** How long an answer may take; streams may last. */
const ANSWER_TIMEOUT_MS = 10_000

/** Where the daemon is, and who asks. */
export interface ClientOptions {
  /** `http://127.0.0.1:8080`. */
  readonly baseUrl: string
  /** Bearer token for what changes state. */
  readonly token?: string | undefined
}

/** What a request may add. */
export interface RequestOptions {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Asks a daemon. Every failure is a {@link CommandError} of one sentence. */
export class Client {
  readonly #base: string
  readonly #token: string | undefined

  constructor(options: ClientOptions) {
    this.#base = baseUrl(options.baseUrl)
    this.#token = options.token
  }

  /** A successful answer. */
  async request(path: string, options: RequestOptions = {}): Promise<Response> {
    const signal = options.signal ?? AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    let response: Response
    try {
      response = await fetch(this.#base + path, {
        method: options.method ?? 'GET',
        headers: {
          accept: 'application/json',
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
          ...options.headers,
        },
        ...(options.body === undefined ? {} : { body: options.body }),
        redirect: 'error',
        signal,
      })
    } catch (error) {
      throw this.#unreachable(error)
    }
    if (!response.ok) throw await refused(response)
    return response
  }

  /** A successful answer's JSON. */
  async json<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.request(path, options)
    try {
      return (await response.json()) as T
    } catch (error) {
      throw new CommandError(
        `${this.#base} answered with something that is not JSON; is it hearsayd?`,
        exitCodes.failed,
        {
          cause: error,
        },
      )
    }
  }

  /** Events of a stream, until it ends or `signal` aborts. */
  async *events(path: string, signal: AbortSignal): AsyncGenerator<{ readonly event: string; readonly data: string }> {
    const response = await this.request(path, { headers: { accept: 'text/event-stream' }, signal })
    const decoder = new TextDecoder()
    let pending = ''
    try {
      for await (const chunk of response.body ?? []) {
        pending += decoder.decode(chunk as Uint8Array, { stream: true })
        const blocks = pending.split('\n\n')
        pending = blocks.pop() ?? ''
        if (pending.length > MAX_EVENT_BYTES)
          throw new CommandError(`${this.#base} sent an event that is larger than ${MAX_EVENT_BYTES} bytes`)
        for (const block of blocks) {
          const event = parseEvent(block)
          if (event) yield event
        }
      }
    } catch (error) {
      if (signal.aborted) return
      throw error instanceof CommandError ? error : new CommandError(`${this.#base} ended the stream`)
    }
  }

  #unreachable(error: unknown): CommandError {
    const cause = (error as { cause?: { code?: string; message?: string } }).cause
    const reason =
      (error as Error).name === 'TimeoutError'
        ? 'no answer in time'
        : cause?.code === 'ECONNREFUSED'
          ? 'connection refused'
          : (cause?.code ?? cause?.message ?? (error as Error).message)
    return new CommandError(
      `cannot reach a daemon at ${this.#base} (${reason}); start hearsayd, or say where it is with --http URL`,
      exitCodes.failed,
      { cause: error },
    )
  }
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new CommandError(
      `--http: ${JSON.stringify(text)} is not a URL such as http://127.0.0.1:8080`,
      exitCodes.usage,
    )
  return url.href.replace(/\/+$/, '')
}

async function refused(response: Response): Promise<CommandError> {
  const problem = (await response.json().catch(() => ({}))) as { title?: unknown; detail?: unknown }
  const text = problem.detail ?? problem.title ?? `the daemon answered ${response.status}`
  const exitCode =
    response.status === 404
      ? exitCodes.notFound
      : response.status === 412 || response.status === 409
        ? exitCodes.conflict
        : exitCodes.failed
  return new CommandError(printable(text), exitCode)
}

function parseEvent(block: string): { event: string; data: string } | undefined {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  return data.length > 0 ? { event, data: data.join('\n') } : undefined
}
