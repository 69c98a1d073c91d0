/** A Go process that is told what to do, one JSON object a line, and says what happens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type GoBuildOptions, goBinary } from './go-build.ts'
import { waitFor } from './wait-for.ts'

/** Something that happened in the Go process. Byte fields are base64. */
export interface GoEvent {
  readonly event: string
  readonly name?: string
  readonly address?: string
  readonly meta?: string | null
  readonly payload?: string
  readonly line?: string
  readonly sizeBytes?: number
  readonly sha256?: string
}

/** A record in a member's table, as it truly is. */
export interface MemberState {
  readonly name: string
  readonly address: string
  readonly status: 'alive' | 'suspect' | 'dead' | 'left'
  readonly incarnation: number
}

interface Reply {
  readonly id: number
  readonly result: unknown
  readonly error?: string
}

const ended = 'the process has ended'

/** One process. Dispose of it with `await using` or {@link kill}. */
export class GoPeer {
  /** `ip:port` that members use. */
  address = ''
  /** Everything that was said, in order. */
  readonly events: GoEvent[] = []
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  #nextId = 1
  #hasEnded = false

  protected constructor(process: ChildProcess) {
    this.#process = process
    createInterface({ input: process.stdout! }).on('line', (line) => this.#hear(JSON.parse(line) as GoEvent | Reply))
    // What is asked of a process that is ending is answered below.
    process.stdin?.on('error', () => {})
    process.once('close', () => {
      this.#hasEnded = true
      for (const id of [...this.#waiting.keys()]) this.#hear({ id, result: null, error: ended })
    })
  }

  /** Starts a program and waits until it listens. */
  protected async ready(): Promise<void> {
    const event = await waitFor('the Go peer listens', () => {
      if (this.#process.exitCode !== null) throw new Error(`the Go peer ended with code ${this.#process.exitCode}`)
      return this.events.find(({ event }) => event === 'ready')
    })
    this.address = event.address ?? ''
  }

  protected static spawn(program: string, args: readonly string[], options?: GoBuildOptions): ChildProcess {
    return spawn(goBinary(program, options), args, { stdio: ['pipe', 'pipe', 'inherit'] })
  }

  /** Asks and waits; rejects with what Go calls the error, and when the process ends. */
  async ask<T>(command: string, fields: Readonly<Record<string, unknown>> = {}, timeoutMs = 30_000): Promise<T> {
    if (this.#hasEnded) throw new Error(`${command}: ${ended}`)
    const id = this.#nextId++
    const reply = await new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${command} was not answered within ${timeoutMs} ms`)), timeoutMs)
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      this.#process.stdin?.write(`${JSON.stringify({ id, command, ...fields })}\n`)
    })
    if (reply.error !== undefined) throw new Error(`${command}: ${reply.error}`)
    return reply.result as T
  }

  /** Lines of the library's own log, those that match. */
  logged(pattern: RegExp): string[] {
    return this.events.flatMap(({ event, line }) =>
      event === 'log' && line !== undefined && pattern.test(line) ? [line] : [],
    )
  }

  /** Lines of the library's own log that complain. */
  complaints(): string[] {
    return this.logged(/\[(WARN|ERR|ERROR)\]|level=(warn|error)/)
  }

  /** As a crash: nothing is said. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }

  #hear(said: GoEvent | Reply): void {
    if ('event' in said) this.events.push(said)
    else {
      this.#waiting.get(said.id)?.(said)
      this.#waiting.delete(said.id)
    }
  }
}
