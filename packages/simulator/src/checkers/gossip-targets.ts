import type { Member } from '@hearsay/membership'
import { Interest, law } from './checker.ts'

/** Invariant 38, for gossip (membership spec 1.2, 4.1). */
export const gossipTargets = law(
  {
    name: 'gossip-targets',
    law: 'A round of gossip goes to as many different members as it may, as long as something waits: to the living and the lately dead, never to oneself or who left',
    invariants: [38],
    interest: Interest.packets,
  },
  (beliefs, check) => ({
    afterInput(node, _input, effects, now) {
      if (beliefs.due?.reason !== 'gossip') return
      const { records, self } = beliefs.view
      const { gossip } = beliefs.setting.tuning
      const listens = ({ name, status, statusSinceMs }: Member): boolean =>
        name !== self && (isLive(status) || (status === 'dead' && now - statusSinceMs <= gossip.toTheDeadMs))
      const eligible = [...records.values()].filter(listens)
      const addresses = new Set(eligible.map(({ address }) => address))
      const targets = effects.flatMap((effect) => (effect.kind === 'send-packet' ? [effect.to] : []))
      for (const to of targets) check(addresses.has(to), node, () => `it gossips to ${to}, where nobody listens`)
      // Two names may be at one address, one of them a former one.
      if (addresses.size < eligible.length) return
      check(new Set(targets).size === targets.length, node, () => `it gossips to ${targets.join(', ')} in one round`)
      if (node.machine.queueDepths().control.items === 0) return
      const must = Math.min(gossip.nodes, eligible.length)
      check(
        targets.length === must,
        node,
        () => `it gossips to ${targets.length}, and must to ${must} of ${eligible.length}`,
      )
    },
  }),
)

const isLive = (status: Member['status']): boolean => status === 'alive' || status === 'suspect'
