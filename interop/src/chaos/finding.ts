/** What a scenario came to: measured from what the members said and what the filters counted. */
import type { LinkCount } from './faults.ts'
import type { Report } from './report.ts'

/** One member holds another one dead. */
export interface Death {
  readonly by: string
  readonly about: string
  /** From the beginning of the scenario. */
  readonly afterMs: number
}

/** The outcome of a scenario; one JSON line each. */
export interface Finding {
  readonly scenario: string
  readonly cluster: string
  /** How long the fault lasted. */
  readonly faultSeconds: number
  /** Accusations after an own probe that failed. */
  readonly suspicions: number
  /** Times that a member contradicted an accusation of itself. */
  readonly refutations: number
  /** Who was suspected, and refuted after that. */
  readonly refuted: readonly string[]
  /** Every member that any member held dead, once for each pair. */
  readonly deaths: readonly Death[]
  /** How long it took, from the end of the fault, until all agreed; undefined when they did not in time. */
  readonly agreedMs: number | undefined
  /** Who differed in what when time was up. */
  readonly differences: readonly string[]
  /** What the filters counted, by directed link. */
  readonly links: readonly LinkCount[]
  /** Further figures of this scenario, in milliseconds unless they say otherwise. */
  readonly figures: Readonly<Record<string, number | undefined>>
}

/** What reports since `beganMs` say of suspicions, refutations and deaths. */
export function judged(
  reports: readonly Report[],
  beganMs: number,
): Pick<Finding, 'suspicions' | 'refutations' | 'refuted' | 'deaths'> {
  const suspected = new Set<string>()
  const refuted = new Set<string>()
  const deaths = new Map<string, Death>()
  let suspicions = 0
  let refutations = 0
  for (const { atMs, by, kind, about } of reports) {
    if (kind === 'suspected') {
      suspicions++
      suspected.add(about)
    } else if (kind === 'refuted') {
      refutations++
      if (suspected.has(about)) refuted.add(about)
    } else if (kind === 'gone' && !deaths.has(`${by} ${about}`))
      deaths.set(`${by} ${about}`, { by, about, afterMs: Math.round(atMs - beganMs) })
  }
  return { suspicions, refutations, refuted: [...refuted], deaths: [...deaths.values()] }
}

/** Deaths of members that are not `mortal`: that were there, and could be reached. */
export function wrongDeaths({ deaths }: Pick<Finding, 'deaths'>, mortal: readonly string[]): string[] {
  return deaths
    .filter(({ about }) => !mortal.includes(about))
    .map(({ by, about, afterMs }) => `${by} held ${about} dead after ${afterMs} ms`)
}

/**
 * From how many packets on a link's share tells something: at 10 % the standard deviation of the share is then 0.42 %,
 * so that 2 % are 4.7 of them: by chance, one of 90 links leaves 8 to 12 % in one run of some 4,000.
 */
export const enoughPackets = 5000

/** Share of the packets of a link that were dropped. */
export const shareOf = ({ seen, dropped }: Pick<LinkCount, 'seen' | 'dropped'>): number => (seen ? dropped / seen : 0)

/** Links of UDP, each with enough packets, whose share is not in the band; and those that carried too few. */
export function outsideBand(links: readonly LinkCount[], least: number, most: number): string[] {
  return links
    .filter(({ protocol }) => protocol === 'udp')
    .flatMap((link) => {
      const named = `${link.from} to ${link.to}: ${link.dropped} of ${link.seen}`
      if (link.seen < enoughPackets) return [`${named}, too few`]
      return shareOf(link) >= least && shareOf(link) <= most ? [] : [named]
    })
}

/** All links together. */
export function total(links: readonly LinkCount[], protocol: LinkCount['protocol']): { seen: number; dropped: number } {
  let seen = 0
  let dropped = 0
  for (const link of links)
    if (link.protocol === protocol) {
      seen += link.seen
      dropped += link.dropped
    }
  return { seen, dropped }
}

/** One line of JSON. Links, by name, only where shares were measured; deaths by whom they were about. */
export function jsonLine({ links, deaths, ...finding }: Finding, names: readonly string[]): string {
  const udp = links.filter(({ protocol }) => protocol === 'udp')
  const measured = udp.length > 0 && udp.every(({ seen }) => seen >= enoughPackets)
  return JSON.stringify({
    ...finding,
    deaths: deathsByVictim(deaths),
    dropped: links.length === 0 ? undefined : { udp: total(links, 'udp'), tcp: total(links, 'tcp') },
    ...(measured ? measuredShares(udp, names) : {}),
  })
}

function deathsByVictim(deaths: readonly Death[]): Record<string, { by: string[]; firstMs: number; lastMs: number }> {
  const victims = [...new Set(deaths.map(({ about }) => about))]
  return Object.fromEntries(
    victims.map((victim) => {
      const own = deaths.filter(({ about }) => about === victim)
      const times = own.map(({ afterMs }) => afterMs)
      return [victim, { by: own.map(({ by }) => by), firstMs: Math.min(...times), lastMs: Math.max(...times) }]
    }),
  )
}

function measuredShares(links: readonly LinkCount[], names: readonly string[]): Record<string, unknown> {
  return {
    leastShare: Math.min(...links.map(shareOf)),
    mostShare: Math.max(...links.map(shareOf)),
    fewestPackets: Math.min(...links.map(({ seen }) => seen)),
    links: Object.fromEntries(
      links.map(({ from, to, seen, dropped }) => [`${names[from]}>${names[to]}`, [seen, dropped]]),
    ),
  }
}
