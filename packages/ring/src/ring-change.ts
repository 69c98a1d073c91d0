import { sameTokens } from './instance-ring/instance-desc.ts'
import type { InstanceView } from './instance-view.ts'
import type { RingView } from './ring-view.ts'

/** What became different in a ring, heartbeats aside. */
export interface RingChange {
  /** The ring now. */
  readonly view: RingView
  /** Ids of instances that are new, in byte order. */
  readonly joined: readonly string[]
  /** Ids of instances that are gone, in byte order. */
  readonly left: readonly string[]
  /** Ids of instances with another address, zone, state, read-only flag or other tokens, in byte order. */
  readonly changed: readonly string[]
}

/** What differs between two views; `undefined` when only heartbeats do. */
export function changeBetween(before: RingView, view: RingView): RingChange | undefined {
  const old = new Map(before.instances.map((instance) => [instance.id, instance]))
  const joined: string[] = []
  const changed: string[] = []
  for (const instance of view.instances) {
    const previous = old.get(instance.id)
    if (previous === undefined) joined.push(instance.id)
    else if (differs(previous, instance)) changed.push(instance.id)
    old.delete(instance.id)
  }
  const left = [...old.keys()]
  return joined.length + left.length + changed.length === 0 ? undefined : { view, joined, left, changed }
}

function differs(a: InstanceView, b: InstanceView): boolean {
  return (
    a.address !== b.address ||
    a.zone !== b.zone ||
    a.stateNumber !== b.stateNumber ||
    a.isReadOnly !== b.isReadOnly ||
    !sameTokens(a.tokens, b.tokens)
  )
}
