/** A real dskit key-value store with a hash ring. */
import { GoPeer } from './go-peer.ts'

/** How it is started: dskit's own flags, without their prefix. */
export type DskitFlags = Readonly<Record<string, string | number | boolean>>

/** One instance as dskit has it. */
export interface GoInstance {
  readonly addr: string
  readonly timestamp: number
  readonly state: string
  readonly tokens: readonly number[]
  readonly zone: string
}

export class DskitPeer extends GoPeer {
  static async start(name: string, flags: DskitFlags = {}): Promise<DskitPeer> {
    const all: DskitFlags = { nodename: name, 'memberlist.randomize-node-name': false, ...flags }
    const peer = new DskitPeer(
      GoPeer.spawn(
        'dskit-peer',
        Object.entries({ 'memberlist.bind-port': 0, ...all }).map(
          ([flag, value]) => `-${flag.startsWith('memberlist.') ? flag : `memberlist.${flag}`}=${value}`,
        ),
      ),
    )
    await peer.ready()
    return peer
  }

  join(address: string): Promise<number> {
    return this.ask('join', { addrs: [address] })
  }

  register(
    key: string,
    instance: string,
    tokens: readonly number[],
    { addr = '127.0.0.1:9095', zone = '', state = 'ACTIVE' } = {},
  ): Promise<void> {
    return this.ask('register', { key, instance, addr, zone, tokens, state })
  }

  setState(key: string, instance: string, state: string): Promise<void> {
    return this.ask('setState', { key, instance, state })
  }

  unregister(key: string, instance: string): Promise<void> {
    return this.ask('unregister', { key, instance })
  }

  ring(key: string): Promise<Readonly<Record<string, GoInstance>> | null> {
    return this.ask('get', { key })
  }

  async metric(name: string): Promise<number> {
    return (await this.ask<Record<string, number>>('metrics', { names: [name] }))[name] ?? 0
  }
}
