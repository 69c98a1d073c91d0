/**
 * What a bridge drops, link by link: rules of nftables in the namespace of the bridge, with a counter for what a link
 * carried and one for what was dropped of it. A sender notices nothing, as on a real network.
 */
import { run } from './tools.ts'

/** Which packets: all of UDP, all of TCP. Address resolution is never dropped. */
export type Protocol = 'udp' | 'tcp'

/** A directed link, between two ports of the bridge. */
export interface Link {
  readonly from: number
  readonly to: number
}

/** What happens on a link: a share of its packets is lost, each by chance; 100 is a cut. */
export interface Fault extends Link {
  readonly percent: number
  readonly protocols: readonly Protocol[]
}

/** What the filters counted on a link since the faults were set. */
export interface LinkCount extends Link {
  readonly protocol: Protocol
  readonly seen: number
  readonly dropped: number
}

/** The filters of one bridge. */
export class Faults {
  readonly #namespace: string

  constructor(namespace: string) {
    this.#namespace = namespace
  }

  /** Replaces all faults at once; counting begins at 0. */
  async set(faults: readonly Fault[]): Promise<void> {
    await run('ip', ['netns', 'exec', this.#namespace, 'nft', '-f', '-'], ruleset(faults))
  }

  /** Takes all faults away, and the counters with them: what was counted until then. */
  async heal(): Promise<LinkCount[]> {
    const counts = await this.counts()
    await run('ip', ['netns', 'exec', this.#namespace, 'nft', '-f', '-'], emptied)
    return counts
  }

  /** What was counted so far. */
  async counts(): Promise<LinkCount[]> {
    const listed = await run('ip', ['netns', 'exec', this.#namespace, 'nft', '-j', 'list', 'counters'])
    const packets = new Map<string, number>()
    for (const { counter } of (JSON.parse(listed) as { nftables: readonly Listed[] }).nftables)
      if (counter) packets.set(counter.name, counter.packets)
    return [...packets].flatMap(([name, seen]) => {
      const [, protocol, from, to] = /^(udp|tcp)_seen_(\d+)_(\d+)$/.exec(name) ?? []
      if (protocol === undefined) return []
      const dropped = packets.get(name.replace('seen', 'lost')) ?? 0
      return [{ protocol: protocol as Protocol, from: Number(from), to: Number(to), seen, dropped }]
    })
  }
}

interface Listed {
  readonly counter?: { readonly name: string; readonly packets: number }
}

/** The table is made first, so that there is one to be deleted. */
const emptied = 'table bridge faults {\n}\ndelete table bridge faults\n'

function ruleset(faults: readonly Fault[]): string {
  const lines = faults.flatMap(({ from, to, percent, protocols }) => [
    ...protocols.flatMap((protocol) => [
      `counter ${protocol}_seen_${from}_${to} {`,
      '}',
      `counter ${protocol}_lost_${from}_${to} {`,
      '}',
    ]),
    `chain link_${from}_${to} {`,
    ...protocols.map((protocol) => {
      const chance = percent >= 100 ? '' : `numgen random mod 100 < ${percent} `
      return `ip protocol ${protocol} counter name ${protocol}_seen_${from}_${to} ${chance}counter name ${protocol}_lost_${from}_${to} drop`
    }),
    '}',
  ])
  const jumps = faults.map(({ from, to }) => `"p${from}" . "p${to}" : jump link_${from}_${to}`)
  const chain = ['chain forward {', 'type filter hook forward priority 0', 'policy accept']
  if (jumps.length > 0) chain.push(`iifname . oifname vmap { ${jumps.join(', ')} }`)
  return [emptied, 'table bridge faults {', ...lines, ...chain, '}', '}', ''].join('\n')
}

/** The same fault on many links. */
export function onLinks(
  links: readonly Link[],
  percent: number,
  protocols: readonly Protocol[] = ['udp', 'tcp'],
): Fault[] {
  return links.map(({ from, to }) => ({ from, to, percent, protocols }))
}

/** Every directed link between ports of one set and of another, or of the same. */
export function links(from: readonly number[], to: readonly number[] = from): Link[] {
  return from.flatMap((source) =>
    to.filter((target) => target !== source).map((target) => ({ from: source, to: target })),
  )
}
