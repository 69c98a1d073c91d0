/** Members that are attacked, and what must hold for each of them all the time. */
import {
  lan,
  MAX_MEMBERS,
  MAX_QUEUED_BYTES,
  MAX_QUEUED_ITEMS,
  Memberlist,
  type MemberlistOptions,
  type Tuning,
} from '@hearsay/membership'
import type { MemoryNetwork } from '@hearsay/transport'
import { Finding } from './finding.ts'
import { receivers } from './packet-source.ts'
import { WatchedTransport } from './watched-transport.ts'
import type { World } from './world.ts'

/** A hundredth of memberlist's times: more happens between two packets. */
const brisk: Tuning = {
  ...lan,
  probe: { ...lan.probe, intervalMs: 100, timeoutMs: 50 },
  gossip: { ...lan.gossip, intervalMs: 20, toTheDeadMs: 2000 },
  pushPull: { intervalMs: 1000, nodes: 1 },
  streamTimeoutMs: 500,
}
/**
 * Packets are handled in portions of 256, so that the rest of the process gets its turn; the turn looks at the clock for
 * each, and a few times more.
 */
const MAX_LOOKS_PER_TASK = 4 * 256 + 64
/** Each of 256 packets may ask for so many answers. */
const MAX_SENT_PER_TASK = 256 * 256

/** One member under attack. */
export class Victim {
  readonly name: string
  readonly transport: WatchedTransport
  readonly memberlist: Memberlist
  /** The most that was done within one task. */
  readonly largest = { looks: 0, packetsOut: 0, bytesOut: 0 }
  #before = { packetsOut: 0, bytesOut: 0 }
  #lastError = ''

  constructor(name: string, world: World, network: MemoryNetwork, options: Partial<MemberlistOptions> = {}) {
    this.name = name
    this.transport = new WatchedTransport(network.transport())
    this.memberlist = new Memberlist({
      name,
      transport: this.transport,
      tuning: brisk,
      system: world.system(),
      initialIncarnation: 10,
      logger: {
        debug: () => {},
        info: () => {},
        warn: () => {},
        error: (message, fields) => {
          this.#lastError = `${message}: ${JSON.stringify(fields)}`
        },
      },
      ...options,
    })
    this.memberlist.on('message', () => {})
    this.memberlist.on('member', () => {})
  }

  /** Cheap: after each task. Throws a {@link Finding}. */
  checkTask({ looks }: World): void {
    const { packetsOut, bytesOut } = this.transport
    const done = { looks, packetsOut: packetsOut - this.#before.packetsOut, bytesOut: bytesOut - this.#before.bytesOut }
    this.#before = { packetsOut, bytesOut }
    for (const key of ['looks', 'packetsOut', 'bytesOut'] as const)
      if (done[key] > this.largest[key]) this.largest[key] = done[key]
    if (looks > MAX_LOOKS_PER_TASK) this.#fail('too-much', `${looks} looks at the clock in one task`)
    if (done.packetsOut > MAX_SENT_PER_TASK) this.#fail('too-much', `${done.packetsOut} packets were sent in one task`)
    if (this.#lastError !== '') this.#fail('escape', this.#lastError)
  }

  /** Dearer: now and then. Throws a {@link Finding}. */
  checkState(): void {
    const { faults = 0, delegateErrors, members, queued, healthScore } = this.memberlist.metrics()
    if (faults > 0 || delegateErrors > 0)
      this.#fail('escape', `${faults} faults, ${delegateErrors} errors of delegates`)
    if (members > MAX_MEMBERS) this.#fail('too-many', `${members} members`)
    if (healthScore < 0 || healthScore >= brisk.probe.awarenessMaxMultiplier)
      this.#fail('odd-outcome', `a health score of ${healthScore}`)
    for (const [name, { items, bytes }] of Object.entries(queued))
      if (name !== 'control' && (items > MAX_QUEUED_ITEMS || bytes > MAX_QUEUED_BYTES))
        this.#fail('too-much', `${items} items of ${bytes} bytes wait in the class ${name}`)
    const { status } = this.memberlist.self
    if (status !== 'alive') this.#fail('odd-outcome', `strangers made it believe that it is ${status} itself`)
  }

  #fail(kind: Finding['kind'], message: string): never {
    throw new Finding(kind, `${this.name}: ${message}`, {
      stage: 'packets',
      input: this.transport.lastInput,
      as: this.name,
    })
  }
}

/** The plain one, its peer, and one behind a label and encryption. */
export function makeVictims(
  world: World,
  network: MemoryNetwork,
): Readonly<Record<'plain' | 'peer' | 'sealed', Victim>> {
  const { label, encryption } = receivers.sealed
  return {
    plain: new Victim('victim', world, network),
    peer: new Victim('peer', world, network),
    sealed: new Victim('sealed', world, network, { label, encryption }),
  }
}
