/** Goal: see what a cluster did. Method: an observer that writes everything down. */
import type { Effect, Input } from '@hearsay/membership'
import type { LifecycleStep, Observer, PacketFate, SimNode, StreamFate } from '../src/index.ts'

export interface Seen<Fate> {
  readonly from: SimNode
  readonly to: SimNode | undefined
  readonly fate: Fate
  readonly now: number
}

export class Recorder implements Observer {
  readonly inputs: { readonly node: SimNode; readonly input: Input; readonly now: number }[] = []
  readonly effects: { readonly node: SimNode; readonly effect: Effect; readonly now: number }[] = []
  readonly lives: { readonly node: SimNode; readonly what: LifecycleStep; readonly now: number }[] = []
  readonly packets: Seen<PacketFate>[] = []
  readonly streams: Seen<StreamFate>[] = []
  readonly ends: number[] = []

  afterInput(node: SimNode, input: Input, effects: readonly Effect[], now: number): void {
    this.inputs.push({ node, input, now })
    for (const effect of effects) this.effects.push({ node, effect, now })
  }

  lifecycle(node: SimNode, what: LifecycleStep, now: number): void {
    this.lives.push({ node, what, now })
  }

  packet(from: SimNode, to: SimNode | undefined, fate: PacketFate, _parts: unknown, now: number): void {
    this.packets.push({ from, to, fate, now })
  }

  stream(from: SimNode, to: SimNode | undefined, fate: StreamFate, now: number): void {
    this.streams.push({ from, to, fate, now })
  }

  end(now: number): void {
    this.ends.push(now)
  }

  /** Packets of one fate. */
  count(fate: PacketFate): number {
    return this.packets.filter((packet) => packet.fate === fate).length
  }

  /** Fates of the streams from one to another, in order. */
  fates(from: SimNode, to: SimNode): StreamFate[] {
    return this.streams.filter((stream) => stream.from === from && stream.to === to).map(({ fate }) => fate)
  }

  /** Inputs of a kind that a member got. */
  of<Kind extends Input['kind']>(
    node: SimNode,
    kind: Kind,
  ): { readonly input: Extract<Input, { readonly kind: Kind }>; readonly now: number }[] {
    return this.inputs.filter((each) => each.node === node && each.input.kind === kind) as never
  }
}
