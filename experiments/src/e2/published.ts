/** Lifeguard (2017), tables IV and VI and figures 2 and 3: 4,320 Interval runs, 10 for each cell. */
import type { ProfileName } from '../profiles/profile.ts'

/** Anomalous members of the columns of {@link figures}. */
export const counts = [1, 4, 8, 12, 16, 20, 24, 28, 32]
export const durationsMs = [128, 512, 2048, 8192, 16_384, 32_768]
export const pausesMs = [1, 4, 16, 64, 256, 1024, 4096, 16_384]
/** Runs behind each number of {@link figures}. */
export const RUNS_EACH = 480

/** False positives by C: anywhere, and at healthy members; the load in percent of SWIM (table VI). */
export interface PublishedRow {
  readonly profile: ProfileName
  readonly falsePositives: readonly number[]
  readonly atHealthy: readonly number[]
  readonly packetsPercent: number
  readonly bytesPercent: number
}

/** Decoded from the figures; the sums are those of table IV within 0.02 %. */
export const figures: readonly PublishedRow[] = [
  {
    profile: 'SWIM',
    falsePositives: [906, 5974, 11_289, 23_150, 34_506, 45_495, 58_968, 77_074, 81_675],
    atHealthy: [24, 9, 43, 40, 90, 204, 183, 276, 458],
    packetsPercent: 100,
    bytesPercent: 100,
  },
  {
    profile: 'LHA-Probe',
    falsePositives: [512, 3208, 7226, 15_201, 21_926, 36_480, 41_839, 50_273, 52_936],
    atHealthy: [2, 1, 3, 7, 57, 43, 57, 157, 109],
    packetsPercent: 98.46,
    bytesPercent: 90.03,
  },
  {
    profile: 'LHA-Suspicion',
    falsePositives: [49, 311, 142, 581, 1341, 1119, 1762, 2893, 1977],
    atHealthy: [0, 1, 2, 4, 9, 10, 11, 18, 34],
    packetsPercent: 111.31,
    bytesPercent: 106.52,
  },
  {
    profile: 'Buddy',
    falsePositives: [950, 6388, 8476, 20_191, 34_738, 46_450, 58_457, 71_740, 71_572],
    atHealthy: [1, 5, 12, 24, 45, 63, 96, 159, 186],
    packetsPercent: 100.07,
    bytesPercent: 99.01,
  },
  {
    profile: 'Lifeguard',
    falsePositives: [18, 143, 110, 224, 573, 751, 842, 1335, 1197],
    atHealthy: [0, 1, 4, 2, 0, 6, 4, 3, 5],
    packetsPercent: 110.59,
    bytesPercent: 97.97,
  },
]
