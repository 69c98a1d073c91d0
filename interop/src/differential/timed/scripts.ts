/** Scripts by kind, each with chances of its own. The same seed is the same script. */
import { Chance } from '../../../hostile/chance.ts'
import { USUAL_VERSIONS } from '../generate.ts'
import type { Step } from '../steps.ts'
import {
  aliveOf,
  endpoint,
  exactly,
  GOSSIP_INTERVAL_MS,
  ip,
  PORT,
  PROBE_INTERVAL_MS,
  PUSH_PULL_INTERVAL_MS,
  range,
  say,
  script,
  silence,
  suspect,
  TO_THE_DEAD_MS,
} from './draft.ts'
import { answers, exchangeGaps, failure, health, pings, sayings, told, transitions } from './instants.ts'
import { DELAY_MS, type Detours, type Script, type Watch } from './script.ts'

/** How long a suspicion lasts: with so many members, confirmed then and then, by whoever. */
function suspicion(chance: Chance): Script {
  const hosts = chance.pick([2, 3, 4, 9, 14, 31, 49])
  const since = 2000 + chance.below(1000)
  const by = ['n2', 'n2', 'n3', 'n4', 'n5', 'me', 'stranger']
  const confirmations = Array.from({ length: chance.below(5) }, () =>
    say(since + 1 + chance.below(24_000), suspect(1, 1 + chance.below(2), chance.pick(by))),
  )
  const refutation = chance.often(0.3) ? [say(since + 500 + chance.below(8000), aliveOf(1, 2))] : []
  return script({
    title: `suspicion of one of ${hosts + 1}, ${confirmations.length} confirmations`,
    hosts,
    inputs: [say(since, suspect(1, 1, chance.pick(['n2', 'n3']))), ...confirmations, ...refutation],
    untilMs: since + 60_000,
    watches: [exactly('what is believed of the accused', whileKnown('n1'))],
  })
}

/** When a record is dropped is another script's matter. */
const whileKnown =
  (name: string): Watch['instants'] =>
  (trace) =>
    transitions(name)(trace).filter(({ what }) => what !== 'forgotten')

/** A probe that fails: whom it asks when, and what that costs. */
function probe(chance: Chance): Script {
  const hosts = chance.often(0.4) ? 1 : 2 + chance.below(5)
  // Between two ticks.
  const from = 3500
  const relays = chance.pick<Detours['relays']>(['nothing', 'ack', { nackAfterMs: 400 }, { nackAfterMs: 520 }])
  const streams = chance.pick<Detours['streams']>(['refused', 'hanging', 'answered'])
  // Of several others, one may be probed before the silent one, and make the score better.
  const strain = hosts === 1 ? chance.below(6) : 0
  const inputs = range(strain).map((incarnation) =>
    say(from - 20 + incarnation, { kind: 'suspect', node: 'me', incarnation, by: 'stranger' }),
  )
  return script({
    title: `a probe fails, relays ${JSON.stringify(relays)}, streams ${streams}, ${hosts} others, score ${strain}`,
    hosts,
    inputs,
    silences: [silence(1, from)],
    detours: { relays, streams },
    untilMs: from + (hosts + 2) * 2 * PROBE_INTERVAL_MS + (strain + 1) * PROBE_INTERVAL_MS,
    watches: [exactly('the first probe that fails', failure(1, from, (strain + 1) * PROBE_INTERVAL_MS))],
  })
}

/** Nobody answers any more: how the windows grow, and how they shrink when everybody answers again. */
function deafness(chance: Chance): Script {
  const hosts = 4 + chance.below(3)
  const toMs = 10_000 + chance.below(12_000)
  const nackAfterMs = chance.pick([300, 520, 1200])
  const isHelped = chance.often(0.5)
  return script({
    title: `deaf for ${toMs} ms, ${hosts} others`,
    hosts,
    silences: range(hosts).map((host) => silence(host, 1500, toMs)),
    detours: { relays: isHelped ? { nackAfterMs } : 'nothing', streams: chance.pick(['refused', 'hanging']) },
    // Before the first verdict, and before the first pass is over.
    untilMs: 24_000,
    watches: [exactly('health', health), exactly('pings', pings)],
  })
}

/** Accusations of the member itself. */
function refutation(chance: Chance): Script {
  const inputs = Array.from({ length: 1 + chance.below(4) }, (): Script['inputs'][number] => {
    const incarnation = chance.below(6)
    const kind = chance.pick(['suspect', 'dead'] as const)
    return say(1000 + chance.below(8000), { kind, node: 'me', incarnation, by: 'stranger' })
  })
  return script({
    title: `${inputs.length} accusations of the member itself`,
    hosts: 4,
    inputs,
    untilMs: 16_000,
    watches: [
      exactly('own incarnation', transitions('me')),
      exactly('health', health),
      ...range(8).map((n) => exactly('refutations', sayings(`alive me@${n} `))),
    ],
  })
}

/** One message spreads: how often it is said, and when the last time. */
function gossip(chance: Chance): Script {
  const hosts = 2 + chance.below(12)
  const atMs = 2000 + chance.below(1000)
  return script({
    title: `a message spreads among ${hosts + 1}`,
    hosts,
    inputs: [say(atMs, aliveOf(1, 3))],
    untilMs: atMs + 6000,
    watches: [exactly('the message', sayings('alive n1@3'))],
  })
}

/** Rounds of anti-entropy. */
function antiEntropy(chance: Chance): Script {
  const hosts = chance.pick([5, 31, 32, 63])
  return script({
    title: `rounds of push/pull among ${hosts + 1}`,
    hosts,
    settings: { withoutLoops: ['gossip'] },
    // A first round may be late by as much as one period.
    untilMs: PUSH_PULL_INTERVAL_MS * (hosts >= 32 ? 9 : 5),
    watches: [
      // In Go, the time that a round takes adds to the period.
      { what: 'rounds', toleranceMs: GOSSIP_INTERVAL_MS, instants: (trace) => exchangeGaps(trace).slice(0, 2) },
    ],
  })
}

