/**
 * The same messages, in the same order, for a real member of memberlist and for our machine in its faithful profile:
 * after each step both believe the same of everybody, and have said the same, but for what is listed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playSeeds, unused } from '../src/differential/campaign.ts'
import { DEFAULT_SEEDS } from '../src/differential/command.ts'
import type { Difference } from '../src/differential/compare.ts'
import { plainSettings } from '../src/differential/examples.ts'
import { USUAL_VERSIONS } from '../src/differential/generate.ts'
import { GoMembers } from '../src/differential/go-member.ts'
import type { Observation } from '../src/differential/observation.ts'
import { play, type Tamper } from '../src/differential/play.ts'
import { describeCampaign, describeFault } from '../src/differential/report.ts'
import { shrink } from '../src/differential/shrink.ts'
import type { Sequence, Step } from '../src/differential/steps.ts'

let go: GoMembers
beforeAll(() => {
  go = new GoMembers()
})
afterAll(() => go.end())

test('random sequences: no difference but those listed', async () => {
  const campaign = await playSeeds(go, 1, DEFAULT_SEEDS)
  console.log(describeCampaign(campaign))
  expect(campaign.faults.map(describeFault)).toEqual([])
  // What follows a difference that cannot be mended is not compared: that must not become the rule.
  expect(campaign.cutShort).toBeLessThan(campaign.sequences / 4)
})

test('each difference that is listed exists: its example shows it, and nothing else', async () => {
  expect((await unused(go)).map(({ div, what }) => `${div}: ${what}`)).toEqual([])
})

const from = '10.0.0.1:7946'
const joins = (node: string, host: number): Step => {
  const address = Buffer.from([10, 0, 0, host]).toString('hex')
  const claim = { node, incarnation: 1, address, port: 7946, versions: USUAL_VERSIONS }
  return { op: 'packet', from, messages: [{ kind: 'alive', ...claim }] }
}

/** Everything that is compared occurs in it. */
const everything: Sequence = {
  settings: { ...plainSettings, localState: 'abcd' },
  steps: [
    joins('n1', 1),
    joins('n2', 2),
    { op: 'packet', from, messages: [{ kind: 'suspect', node: 'n2', incarnation: 1, by: 'n1' }] },
    { op: 'packet', from, messages: [{ kind: 'suspect', node: 'me', incarnation: 1, by: 'n1' }] },
    { op: 'packet', from, messages: [{ kind: 'ping', seqNo: 7, node: 'me' }] },
    { op: 'gossip' },
    { op: 'state', state: { join: false, entries: [], userState: 'f00d' } },
    { op: 'join', to: from, answer: { kind: 'closed' } },
  ],
}

/** What ours said, with one thing in it changed. */
const tampers: Readonly<Record<Difference['kind'], Tamper>> = {
  record: (said) => ({ ...said, state: said.state.map((node) => ({ ...node, incarnation: node.incarnation + 1 })) }),
  part: changePackets((packet) => ({ ...packet, messages: packet.messages.slice(0, 1) })),
  packet: changePackets((packet) => ({ ...packet, to: '10.0.0.77:7946' })),
  targets: (said, { op }) =>
    op === 'gossip' ? { ...said, packets: said.packets.map((packet) => ({ ...packet, to: from })) } : said,
  dial: (said) => ({ ...said, dials: said.dials.map((dial) => ({ ...dial, to: '10.0.0.77:7946' })) }),
  reply: (said) => ({ ...said, replies: said.replies.map(() => undefined) }),
  told: (said) => ({ ...said, told: [] }),
  health: (said) => ({ ...said, health: 0 }),
}

function changePackets(change: (packet: Observation['packets'][number]) => Observation['packets'][number]): Tamper {
  return (said) => ({ ...said, packets: said.packets.map(change) })
}

describe('a difference is seen', () => {
  test('not in what is untouched', async () => {
    expect((await play(go, everything)).failure).toBeUndefined()
  })

  test.each(Object.keys(tampers) as Difference['kind'][])('in %s', async (kind) => {
    const { failure } = await play(go, everything, tampers[kind])
    expect(failure?.differences.map((each) => each.kind)).toContain(kind)
  })
})

test('a sequence that fails is made short, and still fails as JSON', async () => {
  // As if no accusation ever got out.
  const muted: Tamper = (said) => ({
    ...said,
    packets: said.packets.map((packet) => ({
      ...packet,
      messages: packet.messages.filter(({ type }) => type !== 'suspect'),
    })),
  })
  const fails = async (sequence: Sequence): Promise<boolean> => (await play(go, sequence, muted)).failure !== undefined
  const short = await shrink(everything, fails)
  expect(short.steps.map(({ op }) => op)).toEqual(['packet', 'packet'])
  expect(await fails(JSON.parse(JSON.stringify(short)) as Sequence)).toBe(true)
})
