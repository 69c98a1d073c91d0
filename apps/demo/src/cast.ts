/** The members of the story: each a real process with a real socket. */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { MemberOrders, MemberReport, Notice, Question, Request } from './protocol.ts'

type NoticeOf<Type extends Notice['type']> = Extract<Notice, { type: Type }>

/** One member, seen from the story. */
export class Player {
  readonly name: string
  readonly #process: ChildProcess
  readonly #notices = new EventEmitter().setMaxListeners(0)
  #nextId = 1

  private constructor(name: string, process: ChildProcess) {
    this.name = name
    this.#process = process
    process.on('message', (message) => this.#notices.emit('notice', message as Notice))
    process.on('exit', () => this.#notices.emit('gone'))
  }

  /** Starts a process and waits until its node is up. */
  static async enter(orders: MemberOrders): Promise<{ player: Player; report: MemberReport }> {
    const script = fileURLToPath(new URL('./member.js', import.meta.url))
    const player = new Player(
      orders.name,
      fork(script, [JSON.stringify(orders)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    )
    const { report } = await player.next('up', () => true)
    return { player, report }
  }

  /** Asks and waits for the answer. */
  async ask(question: Question): Promise<NoticeOf<'answer'>> {
    const id = this.#nextId++
    const answer = this.next('answer', (notice) => notice.id === id)
    const request: Request = { id, question }
    this.#process.send(request)
    return answer
  }

  /** The next notice of a type that satisfies `wanted`. Rejects when the member has trouble, ends, or says nothing for long. */
  next<Type extends Notice['type']>(
    type: Type,
    wanted: (notice: NoticeOf<Type>) => boolean,
    timeoutMs = 60_000,
  ): Promise<NoticeOf<Type>> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer)
        this.#notices.off('notice', look)
        this.#notices.off('gone', gone)
        settle()
      }
      const look = (notice: Notice) => {
        if (notice.type === 'trouble') finish(() => reject(new Error(`${this.name}: ${notice.message}`)))
        else if (notice.type === type && wanted(notice as NoticeOf<Type>))
          finish(() => resolve(notice as NoticeOf<Type>))
      }
      const gone = () => finish(() => reject(new Error(`${this.name} ended while the story waited for it`)))
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(new Error(`${this.name} did not say what the story waited for within ${timeoutMs / 1000} s`)),
          ),
        timeoutMs,
      )
      this.#notices.on('notice', look)
      this.#notices.on('gone', gone)
    })
  }

  /** Hears every notice of a type, until the returned function is called. */
  hear<Type extends Notice['type']>(type: Type, listener: (notice: NoticeOf<Type>) => void): () => void {
    const look = (notice: Notice) => {
      if (notice.type === type) listener(notice as NoticeOf<Type>)
    }
    this.#notices.on('notice', look)
    return () => this.#notices.off('notice', look)
  }

  /** Ends the process as a crash would: no good-bye, nothing flushed. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends the process at the end of the story. */
  async dismiss(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill(signal)
    await gone
  }
}
