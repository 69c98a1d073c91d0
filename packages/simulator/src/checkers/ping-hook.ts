import { Interest, law } from './checker.ts'

/** What `ping-complete` carries, where the machine offers it. */
interface PingComplete {
  readonly kind: 'ping-complete'
  readonly rttMs: number
}

/** Invariant 30. */
export const pingHook = law(
  {
    name: 'ping-hook',
    law: 'A round trip is told only of a probe that an ack answered directly, within the probe timeout, and is not negative',
    invariants: [30],
    interest: Interest.probes | Interest.answers,
  },
  (beliefs, check) => ({
    afterInput(node, _input, effects, now) {
      for (const effect of effects as readonly (PingComplete | { readonly kind: string })[]) {
        if (effect.kind !== 'ping-complete') continue
        const { rttMs } = effect as PingComplete
        const { answered } = beliefs.probe
        check(answered !== undefined, node, () => 'a round trip is told, and no probe was answered')
        check(
          rttMs >= 0 && rttMs <= beliefs.setting.tuning.probe.timeoutMs,
          node,
          () => `a round trip of ${rttMs} ms is told`,
        )
        if (answered)
          check(
            answered.relays.length === 0 && answered.startedAtMs <= now,
            node,
            () => `a round trip to ${answered.target} is told after relays were asked`,
          )
      }
    },
  }),
)
