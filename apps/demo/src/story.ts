/** The story: a cluster is born, shares a ring, loses a member, finds another again. Every figure in it is measured. */
import { Player } from './cast.ts'
import type { Narrator } from './narrator.ts'
import type { MemberOrders, MemberReport } from './protocol.ts'
import { agrees, type Expectation, objections } from './verdict.ts'

const RING = 'demo/ring'
const TOKENS = 64
const names = ['ada', 'bob', 'cleo', 'dan', 'eve'] as const

/** A running cluster and what it should look like. */
export interface Ending {
  readonly players: readonly Player[]
  readonly agreed: boolean
  readonly page: string | undefined
}

/** Tells the story to its end. The players stay on stage. */
export async function tellStory(narrator: Narrator): Promise<Ending> {
  const stage = new Stage(narrator)
  await fullStates(narrator)
  const page = await birth(stage)
  await registration(stage)
  await difference(stage)
  const killed = await death(stage)
  await departureAndReturn(stage)
  const agreed = await verdict(stage, killed)
  return { players: stage.players, agreed, page }
}

/** The members on stage. */
class Stage {
  readonly narrator: Narrator
  readonly players: Player[] = []
  #seed: string | undefined

  constructor(narrator: Narrator) {
    this.narrator = narrator
  }

  async enter(name: string, travel: MemberOrders['travel'], page = false): Promise<MemberReport> {
    const join = this.#seed === undefined ? [] : [this.#seed]
    const { player, report } = await Player.enter({ name, join, ringKey: RING, travel, page })
    this.#seed ??= report.address
    this.players.push(player)
    return report
  }

  player(name: string): Player {
    return this.players.find((player) => player.name === name)!
  }

  /** Takes a member off the stage. */
  remove(name: string): Player {
    const [player] = this.players.splice(this.players.indexOf(this.player(name)), 1)
    return player!
  }

  async reports(): Promise<MemberReport[]> {
    return Promise.all(this.players.map(async (player) => (await player.ask({ ask: 'report' })).report))
  }

  /** When each member's own copy of the ring first satisfied `wanted`. */
  async arrivals(
    wanted: (report: MemberReport) => boolean,
    trigger: () => Promise<number>,
    except?: string,
  ): Promise<{ since: number; times: Map<string, number> }> {
    const times = new Map<string, number>()
    const waits = this.players
      .filter((player) => player.name !== except)
      .map(async (player) => {
        const first = await player.next('ring', ({ report }) => wanted(report), 30_000)
        times.set(player.name, first.at)
      })
    const since = await trigger()
    await Promise.all(waits)
    return { since, times }
  }

  async close(): Promise<void> {
    await Promise.all(this.players.map((player) => player.dismiss()))
  }
}

async function fullStates(narrator: Narrator): Promise<void> {
  const chapter = 'full states'
  narrator.chapter(
    '1. Full states, rarely',
    'Five processes with gossip and probes off: only push/pull is left, every half second with one random member.',
  )
  const stage = new Stage(narrator)
  try {
    for (const name of names) await stage.enter(name, 'push-pull')
    await stage.player('ada').ask({ ask: 'register', tokens: TOKENS })
    const { since, times } = await stage.arrivals(
      (report) => report.instances.some(({ id }) => id === 'bob'),
      async () => (await stage.player('bob').ask({ ask: 'register', tokens: TOKENS })).at,
      'bob',
    )
    const reports = await stage.reports()
    narrator.tell({
      chapter,
      what: 'bob registered; every copy of the ring has it',
      lastAfterMs: latest(since, times),
      eachAfterMs: sorted(since, times),
      broadcastsReceived: sum(reports, 'broadcastsReceived'),
      statesReceived: sum(reports, 'statesReceived'),
      bytesOfAState: Math.round(sum(reports, 'stateBytesReceived') / Math.max(1, sum(reports, 'statesReceived'))),
    })
  } finally {
    await stage.close()
  }
}

async function birth(stage: Stage): Promise<string | undefined> {
  stage.narrator.chapter(
    '2. A cluster is born',
    'Five processes on loopback. The first is alone; each of the others is told its address, and learns of the rest from it.',
  )
  const started = now()
  let page: string | undefined
  for (const name of names) {
    const report = await stage.enter(name, 'gossip', name === 'ada')
    page ??= report.page
    stage.narrator.tell({
      chapter: 'birth',
      what: `${name} is up`,
      address: report.address,
      knows: report.members.length,
    })
  }
  const complete = (report: MemberReport) =>
    report.members.filter(({ status }) => status === 'alive').length === names.length
  await until(async () => (await stage.reports()).every(complete))
  stage.narrator.tell({ chapter: 'birth', what: 'everybody knows everybody', afterMs: now() - started })
  return page
}

async function registration(stage: Stage): Promise<void> {
  stage.narrator.chapter(
    '3. A ring is shared',
    `Each member registers itself in a hash ring with ${TOKENS} tokens. Push/pull is off: only differences travel.`,
  )
  const started = now()
  for (const name of names) await stage.player(name).ask({ ask: 'register', tokens: TOKENS })
  await until(async () => agrees(await stage.reports(), { living: names, killed: [] }))
  const [first] = await stage.reports()
  stage.narrator.tell({
    chapter: 'ring',
    what: 'five copies, one hash',
    afterMs: now() - started,
    hash: first!.hash.slice(0, 16),
    instances: first!.instances.length,
  })
}

