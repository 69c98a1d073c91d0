/** Lifeguard (Dadgar, Phillips, Currey 2017), table V: seconds, all Threshold runs, 128 agents, α = 5, β = 6. */
import type { ProfileName } from '../profiles/profile.ts'

/** Median, 99 % and 99.9 %. */
export type Percentiles = readonly [median: number, p99: number, p999: number]

/** The shares that {@link Percentiles} are for. */
export const shares = [0.5, 0.99, 0.999] as const

/** First detection, and full dissemination to all healthy members. */
export const tableV: readonly {
  readonly profile: ProfileName
  readonly first: Percentiles
  readonly full: Percentiles
}[] = [
  { profile: 'SWIM', first: [12.44, 16.96, 19.4], full: [12.9, 16.93, 20.17] },
  { profile: 'LHA-Probe', first: [12.42, 17.75, 20.1], full: [12.9, 17.98, 20.56] },
  { profile: 'LHA-Suspicion', first: [12.42, 17.47, 25.41], full: [12.89, 17.33, 23.8] },
  { profile: 'Buddy', first: [12.45, 17.12, 19.16], full: [12.92, 17.18, 19.81] },
  { profile: 'Lifeguard', first: [12.45, 17.9, 21.2], full: [12.91, 18.05, 21.68] },
]

/** ± seconds. */
export const bands: Percentiles = [0.2, 1, 2]

/** First detection by evaluation spec 2.2: random targets, and the best schedule of one probe a member and interval. */
export const models = {
  random: [12.36, 16.35, 19.16],
  limit: [12.14, 14.4, 15.72],
} as const satisfies Readonly<Record<string, Percentiles>>

/** Anomalous members, and how long. */
export const counts = [1, 4, 8, 12, 16, 20, 24, 28, 32]
export const durationsMs = [128, 512, 2048, 8192, 16_384, 32_768]
