import { Interest, law } from './checker.ts'

/** Invariant 47. */
export const accuracy = law(
  {
    name: 'accuracy',
    law: 'Where nothing is lost, delayed, stalled or forged and nobody goes, nobody is ever suspected and all health scores stay 0',
    invariants: [47],
    interest: Interest.probes | Interest.changes,
  },
  (beliefs, check) => {
    const holds = !beliefs.forecast.has(
      'loss',
      'delay',
      'cut',
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
        if (!holds) return
        for (const effect of effects) {
          if (effect.kind === 'health') check(false, node, () => `health is ${effect.score}`)
          if (effect.kind === 'event' && effect.event.type === 'suspect')
            check(false, node, () => `it suspects ${effect.event.member.name}`)
        }
        if (beliefs.probe.answered)
          check(node.machine.healthScore === 0, node, () => 'a probe was answered, and health is not 0')
      },
    }
  },
)
