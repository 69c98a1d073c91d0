/** Ten members on one network, five of Go's and five of ours, and what all of them say. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MemberState } from '../go-peer.ts'
import { ChaosMember } from './member.ts'
import { memberPort, Network } from './network.ts'
import type { Report } from './report.ts'

const perSide = 5
/** Looking is a question to ten processes: not so often that it would be what they are busy with. */
const lookEveryMs = 200

/** How a cluster is started. */
export interface ClusterOptions {
  /** Tells clusters of one run apart: letters, since it becomes part of the namespaces' names. */
  readonly label: string
  /** The program of ours. */
  readonly ourProgram: string
  /** Which members go without pings over streams. Default none. */
  readonly disableTcpPings?: (name: string) => boolean
}

/** What waiting for agreement came to. */
export interface Agreement {
  /** How long it took; undefined when the time ran out first. */
  readonly ms: number | undefined
  /** Who differed in what, when it was last looked at. Empty when all agree. */
  readonly differences: readonly string[]
}

/** A cluster. Dispose of it with `await using`. */
export class Cluster {
  readonly label: string
  readonly network: Network
  /** Everything that every member said, in order. */
  readonly reports: Report[] = []
  /** Those whose process is there, stopped ones included. */
  readonly #members = new Map<string, ChaosMember>()
  readonly #options: ClusterOptions

  private constructor(network: Network, options: ClusterOptions) {
    this.network = network
    this.#options = options
    this.label = options.label
  }

  /** Starts ten members that have found each other. */
  static async form(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(await Network.make(options.label, 2 * perSide), options)
    try {
      await Promise.all(allNames.map((name) => cluster.start(name)))
      const seeds = cluster.addresses('go-1', 'ts-1')
      for (const member of cluster.members()) await member.join(...seeds)
      const { differences } = await cluster.agreed(60_000)
      if (differences.length > 0) throw new Error(`the cluster did not form: ${differences.join('; ')}`)
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Those whose process is there, in the order of {@link allNames}. */
  members(): ChaosMember[] {
    return allNames.flatMap((name) => this.#members.get(name) ?? [])
  }

  member(name: string): ChaosMember {
    const member = this.#members.get(name)
    if (!member) throw new Error(`${name} does not run`)
    return member
  }

  /** `ip:port` of members, running or not. */
  addresses(...names: readonly string[]): string[] {
    return names.map((name) => `${this.network.host(portOf(name))}:${memberPort}`)
  }

  /** Starts the process of a name at the address its port has now; it joins nobody. */
  async start(name: string): Promise<ChaosMember> {
    const member = await ChaosMember.start({
      name,
      side: name.startsWith('go') ? 'go' : 'ours',
      network: this.network,
      port: portOf(name),
      ourProgram: this.#options.ourProgram,
      disableTcpPings: this.#options.disableTcpPings?.(name) ?? false,
      report: (report) => this.reports.push(report),
    })
    this.#members.set(name, member)
    return member
  }

  /** As a crash. */
  async kill(name: string): Promise<void> {
    await this.member(name).kill()
    this.#members.delete(name)
  }

  /** Waits until all that run see exactly those alive, where they are, and nobody else; or the time is over. */
  async agreed(timeoutMs: number): Promise<Agreement> {
    const began = performance.now()
    for (;;) {
      const differences = await this.#differences()
      const ms = Math.round(performance.now() - began)
      if (differences.length === 0) return { ms, differences }
      if (ms > timeoutMs) return { ms: undefined, differences }
      await sleep(lookEveryMs)
    }
  }

  /** What was said since a moment, by `performance.now()`. */
  since(atMs: number): Report[] {
    return this.reports.filter((report) => report.atMs >= atMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members().map((member) => member.kill()))
    await this.network[Symbol.asyncDispose]()
  }

  async #differences(): Promise<string[]> {
    const running = new Map(this.members().map(({ name, address }) => [name, address]))
    const views = await Promise.all(this.members().map(async (member) => [member.name, await member.states()] as const))
    return views.flatMap(([by, states]) => differencesOf(by, states, running))
  }
}

/** Names of the members, by port. */
export const allNames: readonly string[] = (['go', 'ts'] as const).flatMap((side) =>
  Array.from({ length: perSide }, (_, index) => `${side}-${index + 1}`),
)

/** The port of the network that a name has. */
export function portOf(name: string): number {
  const port = allNames.indexOf(name)
  if (port < 0) throw new RangeError(`nobody is called ${name}`)
  return port
}

/** What one member has otherwise than it is: `running` are the addresses of those that run. */
export function differencesOf(
  by: string,
  states: readonly MemberState[],
  running: ReadonlyMap<string, string>,
): string[] {
  const seen = new Map(states.map((state) => [state.name, state]))
  const wrong = [...running].flatMap(([name, address]) => {
    const state = seen.get(name)
    if (!state) return [`${by} does not know ${name}`]
    if (state.status !== 'alive') return [`${by} has ${name} as ${state.status}`]
    return state.address === address ? [] : [`${by} has ${name} at ${state.address}, not ${address}`]
  })
  const ghosts = states.filter(({ name, status }) => !running.has(name) && (status === 'alive' || status === 'suspect'))
  return [...wrong, ...ghosts.map(({ name, status }) => `${by} has ${name} as ${status}, which does not run`)]
}
