/** Two Go members and two of ours, through everything a member does, looked at from every side. */
import type { HearsayNode, NodeOptions } from '@hearsay/node'
import { MemberlistPeer, type MemberlistPeerOptions } from './memberlist-peer.ts'
import { aliveIn, type Heard, hearing, metaOf, ourNode, statusOf } from './our-node.ts'
import { waitFor } from './wait-for.ts'

/** How the four are started. */
export interface SceneOptions {
  /** Options of both Go members, and of each. */
  readonly go?: Omit<MemberlistPeerOptions, 'name'>
  readonly go1?: Omit<MemberlistPeerOptions, 'name'>
  readonly go2?: Omit<MemberlistPeerOptions, 'name'>
  /** Options of both of ours, and of each. */
  readonly ours?: NodeOptions
  readonly ours1?: NodeOptions
  readonly ours2?: NodeOptions
}

const everybody = ['go-1', 'go-2', 'ts-1', 'ts-2']
/** Often, so that a scene is short; a probe may still take long, since machines are busy. */
const goTimes = { gossipIntervalMs: 50, probeIntervalMs: 400, probeTimeoutMs: 300 }
const ourTimes = { gossip: { intervalMs: 50 }, probe: { intervalMs: 400, timeoutMs: 300 } }
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)
/** Every byte value: what is not 8-bit clean shows. */
const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index)

/** A cluster of four that has formed. Dispose of it with `await using`. */
export class Scene {
  readonly #heard = new Map<HearsayNode, Heard>()
  readonly go: readonly [MemberlistPeer, MemberlistPeer]
  readonly ours: readonly [HearsayNode, HearsayNode]

  private constructor(go: Scene['go'], ours: Scene['ours']) {
    this.go = go
    this.ours = ours
    for (const node of ours) this.#heard.set(node, hearing(node))
  }

