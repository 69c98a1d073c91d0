import { Interest, law } from './checker.ts'

/** Invariant 24. */
export const probeTargets = law(
  {
    name: 'probe-targets',
    law: 'Nobody probes itself, the dead, or who left; relays are alive, distinct, and neither prober nor target',
    invariants: [24],
    interest: Interest.probes | Interest.packets,
  },
  (beliefs, check) => ({
    afterInput(node, _input, effects) {
      const { view, touched, probe } = beliefs
      // What was believed at some moment of this input: it may have changed with it.
      const statuses = (name: string): (string | undefined)[] => [
        view.records.get(name)?.status,
        touched.find((each) => each.name === name)?.before?.status,
      ]
      for (const { target } of probe.began) {
        const isLive = statuses(target).some((status) => status === 'alive' || status === 'suspect')
        check(
          target !== view.self && isLive,
          node,
          () => `it probes ${target}, which is ${view.records.get(target)?.status}`,
        )
      }
      const asked = new Set<string>()
      for (const effect of effects) {
        if (effect.kind !== 'send-packet') continue
        const message = effect.parts[0]?.message
        if (message?.type !== 'indirect-ping') continue
        check(!asked.has(effect.to), node, () => `it asked ${effect.to} twice to ping ${message.node}`)
        asked.add(effect.to)
        const relay = [...view.records.values()].find(
          (each) => each.address === effect.to && each.name !== message.node && statuses(each.name).includes('alive'),
        )
        check(
          relay !== undefined && relay.name !== view.self,
          node,
          () => `it asked ${effect.to} to ping ${message.node}, and nobody else alive is there`,
        )
      }
      if (asked.size > 0)
        check(asked.size <= beliefs.setting.tuning.probe.indirectChecks, node, () => `it asked ${asked.size} relays`)
    },
  }),
)
