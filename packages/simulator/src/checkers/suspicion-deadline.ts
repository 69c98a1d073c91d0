import type { Machine } from '@hearsay/membership'
import { law } from './checker.ts'

/** Fractions of a millisecond that a sum of times may be off. */
const ROUNDING_MS = 0.001

/** Invariants 17 and 19. */
export const suspicionDeadline = law(
  {
    name: 'suspicion-deadline',
    law: 'A suspicion lasts from its minimum to its maximum, exactly as long as its confirmations make it, and is never put off',
    invariants: [17, 19],
  },
  (beliefs, check) => {
    const deadlines = new WeakMap<Machine, Map<string, { startedAtMs: number; deadlineMs: number }>>()
    return {
      beforeInput(node) {
        const { due } = beliefs
        if (due?.reason !== 'suspicion') return
        const first = beliefs.viewOf(node)?.reference.firstToExpire()
        const reference = beliefs.viewOf(node)?.reference
        const isOpen = [...(reference?.records.values() ?? [])].some(({ episode }) => episode?.isOpen)
        check(
          first?.episode !== undefined && (isOpen || Math.abs(first.episode.deadlineMs - due.at) <= ROUNDING_MS),
          node,
          () => `a suspicion ran out at ${due.at}; of ${first?.name} it must at ${first?.episode?.deadlineMs}`,
        )
        if (!first?.episode || isOpen) return
        const { startedAtMs, minMs, maxMs, expected } = first.episode
        const lastedMs = due.at - startedAtMs
        check(
          lastedMs >= minMs - ROUNDING_MS && lastedMs <= maxMs + ROUNDING_MS,
          node,
          () => `the suspicion of ${first.name} lasted ${lastedMs} ms, not ${minMs} to ${maxMs}`,
        )
        if (expected > 0) return
        check(
          Math.abs(lastedMs - minMs) <= ROUNDING_MS,
          node,
          () => `that of ${first.name}, without confirmers, lasted ${lastedMs}`,
        )
      },
      afterInput(node) {
        const known = deadlines.get(node.machine) ?? new Map<string, { startedAtMs: number; deadlineMs: number }>()
        deadlines.set(node.machine, known)
        for (const { name, expected } of beliefs.touched) {
          const episode = expected?.episode
          if (!episode) {
            known.delete(name)
            continue
          }
          const before = known.get(name)
          if (before?.startedAtMs === episode.startedAtMs)
            check(episode.deadlineMs <= before.deadlineMs, node, () => `the suspicion of ${name} was put off`)
          known.set(name, { startedAtMs: episode.startedAtMs, deadlineMs: episode.deadlineMs })
        }
      },
    }
  },
)