/** Pings on behalf of others. */
function relaying(chance: Chance): Script {
  const target = 1
  const isSilent = chance.often(0.6)
  const inputs = Array.from({ length: 1 + chance.below(4) }, (_, index): Script['inputs'][number] =>
    say(1500 + chance.below(4000), {
      kind: 'indirect-ping',
      seqNo: 100 + index,
      target: ip(target),
      port: PORT,
      node: `n${target}`,
      nack: chance.often(0.8),
    }),
  )
  return script({
    title: `${inputs.length} pings for others${isSilent ? ', unanswered' : ''}`,
    hosts: 3,
    inputs,
    silences: isSilent ? [silence(target, 0)] : [],
    untilMs: 8000,
    watches: [exactly('answers', answers)],
  })
}

/** A departure, new metadata, a ping of the application: when they are over. */
function requests(chance: Chance): Script {
  const hosts = 1 + chance.below(8)
  const steps = chance.pick<readonly Step[]>([
    [{ op: 'leave' }],
    [{ op: 'update-meta', meta: 'aa' }],
    [{ op: 'update-meta', meta: 'aa' }, { op: 'leave' }],
    [{ op: 'ping', node: 'n1', to: endpoint(1) }],
  ])
  const atMs = 2000 + chance.below(1000)
  return script({
    title: `requests: ${steps.map(({ op }) => op).join(', ')}, ${hosts} others`,
    hosts,
    inputs: steps.map((step, index) => ({ atMs: atMs + 100 * index, step })),
    silences: chance.often(0.5) ? [silence(1, atMs - 100, atMs + 900)] : [],
    untilMs: atMs + 9000,
    watches: [
      { what: 'requests', toleranceMs: GOSSIP_INTERVAL_MS, div: 'DIV-38', instants: told('finished') },
      exactly('own record', transitions('me')),
    ],
  })
}

/** The dead are told for a while, then forgotten. */
function reaping(chance: Chance): Script {
  const hosts = 3 + chance.below(4)
  const atMs = 2000 + chance.below(2000)
  const by = chance.pick(['n1', 'n2'])
  const rounds = hosts + 1
  return script({
    title: `${by === 'n1' ? 'a departed' : 'a dead'} member is forgotten, ${hosts} others`,
    hosts,
    inputs: [
      say(atMs, { kind: 'dead', node: 'n1', incarnation: 1, by }),
      // Something to say, before and after it is too late to be told.
      say(atMs + TO_THE_DEAD_MS - 2000, aliveOf(2, 2)),
      say(atMs + TO_THE_DEAD_MS + 1000, aliveOf(3, 2)),
    ],
    untilMs: atMs + TO_THE_DEAD_MS + (2 * rounds + 3) * PROBE_INTERVAL_MS,
    watches: [
      {
        what: 'the record',
        // Go looks at the end of each pass over its members; ours has a timer.
        toleranceMs: 2 * rounds * PROBE_INTERVAL_MS,
        div: 'DIV-41',
        instants: transitions('n1'),
      },
      exactly('forgotten too early', tooEarly(atMs)),
      exactly('told although forgotten soon', toldLate(atMs)),
    ],
  })
}

const tooEarly =
  (diedAtMs: number): Watch['instants'] =>
  (trace) =>
    trace.transitions
      .filter(({ name, after, atMs }) => name === 'n1' && after === undefined && atMs <= diedAtMs + TO_THE_DEAD_MS)
      .map(({ atMs }) => ({ atMs, what: 'forgotten' }))

/** Whether the dead one is told is chance as long as it may be; afterwards it never is. */
const toldLate =
  (diedAtMs: number): Watch['instants'] =>
  (trace) =>
    trace.packets
      .filter(({ to, atMs }) => to === endpoint(1) && atMs > diedAtMs + TO_THE_DEAD_MS + DELAY_MS)
      .map(({ atMs }) => ({ atMs, what: 'told' }))

/** A name comes back from another address. */
function reclaim(chance: Chance): Script {
  const deadNodeReclaimMs = chance.pick([0, 3000])
  const diedAtMs = 2000
  const claim = (atMs: number, incarnation: number): Script['inputs'][number] =>
    say(atMs, { kind: 'alive', node: 'n1', incarnation, address: ip(101), port: PORT, versions: USUAL_VERSIONS })
  return script({
    title: `a dead name from another address after ${deadNodeReclaimMs} ms`,
    hosts: 3,
    settings: { deadNodeReclaimMs },
    inputs: [
      say(diedAtMs, { kind: 'dead', node: 'n1', incarnation: 1, by: 'n2' }),
      claim(diedAtMs + 500 + chance.below(2000), 2),
      claim(diedAtMs + 3000, 3),
      claim(diedAtMs + 3050 + chance.below(2000), 4),
    ],
    untilMs: 9000,
    watches: [
      exactly('the record', transitions('n1')),
      exactly('conflicts', told('conflict')),
      exactly('joins', told('join')),
    ],
  })
}

/** All kinds. */
export const kinds: Readonly<Record<string, (chance: Chance) => Script>> = {
  suspicion,
  probe,
  deafness,
  refutation,
  gossip,
  antiEntropy,
  relaying,
  requests,
  reaping,
  reclaim,
}

/** The script of a seed: kinds take turns. */
export function scriptOf(seed: number): Script {
  const make = Object.values(kinds)[seed % Object.keys(kinds).length]!
  return make(new Chance(seed * 0x9e3779b1))
}
