import type { Machine, Member } from '@hearsay/membership'
import { law } from './checker.ts'

/** Invariant 52, the half that always holds; that the last wins is convergence. */
export const metadataOrder = law(
  {
    name: 'metadata-order',
    law: 'Whatever metadata anybody holds of a member, it did publish; and nobody goes back to an older one',
    invariants: [52],
  },
  (beliefs, check) => {
    /** By name: what it published, oldest first. */
    const published = new Map<string, string[]>()
    /** Names that began again, or in whose name another spoke: the order of theirs is not one. */
    const muddled = new Set<string>()
    const seen = new WeakMap<Machine, Map<string, number>>()
    const publish = ({ name, meta }: Member): void => {
      const texts = published.get(name) ?? []
      published.set(name, texts)
      const text = meta.join()
      if (texts.at(-1) !== text) texts.push(text)
    }
    return {
      lifecycle(node, what) {
        if (what === 'restart') muddled.add(node.name)
      },
      afterInput(node) {
        for (const { name, isSelf, after, claims } of beliefs.touched) {
          if (!after) {
            // memberlist forgets with the record what it could be compared with.
            if (!beliefs.policyOf(node).evidenceMemory) seen.get(node.machine)?.delete(name)
            continue
          }
          if (isSelf) {
            publish(after)
            continue
          }
          const owner = beliefs.nodes.find((each) => each.name === name)
          const texts = published.get(name)
          if (!owner || !texts) continue
          if (claims.some((claim) => claim.type === 'alive' && claim.incarnation > owner.machine.self.incarnation))
            muddled.add(name)
          const index = texts.lastIndexOf(after.meta.join())
          check(index >= 0, node, () => `${name} never published ${after.meta.join()}`)
          const indices = seen.get(node.machine) ?? new Map<string, number>()
          seen.set(node.machine, indices)
          const before = indices.get(name) ?? 0
          if (!muddled.has(name))
            check(index >= before, node, () => `${name} published ${index} after ${before}, and it went back`)
          indices.set(name, index)
        }
      },
    }
  },
)