  /**
   * We join Go, Go joins us, and a second one of ours joins Go: so each way of a push/pull is taken, and each side learns
   * of somebody by gossip alone.
   */
  static async form({ go, go1, go2, ours, ours1, ours2 }: SceneOptions): Promise<Scene> {
    const [first, second] = await Promise.all([
      MemberlistPeer.start({ ...goTimes, meta: 'go-1 at first', ...go, ...go1, name: 'go-1' }),
      MemberlistPeer.start({ ...goTimes, meta: 'go-2 at first', ...go, ...go2, name: 'go-2' }),
    ])
    const common: NodeOptions = { profile: 'lan', kvTraffic: false, tuning: ourTimes, ...ours, join: [first.address] }
    const [one, two] = await Promise.all([
      ourNode('ts-1', { ...common, ...ours1, meta: bytes('ts-1 at first') }),
      ourNode('ts-2', { ...common, ...ours2, meta: bytes('ts-2 at first') }),
    ])
    const scene = new Scene([first, second], [one, two])
    try {
      await second.join(one.address)
      await scene.settled(everybody)
      return scene
    } catch (error) {
      await scene[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Waits until every member that is named has exactly those as members. */
  async settled(names: readonly string[]): Promise<void> {
    for (const go of this.go)
      if (names.includes(nameOf(go, this)))
        await waitFor(`${nameOf(go, this)} lists ${names}`, async () => same(await go.names(), names))
    for (const node of this.ours)
      if (names.includes(node.name))
        await waitFor(`${node.name} lists ${names}`, () => same(aliveIn(node), names), { view: () => node.members() })
  }

  /** New metadata of one of ours and of one of Go's reaches all the others. */
  async metadata(): Promise<void> {
    const [go, otherGo] = this.go
    const [node, otherNode] = this.ours
    await Promise.all([node.updateMeta(bytes('ts-1 again')), go.updateMeta('go-1 again')])
    await waitFor('Go has ours', async () =>
      same(await Promise.all(this.go.map((each) => each.metaOf('ts-1'))), ['ts-1 again', 'ts-1 again']),
    )
    await waitFor('we have theirs', () => this.ours.every((each) => metaOf(each, 'go-1') === 'go-1 again'))
    await waitFor('the others have them', async () => {
      return metaOf(otherNode, 'ts-1') === 'ts-1 again' && (await otherGo.metaOf('go-1')) === 'go-1 again'
    })
  }

  /** User messages by packet, stream and broadcast, both ways, with every byte value. */
  async messages(): Promise<void> {
    const [go] = this.go
    const [node] = this.ours
    await node.send('go-1', bytes('by packet'), { reliable: false })
    await node.send('go-1', allBytes)
    node.broadcast(bytes('by broadcast'))
    await go.send('ts-1', bytes('by packet'), 'packet')
    await go.send('ts-1', allBytes, 'stream')
    await go.broadcast(bytes('by broadcast'))
    const wanted = ['by packet', 'by broadcast', Buffer.from(allBytes).toString('latin1')]
    const heard = this.heardBy(node).messages
    await waitFor('Go has all three', () => wanted.every((each) => go.messages().includes(each)), {
      view: () => go.messages(),
    })
    await waitFor('we have all three', () => wanted.every((each) => heard.includes(each)), { view: () => heard })
  }

  /** Probes were answered, both ways. */
  async probes(): Promise<void> {
    await waitFor('probes and answers, both ways', () =>
      this.ours.every((node) => {
        const { messagesIn, messagesOut } = node.metrics().membership
        return [messagesIn, messagesOut].every((counts) => (counts.ping ?? 0) > 0 && (counts.ack ?? 0) > 0)
      }),
    )
  }

  /** One of ours and one of Go's leave; the two that stay record a leave, not a failure. */
  async departures(): Promise<void> {
    const [go, leavingGo] = this.go
    const [node, leavingNode] = this.ours
    await Promise.all([leavingNode.leave(), leavingGo.leave()])
    await waitFor('we record both as left', () => ['ts-2', 'go-2'].every((name) => statusOf(node, name) === 'left'), {
      view: () => node.members(),
    })
    await waitFor('Go is told of both', () => ['ts-2', 'go-2'].every((name) => go.heard('leave', name)))
  }

  /** What one of ours was told since the scene was formed. */
  heardBy(node: HearsayNode): Heard {
    return this.#heard.get(node)!
  }

  /** Whom anybody saw go. */
  departed(): string[] {
    const byGo = this.go.flatMap(({ events }) =>
      events.filter(({ event }) => event === 'leave').map(({ name }) => name!),
    )
    const byUs = this.ours.flatMap((node) =>
      this.heardBy(node).events.flatMap(({ type, member }) =>
        type === 'leave' || type === 'fail' ? [member.name] : [],
      ),
    )
    return [...byGo, ...byUs]
  }

  /** What anybody found wrong: complaints and doubts in Go's logs, what we dropped, and whom we doubted. */
  faults(): Record<string, unknown> {
    const found: Record<string, unknown> = {}
    this.go.forEach((go, index) => {
      found[`go-${index + 1}`] = [...go.complaints(), ...go.doubts()]
    })
    for (const node of this.ours) {
      found[node.name] = this.heardBy(node).events.filter(({ type }) => /suspect|fail|conflict/.test(type))
      found[`${node.name} dropped`] = node.metrics().membership.drops
    }
    return found
  }

  /** What {@link faults} returns when nothing is wrong. */
  static readonly flawless: Record<string, unknown> = {
    'go-1': [],
    'go-2': [],
    'ts-1': [],
    'ts-1 dropped': {},
    'ts-2': [],
    'ts-2 dropped': {},
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.go.map((go) => go.kill()), ...this.ours.map((node) => node.close())])
  }
}

const nameOf = (go: MemberlistPeer, scene: Scene): string => `go-${scene.go.indexOf(go) + 1}`
const same = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((each, index) => each === right[index])