async function difference(stage: Stage): Promise<void> {
  stage.narrator.chapter(
    '4. A difference, often',
    'cleo changes its own part of the ring: it takes no new work. Only that one entry is gossiped, to three random members, who pass it on.',
  )
  const before = await stage.reports()
  const { since, times } = await stage.arrivals(
    (report) => report.instances.some(({ id, readOnly }) => id === 'cleo' && readOnly),
    async () => (await stage.player('cleo').ask({ ask: 'pause' })).at,
    'cleo',
  )
  const after = await stage.reports()
  const broadcasts = sum(after, 'broadcastsReceived') - sum(before, 'broadcastsReceived')
  stage.narrator.tell({
    chapter: 'difference',
    what: 'every copy of the ring has it',
    lastAfterMs: latest(since, times),
    eachAfterMs: sorted(since, times),
    broadcastsReceived: broadcasts,
    bytesOfADifference: Math.round(
      (sum(after, 'broadcastBytesReceived') - sum(before, 'broadcastBytesReceived')) / Math.max(1, broadcasts),
    ),
    statesReceived: sum(after, 'statesReceived') - sum(before, 'statesReceived'),
  })
}

async function death(stage: Stage): Promise<string> {
  stage.narrator.chapter(
    '5. A death',
    'dan is killed without a word. Probes go unanswered, somebody suspects, others confirm, and the verdict spreads.',
  )
  const victim = stage.remove('dan')
  const stops = stage.players.map((player) =>
    player.hear('member', ({ event, name, accuser }) => {
      if (name === 'dan' && event === 'suspect')
        stage.narrator.tell({ chapter: 'death', what: `${player.name} hears that dan is suspected`, accuser })
    }),
  )
  const verdicts = stage.players.map((player) =>
    player.next('member', ({ event, name }) => event === 'fail' && name === 'dan', 60_000),
  )
  const killedAt = now()
  await victim.kill()
  const times = new Map((await Promise.all(verdicts)).map(({ at }, index) => [stage.players[index]!.name, at]))
  for (const stop of stops) stop()
  stage.narrator.tell({
    chapter: 'death',
    what: 'every member holds dan dead',
    firstAfterMs: Math.min(...times.values()) - killedAt,
    lastAfterMs: latest(killedAt, times),
  })
  await until(async () =>
    (await stage.reports()).every(({ instances }) => instances.every(({ id, healthy }) => id !== 'dan' || !healthy)),
  )
  stage.narrator.tell({
    chapter: 'death',
    what: 'its entry in the ring is unhealthy everywhere',
    afterMs: now() - killedAt,
  })
  return 'dan'
}

async function departureAndReturn(stage: Stage): Promise<void> {
  stage.narrator.chapter(
    '6. A departure, and a return',
    'eve says good-bye: it leaves the ring, then the cluster. Then a new process comes back under its name.',
  )
  const others = stage.players.filter(({ name }) => name !== 'eve')
  const leaves = others.map((player) => player.next('member', ({ event, name }) => event === 'leave' && name === 'eve'))
  const leftAt = now()
  const gone = stage.remove('eve')
  await gone.ask({ ask: 'leave' })
  const times = new Map((await Promise.all(leaves)).map(({ at }, index) => [others[index]!.name, at]))
  stage.narrator.tell({
    chapter: 'return',
    what: 'every member records that eve left, not that it failed',
    lastAfterMs: latest(leftAt, times),
  })
  await gone.dismiss()
  await until(async () => (await stage.reports()).every(({ instances }) => instances.every(({ id }) => id !== 'eve')))
  const backAt = now()
  // The full state comes with the join, in one exchange.
  const report = await stage.enter('eve', 'gossip')
  stage.narrator.tell({
    chapter: 'return',
    what: 'eve is back and got the whole ring with its join',
    instances: report.instances.length,
    afterMs: now() - backAt,
  })
  await stage.player('eve').ask({ ask: 'register', tokens: TOKENS })
}

async function verdict(stage: Stage, killed: string): Promise<boolean> {
  stage.narrator.chapter(
    '7. Does everybody agree?',
    'Each member is asked, one by one, what its own copy of the ring says.',
  )
  const expectation: Expectation = { living: names.filter((name) => name !== killed), killed: [killed] }
  await until(async () => agrees(await stage.reports(), expectation)).catch(() => {})
  const reports = await stage.reports()
  for (const report of reports) {
    const wrong = objections(report, expectation)
    stage.narrator.tell({
      chapter: 'verdict',
      what: `${report.name} says`,
      hash: report.hash.slice(0, 16),
      instances: report.instances.map(({ id, healthy }) => (healthy ? id : `${id} (unhealthy)`)).join(' '),
      ...(wrong.length > 0 ? { wrong: wrong.join(', ') } : {}),
    })
  }
  const agreed = agrees(reports, expectation)
  stage.narrator.tell({ chapter: 'verdict', what: agreed ? 'all agree' : 'they do not agree', agreed })
  return agreed
}

const now = (): number => performance.timeOrigin + performance.now()
const latest = (since: number, times: ReadonlyMap<string, number>): number => Math.max(...times.values()) - since
const sorted = (since: number, times: ReadonlyMap<string, number>): number[] =>
  [...times.values()].map((at) => Math.round(at - since)).sort((a, b) => a - b)
const sum = (reports: readonly MemberReport[], counter: keyof MemberReport['counters']): number =>
  reports.reduce((total, report) => total + report.counters[counter], 0)

/** Looks again and again until it is so. Rejects after a minute. */
async function until(look: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const end = now() + timeoutMs
  while (!(await look())) {
    if (now() > end) throw new Error(`the story did not go on within ${timeoutMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
