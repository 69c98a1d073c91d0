// Goal: real members under real faults keep those that are healthy, find those that are not, and agree in the end.
// Method: five processes of memberlist v0.7.0 and five of ours, LAN tuning, in network namespaces; nftables drop packets
// and count what they dropped. Each scenario writes one line of JSON with what was measured; the tests judge it.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { allNames } from '../src/chaos/cluster.ts'
import { play } from '../src/chaos/course.ts'
import { type Finding, jsonLine, outsideBand, shareOf, total, wrongDeaths } from '../src/chaos/finding.ts'
import { ourMember } from '../src/chaos/our-build.ts'
import { halves } from '../src/chaos/scenarios/cuts.ts'
import { courses } from './courses.ts'

let playing: ReturnType<typeof play>

beforeAll(async () => {
  playing = play(courses(await ourMember()), (finding) => console.log(jsonLine(finding, allNames)))
})

afterAll(() => playing.over)

const found = async (scenario: string): Promise<Finding> => {
  const finding = await playing.findings.get(scenario)
  if (!finding) throw new Error(`no course has ${scenario}`)
  return finding
}

/** All ten, or those that run, have the same members at the same addresses, all alive. */
const expectAgreement = ({ agreedMs, differences }: Finding): void => {
  expect(differences).toEqual([])
  expect(agreedMs).toBeDefined()
}

/** Deaths that somebody believed in before the fault was over. */
const meanwhile = ({ deaths, faultSeconds }: Finding): Finding['deaths'] =>
  deaths.filter(({ afterMs }) => afterMs <= faultSeconds * 1000)

/** The fault was one: packets came, and none got through. */
const expectCut = ({ links }: Finding): void => {
  expect(total(links, 'udp').seen).toBeGreaterThan(0)
  expect(links.filter(({ seen, dropped }) => seen !== dropped)).toEqual([])
}

it('loss of 10 % on every link: nobody is held dead, doubts are refuted, and 8 to 12 % were dropped', async () => {
  const finding = await found('loss of 10 %')
  const udp = finding.links.filter(({ protocol }) => protocol === 'udp')
  expect(udp).toHaveLength(allNames.length * (allNames.length - 1))
  expect(outsideBand(udp, 0.08, 0.12)).toEqual([])
  expect(finding.faultSeconds).toBeGreaterThanOrEqual(60)
  expect(finding.suspicions).toBeGreaterThan(0)
  expect(finding.refuted).not.toEqual([])
  expect(wrongDeaths(finding, [])).toEqual([])
  expectAgreement(finding)
})

it('loss of 30 %: all agree in the end', async () => {
  const finding = await found('loss of 30 %')
  expect(shareOf(total(finding.links, 'udp'))).toBeCloseTo(0.3, 1)
  expect(finding.suspicions).toBeGreaterThan(0)
  expectAgreement(finding)
})

it('one-way cuts between two members: the others vouch for both', async () => {
  const finding = await found('cut between two')
  expectCut(finding)
  expect(finding.links.filter(({ protocol, seen }) => protocol === 'udp' && seen > 0)).toHaveLength(2)
  expect(wrongDeaths(finding, [])).toEqual([])
  expectAgreement(finding)
})

it.each([
  ['deaf, ours', 'ts-4'],
  ['deaf, Go', 'go-4'],
  ['mute, ours', 'ts-3'],
  ['mute, Go', 'go-3'],
])('%s: meanwhile nobody else is held dead by the others, and in the end all agree', async (scenario, name) => {
  const finding = await found(scenario)
  expectCut(finding)
  expect(finding.suspicions).toBeGreaterThan(0)
  // What the member itself makes of the silence is its own error. Once it is heard again its doubts may find
  // confirmation before they are refuted (docs/chaos.md).
  const byOthers = meanwhile(finding).filter(({ by }) => by !== name)
  expect(wrongDeaths({ deaths: byOthers }, [name])).toEqual([])
  expectAgreement(finding)
})

it.each(['short partition', 'long partition'])(
  '%s: each half finds the other dead, and they become one again',
  async (scenario) => {
    const finding = await found(scenario)
    expectCut(finding)
    expect(finding.figures.detectedByAllMs).toBeDefined()
    for (const half of halves) {
      const within = meanwhile(finding).filter(({ by, about }) => half.includes(by) && half.includes(about))
      expect(wrongDeaths({ deaths: within }, [])).toEqual([])
    }
    expectAgreement(finding)
  },
)

it('killed processes are found dead by everybody, and nobody else is', async () => {
  const finding = await found('kill')
  expect(finding.figures.detectedByAllMs).toBeDefined()
  expect(wrongDeaths(finding, ['go-5', 'ts-5'])).toEqual([])
  expectAgreement(finding)
})

it.each([
  // Three seconds may pass without anybody's probe of the two having failed.
  ['stop for 3 s', 0],
  ['stop for 20 s', 2],
])('%s: those that stood still are held dead at most, and all agree', async (scenario, leastSuspicions) => {
  const finding = await found(scenario)
  expect(finding.suspicions).toBeGreaterThanOrEqual(leastSuspicions)
  // By anybody: also those that stood still do not hold the others dead when they go on.
  expect(wrongDeaths(finding, ['go-3', 'ts-3'])).toEqual([])
  expectAgreement(finding)
})

it('killed processes come back under their names at other addresses', async () => {
  const finding = await found('restart elsewhere')
  expect(wrongDeaths(finding, ['go-5', 'ts-5'])).toEqual([])
  expectAgreement(finding)
})
