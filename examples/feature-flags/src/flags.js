/** Feature flags: one map that all members share. Whoever sets a flag last wins, by wall clock. */
import { lastWriterMap } from '@hearsay/node'

const KEY = 'flags'

/** Reads and writes flags through a member of the cluster. */
export class Flags {
  #node

  constructor(node) {
    this.#node = node
  }

  /** Every flag with its value. Local: no network, no waiting. */
  all() {
    return Object.fromEntries(this.#node.kv.get(KEY, lastWriterMap) ?? [])
  }

  isOn(name) {
    return this.#node.kv.get(KEY, lastWriterMap)?.get(name) === true
  }

  /**
   * Sets a flag here, at once; others hear of it by gossip. With a share of the members to wait for, says which of them are
   * proven to have it within `timeoutMs`.
   */
  async set(name, value, { share = 0, timeoutMs = 5000 } = {}) {
    const { change } = await this.#node.kv.update(KEY, lastWriterMap, (flags) => flags.set(name, value))
    return this.#wait(change, share, timeoutMs)
  }

  /** Removes a flag: `isOn` is false for it, everywhere, and an older value does not bring it back. */
  async remove(name, { share = 0, timeoutMs = 5000 } = {}) {
    const { change } = await this.#node.kv.update(KEY, lastWriterMap, (flags) => flags.delete(name))
    return this.#wait(change, share, timeoutMs)
  }

  /** Calls back with the name of each flag that changes, here or anywhere, until the signal aborts. */
  async follow(onChange, signal) {
    for await (const { change } of this.#node.kv.watch(KEY, { signal }))
      for (const [name] of change.written.entries()) onChange(name, this.isOn(name))
  }

  async #wait(change, share, timeoutMs) {
    if (share === 0 || change === undefined) return { proven: [], unproven: [] }
    const options = { change, fraction: share, signal: AbortSignal.timeout(timeoutMs) }
    // Not an error here: the flag is set, and goes on spreading.
    return this.#node.kv.whenPropagated(KEY, options).catch((error) => error.reached ?? Promise.reject(error))
  }
}
