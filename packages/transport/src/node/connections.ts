/** The open TCP connections of one transport. */

import type { Socket } from 'node:net'

/** Knows every open socket, so that their bytes can be counted and all can be closed. */
export class Connections {
  readonly #open = new Set<Socket>()
  #closedBytesRead = 0
  #closedBytesWritten = 0
  #whenEmpty: (() => void)[] = []

  /** Keeps `socket` until it closes. */
  track(socket: Socket): void {
    this.#open.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#closedBytesRead += socket.bytesRead
      this.#closedBytesWritten += socket.bytesWritten
      if (this.#open.size > 0) return
      for (const resolve of this.#whenEmpty.splice(0)) resolve()
    })
  }

  get size(): number {
    return this.#open.size
  }

  /** Every byte received on every connection so far. */
  get bytesRead(): number {
    let sum = this.#closedBytesRead
    for (const socket of this.#open) sum += socket.bytesRead
    return sum
  }

  /** Every byte handed to the system on every connection so far. */
  get bytesWritten(): number {
    let sum = this.#closedBytesWritten
    for (const socket of this.#open) sum += socket.bytesWritten
    return sum
  }

  /** Destroys all; resolves when the last one has closed. */
  destroyAll(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }
}
