/** Endpoints of a world, by their text. */
import { formatAddress, parseAddress } from '@hearsay/wire'
import type { Life } from './life.ts'

/** An endpoint: who listens there, and who ever said to be there. */
export interface Port {
  readonly id: number
  readonly endpoint: string
  /** The process that listens there. */
  life: Life | undefined
  /** Numbers of the names whose cards show it. */
  readonly names: number[]
}

/** Every endpoint that was ever named. */
export class Ports {
  readonly #ports = new Map<string, Port>()
  /** Whoever sends to an endpoint asks several times in a row. */
  #last: Port = { id: -1, endpoint: '', life: undefined, names: [] }

  /** A new one if need be. */
  at(endpoint: string): Port {
    return this.#find(endpoint) ?? this.#add(endpoint)
  }

  /** In whatever form it is written; `undefined` when nobody ever named it. */
  find(endpoint: string): Port | undefined {
    const port = this.#find(endpoint)
    if (port !== undefined) return port
    const parsed = parseAddress(endpoint)
    return parsed && this.#find(formatAddress(parsed.ip, parsed.port))
  }

  #find(endpoint: string): Port | undefined {
    if (this.#last.endpoint === endpoint) return this.#last
    const port = this.#ports.get(endpoint)
    if (port !== undefined) this.#last = port
    return port
  }

  #add(endpoint: string): Port {
    const port: Port = { id: this.#ports.size, endpoint, life: undefined, names: [] }
    this.#ports.set(endpoint, port)
    return port
  }
}
