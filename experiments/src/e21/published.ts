/** Demers et al. 1987, tables 1 to 3: 1000 sites, synchronous rounds (evaluation spec 1.4). */

/** Sites of the tables. */
export const SITES = 1000

/** Who speaks first, and what makes a site lose interest. */
export type Variant = 'push, feedback and counter' | 'push, blind and coin' | 'pull, feedback and counter'

/** One column of a published table. */
export interface PublishedRow {
  readonly variant: Variant
  readonly k: number
  /** Share of sites that never hear of it. */
  readonly residue: number
  /** Updates sent for each site. */
  readonly sent: number
  /** Mean round of arrival. */
  readonly averageRound: number
  /** Round of the last arrival. */
  readonly lastRound: number
}

const rows = (variant: Variant, figures: readonly (readonly [number, number, number, number])[]): PublishedRow[] =>
  figures.map(([residue, sent, averageRound, lastRound], index) => ({
    variant,
    k: index + 1,
    residue,
    sent,
    averageRound,
    lastRound,
  }))

/** All of them. */
export const published: readonly PublishedRow[] = [
  ...rows('push, feedback and counter', [
    [0.18, 1.7, 11.0, 16.8],
    [0.037, 3.3, 12.1, 16.9],
    [0.011, 4.5, 12.5, 17.4],
    [0.0036, 5.6, 12.7, 17.5],
    [0.0012, 6.7, 12.8, 17.7],
  ]),
  ...rows('push, blind and coin', [
    [0.96, 0.04, 19, 38],
    [0.2, 1.6, 17, 33],
    [0.06, 2.8, 15, 32],
    [0.021, 3.9, 14.1, 32],
    [0.008, 4.9, 13.8, 32],
  ]),
  ...rows('pull, feedback and counter', [
    [3.1e-2, 2.7, 9.97, 17.6],
    [5.8e-4, 4.5, 10.07, 15.4],
    [4.0e-6, 6.1, 10.08, 14.0],
  ]),
]
