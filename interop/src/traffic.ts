/** Numbered messages between all members of a scene, without pause. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scene } from './scene.ts'
import { waitFor } from './wait-for.ts'

interface Party {
  readonly name: string
  send(to: string, payload: Uint8Array): Promise<void>
  broadcast(payload: Uint8Array): unknown
  heard(): readonly string[]
}

/** Each round, every member sends one message to every other on a stream, and one broadcast. Stops when disposed of. */
export class Traffic {
  rounds = 0
  /** Sends that were rejected. */
  readonly failures: string[] = []
  readonly #parties: readonly Party[]
  readonly #sent = new Map<string, string[]>()
  readonly #running: Promise<void>
  #stopping = false

  constructor(scene: Scene) {
    this.#parties = [
      ...scene.go.map(
        (go, index): Party => ({
          name: `go-${index + 1}`,
          send: (to, payload) => go.send(to, payload, 'stream'),
          broadcast: (payload) => go.broadcast(payload),
          heard: () => go.messages(),
        }),
      ),
      ...scene.ours.map(
        (node): Party => ({
          name: node.name,
          send: (to, payload) => node.send(to, payload),
          broadcast: (payload) => node.broadcast(payload),
          heard: () => scene.heardBy(node).messages,
        }),
      ),
    ]
    for (const { name } of this.#parties) this.#sent.set(name, [])
    this.#running = this.#run()
  }

  /** Resolves when the last message was sent. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#running
  }

  /** Waits until everybody has every message that was sent to it on a stream. */
  async arrived(): Promise<void> {
    for (const { name, heard } of this.#parties) {
      const missing = (): string[] => {
        const have = new Set(heard())
        return this.#sent.get(name)!.filter((message) => !have.has(message))
      }
      await waitFor(`${name} has every message`, () => missing().length === 0, { timeoutMs: 10_000, view: missing })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const round = this.rounds++
      await Promise.all(this.#parties.map((from) => this.#say(from, round)))
      await sleep(10)
    }
  }

  async #say(from: Party, round: number): Promise<void> {
    await from.broadcast(new TextEncoder().encode(`${from.name} to all, ${round}`))
    for (const to of this.#parties) {
      if (to === from) continue
      const message = `${from.name} to ${to.name}, ${round}`
      try {
        await from.send(to.name, new TextEncoder().encode(message))
        this.#sent.get(to.name)!.push(message)
      } catch (error) {
        this.failures.push(`${message}: ${error}`)
      }
    }
  }
}
