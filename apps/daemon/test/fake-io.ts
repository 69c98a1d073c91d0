// The world around a program, recorded.
import { EventEmitter } from 'node:events'
import type { CommandIo } from '../src/command/program.ts'

export class FakeIo implements CommandIo {
  out = ''
  err = ''
  exits: number[] = []
  readonly signals = new EventEmitter()
  readonly stdin: () => string
  readonly #written = new EventEmitter()

  constructor(stdin = '') {
    this.stdin = () => stdin
  }

  readonly stdout = (text: string) => {
    this.out += text
    this.#written.emit('out')
  }

  readonly stderr = (text: string) => {
    this.err += text
    this.#written.emit('out')
  }

  readonly exit = (status: number) => {
    this.exits.push(status)
  }

  /** Resolves once what was written so far holds. */
  until(holds: (io: FakeIo) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds(this)) return
        this.#written.off('out', check)
        resolve()
      }
      this.#written.on('out', check)
      check()
    })
  }

  /** Log lines and nothing else: no stack trace ever. */
  get logLines(): string[] {
    return this.err.split('\n').slice(0, -1)
  }
}
