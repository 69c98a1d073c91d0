/**
 * Goal: whole `Memberlist`s on virtual time. Method: one list of things to do, in order of time and then of asking,
 * serves as clock, timers and event loop of the members and as the wires of a memory network.
 */
import { type MemoryNetwork, type MemoryNetworkOptions, memoryNetwork, seededRandom } from '@hearsay/transport'
import { Memberlist } from '../src/memberlist.ts'
import type { MemberlistOptions } from '../src/options.ts'
import type { NodeSystem } from '../src/system.ts'
import { lan, type Tuning } from '../src/tuning.ts'

/** A tenth of memberlist's numbers for a local network. */
export const brisk: Tuning = {
  ...lan,
  probe: { ...lan.probe, intervalMs: 100, timeoutMs: 50 },
  gossip: { ...lan.gossip, intervalMs: 20, toTheDeadMs: 3000 },
  pushPull: { intervalMs: 3000, nodes: 1 },
  streamTimeoutMs: 1000,
}

interface Task {
  readonly at: number
  readonly run: () => void
}

/** A clock that only moves when told to. */
export class World {
  now = 0
  readonly #tasks = new Set<Task>()
  /** Names that resolve; others do not exist. */
  readonly names = new Map<string, readonly string[]>()
  readonly services = new Map<string, readonly { readonly host: string; readonly port: number }[]>()

  /** Things that are still to be done, timers among them. */
  get pendingCount(): number {
    return this.#tasks.size
  }

  readonly schedule = (delayMs: number, run: () => void): (() => void) => {
    const task = { at: this.now + Math.max(0, delayMs), run }
    this.#tasks.add(task)
    return () => void this.#tasks.delete(task)
  }

  network(options: MemoryNetworkOptions = {}): MemoryNetwork {
    return memoryNetwork({ schedule: this.schedule, ...options })
  }

  system(seed = 1): NodeSystem {
    return {
      now: () => this.now,
      wallNow: () => Date.UTC(2026, 0, 1) + this.now,
      random: seededRandom(seed),
      arm: this.schedule,
      afterIo: (callback) => void this.schedule(0, callback),
      resolver: {
        addresses: async (host) => this.#lookUp(this.names, host),
        services: async (name) => this.#lookUp(this.services, name),
      },
    }
  }

  /** A member that is not started yet. */
  member(name: string, network: MemoryNetwork, options: Partial<MemberlistOptions> = {}): Memberlist {
    const seed = [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7)
    return new Memberlist({
      name,
      transport: network.transport(),
      tuning: brisk,
      system: this.system(seed),
      ...options,
    })
  }

  /** Members that all joined the first of them. */
  async cluster(names: readonly string[], network: MemoryNetwork): Promise<Memberlist[]> {
    const members = names.map((name) => this.member(name, network))
    for (const member of members) await this.finish(member.start())
    for (const member of members.slice(1)) await this.finish(member.join([members[0]!.address]))
    return members
  }

  /** Lets `durationMs` pass. */
  async pass(durationMs: number): Promise<void> {
    const end = this.now + durationMs
    for (;;) {
      await flushPromises()
      const task = this.#next()
      if (!task || task.at > end) break
      this.#do(task)
    }
    this.now = end
  }

  /** Lets time pass until something holds; fails after `limitMs`. */
  async until(holds: () => boolean, limitMs = 20_000): Promise<void> {
    const end = this.now + limitMs
    for (;;) {
      await flushPromises()
      if (holds()) return
      const task = this.#next()
      if (!task || task.at > end) throw new Error(`it did not come true within ${limitMs} ms`)
      this.#do(task)
    }
  }

  /** Lets time pass until a promise is settled, and gives what it came to. */
  async finish<T>(promise: Promise<T>, limitMs = 20_000): Promise<T> {
    let settled = false
    const note = (): void => {
      settled = true
    }
    promise.then(note, note)
    await this.until(() => settled, limitMs)
    return promise
  }

  #next(): Task | undefined {
    let next: Task | undefined
    for (const task of this.#tasks) if (!next || task.at < next.at) next = task
    return next
  }

  #do(task: Task): void {
    this.#tasks.delete(task)
    this.now = Math.max(this.now, task.at)
    task.run()
  }

  #lookUp<T>(table: ReadonlyMap<string, T>, name: string): T {
    const found = table.get(name)
    if (!found) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
    return found
  }
}

/** What promises lead to happens before the clock moves on. */
const flushPromises = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
