/**
 * A network of its own: a namespace with a bridge, and one namespace for each member with a cable to it. Nothing of the
 * machine's own network is touched.
 */
import { spawnSync } from 'node:child_process'
import { Faults } from './faults.ts'
import { namespacePrefix, removeLeftovers } from './leftovers.ts'
import { run } from './tools.ts'

/** The largest number of members: the last byte of an address, twice. */
export const MAX_PORTS = 90

/** The port that every member listens on. */
export const memberPort = 7946

/** Ports of a bridge, numbered from 0; a member's namespace behind each. Dispose of it with `await using`. */
export class Network {
  readonly size: number
  /** What the bridge drops. Nothing at first. */
  readonly faults: Faults
  readonly #prefix: string
  readonly #hosts: string[]

  private constructor(prefix: string, size: number) {
    this.#prefix = prefix
    this.size = size
    this.#hosts = Array.from({ length: size }, (_, port) => address(port, 'first'))
    this.faults = new Faults(this.#bridge)
  }

  /** Makes the namespaces; before, those of runs that ended without removing theirs are removed. */
  static async make(label: string, size: number): Promise<Network> {
    if (size > MAX_PORTS) throw new RangeError(`at most ${MAX_PORTS} members, not ${size}`)
    await removeLeftovers()
    const network = new Network(`${namespacePrefix()}${label}-`, size)
    process.once('exit', network.#removeAtExit)
    try {
      await network.#make()
      return network
    } catch (error) {
      await network[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The address that a port has now. */
  host(port: number): string {
    return this.#hosts[port]!
  }

  /** A command line that runs in the namespace of a port, as the very process that is started. */
  commandIn(port: number, program: string, args: readonly string[]): { program: string; args: string[] } {
    return { program: 'ip', args: ['netns', 'exec', this.#namespace(port), program, ...args] }
  }

  /** Gives a port another address, instead of the one it had. Nothing may be listening there. */
  async moveHost(port: number): Promise<void> {
    const host = address(port, this.#hosts[port] === address(port, 'first') ? 'second' : 'first')
    await batch(this.#namespace(port), [
      `address delete ${this.#hosts[port]}/24 dev eth0`,
      `address add ${host}/24 dev eth0`,
    ])
    this.#hosts[port] = host
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#removeAtExit)
    await Promise.allSettled(this.#namespaces().map((name) => run('ip', ['netns', 'delete', name])))
  }

  async #make(): Promise<void> {
    await batch(
      undefined,
      this.#namespaces().map((name) => `netns add ${name}`),
    )
    const ports = this.#hosts.map((_, port) => port)
    await batch(this.#bridge, [
      // Forwards at once: there is no other bridge to look for.
      'link add br0 type bridge forward_delay 0',
      'link set br0 up',
      ...ports.flatMap((port) => [
        `link add p${port} type veth peer name eth0 netns ${this.#namespace(port)}`,
        `link set p${port} master br0 up`,
      ]),
    ])
    for (const port of ports)
      await batch(this.#namespace(port), [
        'link set lo up',
        `address add ${this.#hosts[port]}/24 dev eth0`,
        'link set eth0 up',
      ])
  }

  get #bridge(): string {
    return `${this.#prefix}bridge`
  }

  #namespace(port: number): string {
    return `${this.#prefix}${port}`
  }

  #namespaces(): string[] {
    return [this.#bridge, ...this.#hosts.map((_, port) => this.#namespace(port))]
  }

  /** The last resort of a process that ends without disposing. */
  readonly #removeAtExit = (): void => {
    for (const name of this.#namespaces()) spawnSync('ip', ['netns', 'delete', name])
  }
}

const address = (port: number, which: 'first' | 'second'): string => `10.77.0.${(which === 'first' ? 11 : 111) + port}`

async function batch(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  await run('ip', [...(namespace === undefined ? [] : ['-netns', namespace]), '-batch', '-'], `${lines.join('\n')}\n`)
}
