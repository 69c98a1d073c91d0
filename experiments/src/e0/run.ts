/** One cluster, idle or with a crash a second, and what it cost. */
import { Cluster } from '@hearsay/simulator'
import { seedOf } from '../statistics/random.ts'

/** What to run. */
export interface Load {
  readonly size: number
  readonly crashes: boolean
  readonly seconds: number
  readonly repetition: number
  readonly bytes?: boolean
}

/** What came out, and what it cost. */
export interface Cost {
  readonly trace: string
  /** Deliveries and timers. */
  readonly events: number
  /** What machines were given: deliveries and due deadlines. */
  readonly inputs: number
  readonly packets: number
  /** Pairs of a member that runs and a record of it that is not as it should be at the end. */
  readonly wrongBeliefs: number
  /** Setting the members up. */
  readonly formMs: number
  /** The run itself: on a clock, and of a processor. */
  readonly wallMs: number
  readonly processorMs: number
  /** Most memory that the process had. */
  readonly peakBytes: number
}

const CRASH_EVERY_MS = 1000
const BYTES_PER_KIB = 1024

/** Runs a formed cluster for so many virtual seconds. */
export function cost({ size, crashes, seconds, repetition, bytes = false }: Load): Cost {
  const started = performance.now()
  const cluster = new Cluster({ seed: seedOf('e0', size, repetition), bytes })
  cluster.form(size)
  if (crashes) crashEachSecond(cluster)
  const formed = performance.now()
  const before = process.cpuUsage()
  cluster.run(seconds * 1000)
  const { user, system } = process.cpuUsage(before)
  return {
    trace: cluster.trace.hash(),
    events: cluster.world.eventCount,
    inputs: cluster.trace.count,
    packets: cluster.network.counts.sent,
    wrongBeliefs: wrongBeliefs(cluster),
    formMs: formed - started,
    wallMs: performance.now() - formed,
    processorMs: (user + system) / 1000,
    peakBytes: process.resourceUsage().maxRSS * BYTES_PER_KIB,
  }
}

function crashEachSecond({ world, nodes }: Cluster): void {
  const random = world.random('e0')
  const crash = (): void => {
    for (;;) {
      const node = nodes[Math.floor(random() * nodes.length)]!
      if (node.state !== 'up') continue
      node.crash()
      break
    }
    world.schedule(CRASH_EVERY_MS, crash)
  }
  world.schedule(CRASH_EVERY_MS, crash)
}

/** Living members that somebody holds dead. None in either load: the network is perfect. */
function wrongBeliefs({ nodes }: Cluster): number {
  const up = new Set(nodes.filter(({ state }) => state === 'up').map(({ name }) => name))
  let wrong = 0
  for (const { machine, state } of nodes) {
    if (state !== 'up') continue
    const { table } = machine
    for (let index = 0; index < table.capacity; index++)
      if (table.has(index) && up.has(table.name(index)) && table.status(index) !== 'alive') wrong++
  }
  return wrong
}
