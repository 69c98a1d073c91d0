/** A live cluster of Go members and ours whose settings are changed by restarting one member after the other. */
import type { HearsayNode, NodeOptions } from '@hearsay/node'
import { MemberlistPeer, type MemberlistPeerOptions } from './memberlist-peer.ts'
import { aliveIn, type Heard, hearing, ourNode } from './our-node.ts'
import { waitFor } from './wait-for.ts'

/** Settings of one step, said in the words of both sides. */
export interface Settings {
  readonly go: Omit<MemberlistPeerOptions, 'name'>
  readonly ours: NodeOptions
}

/** A running member, whichever side it is of. */
interface Party {
  readonly name: string
  readonly address: string
  alive(): Promise<string[]>
  send(to: string, payload: Uint8Array, how: 'packet' | 'stream'): Promise<void>
  messages(): readonly string[]
  join(address: string): Promise<unknown>
  /** Whom it saw go, or doubted. */
  doubted(): string[]
  /** What it complains of. */
  complaints(): string[]
  leave(): Promise<void>
  stop(): Promise<void>
}

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Dispose of it with `await using`. */
export class RollingCluster {
  readonly #parties = new Map<string, Party>()
  #exchanges = 0

  /** Two of each side, settled. */
  static async form(settings: Settings): Promise<RollingCluster> {
    const cluster = new RollingCluster()
    try {
      for (const name of ['go-1', 'ts-1', 'go-2', 'ts-2']) await cluster.#start(name, settings)
      await cluster.#settled()
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  /**
   * Restarts every member in turn, each under its name and on its port. After each restart everybody has everybody, and
   * messages pass between the restarted one and each of the others. Resolves with what went wrong on the way: members
   * that were doubted or seen to go though they had not been restarted, and complaints.
   */
  async roll(settings: Settings): Promise<string[]> {
    const faults: string[] = []
    for (const name of [...this.#parties.keys()]) {
      const before = new Map(this.#others(name).map((party) => [party.name, party.doubted().length]))
      const leaving = this.#parties.get(name)!
      faults.push(...leaving.complaints())
      await leaving.leave()
      await leaving.stop()
      await this.#start(name, settings, leaving.address)
      await this.#settled()
      await this.#exchange(name)
      for (const party of this.#others(name))
        for (const lost of party.doubted().slice(before.get(party.name)))
          if (lost !== name) faults.push(`${party.name} lost ${lost} while ${name} was restarted`)
    }
    for (const party of this.#parties.values()) faults.push(...party.complaints())
    return faults
  }

  /** The address of somebody. */
  get address(): string {
    return this.#parties.get('ts-1')!.address
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#parties.values()].map((party) => party.stop()))
  }

  #others(name: string): Party[] {
    return [...this.#parties.values()].filter((party) => party.name !== name)
  }

  async #start(name: string, settings: Settings, address?: string): Promise<void> {
    const bindPort = address === undefined ? 0 : Number(address.slice(address.lastIndexOf(':') + 1))
    const party = await (name.startsWith('go') ? startGo : startOurs)(name, bindPort, settings)
    this.#parties.set(name, party)
    const [other] = this.#others(name)
    if (other) await party.join(other.address)
  }

  async #settled(): Promise<void> {
    const everybody = [...this.#parties.keys()].sort().join()
    for (const party of this.#parties.values())
      await waitFor(`${party.name} lists ${everybody}`, async () => (await party.alive()).join() === everybody)
  }

  async #exchange(name: string): Promise<void> {
    const member = this.#parties.get(name)!
    for (const other of this.#others(name))
      for (const [from, to] of [
        [member, other],
        [other, member],
      ] as const) {
        const text = `exchange ${++this.#exchanges}`
        for (const how of ['packet', 'stream'] as const) await from.send(to.name, bytes(`${text}, by ${how}`), how)
        await waitFor(`${to.name} has both messages of ${from.name}`, () =>
          ['packet', 'stream'].every((how) => to.messages().includes(`${text}, by ${how}`)),
        )
      }
  }
}

async function startGo(name: string, bindPort: number, { go }: Settings): Promise<Party> {
  const peer = await MemberlistPeer.start({
    gossipIntervalMs: 50,
    probeIntervalMs: 400,
    probeTimeoutMs: 300,
    ...go,
    name,
    bindPort,
  })
  return {
    name,
    address: peer.address,
    alive: () => peer.names(),
    send: (to, payload, how) => peer.send(to, payload, how),
    messages: () => peer.messages(),
    join: (address) => peer.join(address),
    doubted: () => peer.events.flatMap((each) => (each.event === 'leave' && each.name !== name ? [each.name!] : [])),
    // A restarted member is told of its own departure, and takes it back.
    complaints: () =>
      peer
        .complaints()
        .flatMap((line) => (line.endsWith(`Refuting a dead message (from: ${name})`) ? [] : [`${name}: ${line}`])),
    leave: () => peer.leave(),
    stop: () => peer.kill(),
  }
}

async function startOurs(name: string, bindPort: number, { ours }: Settings): Promise<Party> {
  const node = await ourNode(name, {
    profile: 'lan',
    kvTraffic: false,
    tuning: { gossip: { intervalMs: 50 }, probe: { intervalMs: 400, timeoutMs: 300 } },
    ...ours,
    bindPort,
  })
  const heard = hearing(node)
  return {
    name,
    address: node.address,
    alive: async () => aliveIn(node),
    send: (to, payload, how) => node.send(to, payload, { reliable: how === 'stream' }),
    messages: () => heard.messages,
    join: (address) => node.join([address]),
    doubted: () => doubtedIn(heard, name),
    complaints: () => dropsOf(node),
    leave: () => node.leave(),
    stop: () => node.close(),
  }
}

const doubtedIn = ({ events }: Heard, self: string): string[] =>
  events.flatMap(({ type, member }) => (/leave|fail|suspect/.test(type) && member.name !== self ? [member.name] : []))

const dropsOf = (node: HearsayNode): string[] =>
  Object.entries(node.metrics().membership.drops).map(([reason, count]) => `${node.name} dropped ${count}: ${reason}`)
