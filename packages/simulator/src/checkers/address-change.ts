import { law } from './checker.ts'

/** Invariant 8. */
export const addressChange = law(
  {
    name: 'address-change',
    law: 'A name moves to another address only after it left, or was dead for longer than the reclaim time',
    invariants: [8],
  },
  (beliefs, check) => ({
    afterInput(node, _input, _effects, now) {
      const { deadNodeReclaimMs } = beliefs.setting.tuning
      for (const { name, before, after, claims } of beliefs.touched) {
        if (!before || !after) continue
        if (before.address === after.address) {
          if (claims.some(({ address }) => address !== undefined && address !== before.address)) check(true, node, none)
          continue
        }
        // It may have left with the very input that moved it.
        const left = before.status === 'left' || claims.some((claim) => claim.type === 'dead')
        const reclaimed =
          before.status === 'dead' && deadNodeReclaimMs > 0 && now - before.statusSinceMs > deadNodeReclaimMs
        check(left || reclaimed, node, () => {
          const since = `${before.status} for ${now - before.statusSinceMs} ms`
          return `${name} moved from ${before.address} to ${after.address}, ${since}`
        })
      }
    },
  }),
)

const none = (): string => ''
