import { KvStore, type KvStoreOptions, type QueuedBroadcast } from '../src/index.ts'
import { mapType } from './machine-peer.ts'
import { VirtualSystem } from './virtual-system.ts'

/** A store on virtual time with a queue that holds what it wants to spread. */
export class StorePeer {
  readonly system = new VirtualSystem()
  readonly store: KvStore
  readonly queued: QueuedBroadcast[] = []
  readonly pushPullRequests: number[] = []

  constructor(options: KvStoreOptions = {}) {
    this.store = new KvStore({ types: [mapType], system: this.system, ...options })
    this.delegate.attach({
      broadcast: (item) => this.queued.push(item),
      memberCount: () => 3,
      requestPushPull: (peerCount) => this.pushPullRequests.push(peerCount),
    })
  }

  get delegate() {
    return this.store.delegate()
  }

  /** A broadcast from somewhere, merged when this returns. */
  async receive(payload: Uint8Array): Promise<void> {
    this.delegate.onMessage(payload, { from: 'peer', channel: 'packet' })
    await this.system.settle()
  }
}

/** The error code that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
