/** Six members with stores on one network, three of dskit's and three of ours. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { links, onLinks } from '../faults.ts'
import { memberPort, Network } from '../network.ts'
import { KvMember, type StoreTiming } from './kv-member.ts'
import { isOwnKey } from './own-key.ts'
import type { Holds, View } from './view.ts'

/** Names of the members, by port. */
export const kvNames: readonly string[] = ['ts-1', 'ts-2', 'ts-3', 'go-1', 'go-2', 'go-3']

/** Whether a member is one of ours. */
export const isOurs = (name: string): boolean => name.startsWith('ts')

/** Which keys a member can hold: values of our own types only ours do. */
export const holds: Holds = (member, key) => isOurs(member) || !isOwnKey(key)

/** How a cluster is started. */
export interface KvClusterOptions {
  readonly label: string
  readonly ourProgram: string
  readonly timing: StoreTiming
  /** Is told when a process is about to start. */
  readonly starting: (name: string) => void
}

/** A cluster. Dispose of it with `await using`. */
export class KvCluster {
  readonly #network: Network
  readonly #dataDir: string
  readonly #options: KvClusterOptions
  readonly #members = new Map<string, KvMember>()

  private constructor(network: Network, dataDir: string, options: KvClusterOptions) {
    this.#network = network
    this.#dataDir = dataDir
    this.#options = options
  }

  /** Starts six members that know of each other. */
  static async form(options: KvClusterOptions): Promise<KvCluster> {
    const network = await Network.make(options.label, kvNames.length)
    const cluster = new KvCluster(network, await mkdtemp(join(tmpdir(), 'hearsay-kv-')), options)
    try {
      for (const [index, name] of kvNames.entries()) await cluster.start(name, kvNames.slice(0, index))
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A member that runs and has tried its seeds; undefined while it does not. */
  member(name: string): KvMember | undefined {
    return this.#members.get(name)
  }

  /** Starts a process that joins these; default: all others. */
  async start(name: string, seeds: readonly string[] = kvNames.filter((other) => other !== name)): Promise<void> {
    this.#options.starting(name)
    const member = await KvMember.start({
      name,
      isOurs: isOurs(name),
      network: this.#network,
      port: portOf(name),
      seeds: seeds.map((seed) => `${this.#network.host(portOf(seed))}:${memberPort}`),
      ourProgram: this.#options.ourProgram,
      dataDir: this.#dataDir,
      timing: this.#options.timing,
    })
    this.#members.set(name, member)
  }

  /** As a crash. */
  async kill(name: string): Promise<void> {
    const member = this.#members.get(name)
    this.#members.delete(name)
    await member?.kill()
  }

  /** As a service that is told to stop. */
  async stop(name: string): Promise<void> {
    const member = this.#members.get(name)
    this.#members.delete(name)
    await member?.leave()
  }

  /** Nothing gets from one side to the other. */
  async divide(side: readonly string[]): Promise<void> {
    const here = side.map(portOf)
    const there = kvNames.filter((name) => !side.includes(name)).map(portOf)
    await this.#network.faults.set(onLinks([...links(here, there), ...links(there, here)], 100))
  }

  /** Everything gets through. */
  async heal(): Promise<void> {
    await this.#network.faults.heal()
  }

  /** What every running member holds now, ours first. */
  async views(): Promise<Map<string, View>> {
    const running = kvNames.flatMap((name) => this.#members.get(name) ?? [])
    return new Map(await Promise.all(running.map(async (member) => [member.name, await member.view()] as const)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.kill()))
    await this.#network[Symbol.asyncDispose]()
    await rm(this.#dataDir, { recursive: true, force: true })
  }
}

const portOf = (name: string): number => kvNames.indexOf(name)
