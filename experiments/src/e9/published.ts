/** Rapid (Suresh et al. 2018), figure 5 and table 1: seconds until every process reports N; DefaultLANConfig. */

/** Means and half-whiskers; memberlist’s model by evaluation spec 2.5. */
export const figure5 = [
  { size: 1000, zookeeper: 33.3, memberlist: 45.8, half: 2.9, rapid: 29.6, model: 48.5 },
  { size: 1500, zookeeper: 80.9, memberlist: 68.6, half: 5.9, rapid: 40.0, model: 72.7 },
  { size: 2000, zookeeper: 165.3, memberlist: 97.6, half: 7.7, rapid: 53.5, model: 97.0 },
] as const

/** Different view sizes that were seen at N = 1000. */
export const table1 = { memberlist: 901, rapid: 4 }

/** Seconds, for ours: at once, and spread over 5 s. */
export const targets = { 500: 6, 5000: 9 } as const

/** Every node must receive N·66 bytes, and pairwise exchange needs ⌈log2 N⌉ rounds, a few a second: 2 to 4 s at 1000. */
export const limitSeconds = (size: number): number => Math.ceil(Math.log2(size)) / 4
