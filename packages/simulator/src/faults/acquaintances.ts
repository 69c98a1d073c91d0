/** Who ever heard of whom, where it is now: whether members can find each other at all. */
import type { Effect, Input } from '@hearsay/membership'
import { isUp } from '../checkers/up.ts'
import type { SimNode } from '../node.ts'
import type { Observer } from '../observer.ts'

/** Remembers the members that each process was told of. */
export class Acquaintances implements Observer {
  readonly #known = new WeakMap<object, Map<string, string>>()

  beforeInput(node: SimNode): void {
    if (this.#known.has(node.machine)) return
    const known = node.machine.members().map(({ name, address }): [string, string] => [name, address])
    this.#known.set(node.machine, new Map(known))
  }

  afterInput(node: SimNode, _input: Input, effects: readonly Effect[]): void {
    const known = this.#known.get(node.machine)
    for (const effect of effects) {
      if (effect.kind !== 'event') continue
      const { type, member } = effect.event
      if (type === 'join') known?.set(member.name, member.address)
      // Who left is not looked for.
      if (type === 'leave') known?.delete(member.name)
    }
  }

  /** Those who are up, in sets that have heard of each other, by whatever way. */
  circles(nodes: readonly SimNode[]): SimNode[][] {
    const up = nodes.filter(isUp)
    const circles: SimNode[][] = []
    const seen = new Set<SimNode>()
    for (const first of up) {
      if (seen.has(first)) continue
      const circle = [first]
      seen.add(first)
      for (const node of circle)
        for (const other of up) {
          if (seen.has(other) || !(this.#knows(node, other) || this.#knows(other, node))) continue
          seen.add(other)
          circle.push(other)
        }
      circles.push(circle)
    }
    return circles
  }

  #knows(node: SimNode, other: SimNode): boolean {
    return this.#known.get(node.machine)?.get(other.name) === other.endpoint
  }
}
