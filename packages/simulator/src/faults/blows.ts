/** Faults that happen at once: what each does to a member. */
import type { PacketMessage } from '@hearsay/wire'
import { counted } from '../checkers/queue-endings.ts'
import { isUp } from '../checkers/up.ts'
import type { Cluster } from '../cluster.ts'
import type { SimNode } from '../node.ts'
import type { Blow } from './plan.ts'

/** Requests of faults are numbered from here on, apart from all others. */
const FIRST_REQUEST = 1_000_000
/** Members that one who comes back is told to turn to. */
const SEED_COUNT = 3

/** Does to a cluster what plans say. A fault that makes no sense by then (a crash of the crashed) does nothing. */
export class Blows {
  readonly #cluster: Cluster
  #request = FIRST_REQUEST
  #metas = 0
  #broadcasts = 0

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** False when there was nothing to do it to. */
  strike(blow: Blow): boolean {
    switch (blow.kind) {
      case 'newcomer':
        return this.#newcomer(blow.via)
      case 'slander':
        return this.#slander(blow)
      default: {
        const node = this.#up(blow.node)
        return node !== undefined && this.#hit(node, blow)
      }
    }
  }

  #hit(node: SimNode, blow: Exclude<Blow, { kind: 'newcomer' | 'slander' }>): boolean {
    switch (blow.kind) {
      case 'stall':
        node.stall(blow.forMs)
        return true
      case 'crash':
        return this.#crash(node, blow)
      case 'meta':
        node.updateMeta(numberBytes(++this.#metas))
        return true
      case 'leave':
        return this.#leave(node, blow)
      case 'broadcast':
        return this.#broadcast(node, blow)
      case 'ping':
      case 'send':
        return this.#talk(node, blow)
    }
  }

  #crash(node: SimNode, { downMs, incarnation, address }: Extract<Blow, { kind: 'crash' }>): boolean {
    node.crash()
    if (downMs === undefined) return true
    const { life } = node
    this.#later(downMs, () => {
      if (node.state !== 'crashed' || node.life !== life) return
      const seeds = this.#seeds(node)
      node.restart({ incarnation, address, seeds })
      tellSeeds(node, seeds)
    })
    return true
  }

  #leave(node: SimNode, { next, backMs }: Extract<Blow, { kind: 'leave' }>): boolean {
    // Somebody has to stay.
    if (this.#cluster.nodes.filter(isUp).length <= 1) return false
    node.leave()
    const { life } = node
    const isStill = (): boolean => node.running !== undefined && node.life === life
    if (next === 'stop') this.#later(backMs, () => isStill() && node.retire())
    if (next === 'rejoin')
      this.#later(backMs, () => {
        if (!isStill()) return
        node.input({ kind: 'rejoin', request: ++this.#request })
        const seeds = this.#seeds(node)
        if (seeds.length > 0) node.join(seeds)
      })
    return true
  }

  #broadcast(node: SimNode, { count, sizeBytes, class: lane }: Extract<Blow, { kind: 'broadcast' }>): boolean {
    for (let each = 0; each < count; each++) {
      const version = ++this.#broadcasts
      // The first as long as may be, the others of all lengths.
      const payload = new Uint8Array(each === 0 ? sizeBytes : (version * 37) % (sizeBytes + 1)).fill(version % 251)
      const key = each === count - 1 ? `${node.name}-0` : `${node.name}-${each}`
      node.input({ kind: 'broadcast', item: counted({ key, names: [], version, class: lane, payload }) })
    }
    return true
  }

  #talk(node: SimNode, blow: Extract<Blow, { kind: 'ping' | 'send' }>): boolean {
    const other = this.#cluster.nodes[blow.to]
    if (!other || other === node) return false
    const request = ++this.#request
    if (blow.kind === 'ping') node.input({ kind: 'ping', request, node: other.name, address: other.endpoint })
    else node.input({ kind: 'send', request, to: other.name, payload: numberBytes(request), reliable: blow.reliable })
    return true
  }

  #newcomer(index: number): boolean {
    const via = this.#up(index)
    if (!via) return false
    const node = this.#cluster.add()
    tellSeeds(node, [via])
    node.join([via])
    return true
  }

  #slander({ to, about, claim, above }: Extract<Blow, { kind: 'slander' }>): boolean {
    const [listener, victim] = [this.#up(to), this.#cluster.nodes[about]]
    if (!listener || !victim || victim === listener || victim.state === 'left') return false
    const record = listener.machine.member(victim.name)
    if (!record || record.status === 'left') return false
    const liar = this.#cluster.nodes.find((node) => node !== listener && node !== victim)
    const incarnation = record.incarnation + above
    const message = lie(claim, victim, record.meta, incarnation, liar?.name ?? listener.name)
    if (!message) return false
    listener.input({ kind: 'packet', from: liar?.endpoint ?? victim.endpoint, messages: [message] })
    return true
  }

  #seeds(except: SimNode): SimNode[] {
    return this.#cluster.nodes.filter((node) => node !== except && isUp(node)).slice(0, SEED_COUNT)
  }

  #up(index: number): SimNode | undefined {
    const node = this.#cluster.nodes[index]
    return node?.running !== undefined && node.machine.self.status === 'alive' ? node : undefined
  }

  #later(delayMs: number, run: () => void): void {
    this.#cluster.world.schedule(delayMs, run)
  }
}

/** Whom it turns to when nobody is left, as a driver tells it. */
export const tellSeeds = (node: SimNode, seeds: readonly SimNode[]): void =>
  node.input({ kind: 'set-seeds', addresses: seeds.map(({ endpoint }) => endpoint) })

/** What is said of a victim that never said it. */
function lie(
  claim: 'suspect' | 'dead' | 'alive',
  victim: SimNode,
  meta: Uint8Array,
  incarnation: number,
  from: string,
): PacketMessage | undefined {
  const { name: node } = victim
  if (claim !== 'alive') return { type: claim, incarnation, node, from }
  const { table } = victim.machine
  const { selfIndex } = table
  const [address, port, versions] = [table.address(selfIndex), table.port(selfIndex), table.versions(selfIndex)]
  return {
    type: 'alive',
    incarnation,
    node,
    address: address.slice(),
    port,
    meta: meta.length === 0 ? null : meta,
    versions,
  }
}

/** A number in four bytes. */
function numberBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}
