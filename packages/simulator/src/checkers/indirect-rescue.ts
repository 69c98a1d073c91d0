import { Interest, law } from './checker.ts'

/** Invariant 55. */
export const indirectRescue = law(
  {
    name: 'indirect-rescue',
    law: 'Two members that do not reach each other, while everybody else reaches both, never hold each other for dead',
    invariants: [55],
    interest: Interest.probes | Interest.changes,
  },
  (beliefs, check) => {
    const { forecast, setting } = beliefs
    const cuts = forecast.cuts
    const pair = new Set(
      cuts.flatMap((fault) =>
        fault.kind === 'cut' && fault.from !== 'all' && fault.to !== 'all' ? [...fault.from, ...fault.to] : [-1],
      ),
    )
    const holds =
      cuts.length > 0 &&
      pair.size === 2 &&
      !pair.has(-1) &&
      setting.tuning.probe.indirectChecks > 0 &&
      !forecast.has(
        'loss',
        'delay',
        'partition',
        'stream-refusal',
        'stream-stall',
        'clock',
        'stall',
        'crash',
        'leave',
        'slander',
      )
    return {
      afterInput(node, _input, effects) {
        if (!holds || !pair.has(node.index) || beliefs.nodes.length < 3) return
        const { answered, expired } = beliefs.probe
        const other = beliefs.nodes[[...pair].find((index) => index !== node.index) ?? -1]
        if (answered?.target === other?.name && (answered?.relays.length ?? 0) > 0) check(true, node, () => '')
        if (expired?.target === other?.name && (expired?.relays.length ?? 0) > 0)
          check(false, node, () => `no relay rescued ${expired?.target}`)
        for (const effect of effects)
          if (effect.kind === 'event' && effect.event.type === 'fail')
            check(false, node, () => `it holds ${effect.event.member.name} for dead`)
      },
    }
  },
)
