/**
 * The same script for a real member of memberlist and for our machine in its faithful profile, each on virtual time, with
 * the numbers of the preset for a LAN: what is compared happens at the same time.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Chance } from '../hostile/chance.ts'
import { playScript, playScripts } from '../src/differential/campaign.ts'
import { GoMembers } from '../src/differential/go-member.ts'
import { describeTimedCounts } from '../src/differential/report.ts'
import { describeMismatch } from '../src/differential/timed/compare.ts'
import { kinds } from '../src/differential/timed/scripts.ts'
import { stretched } from '../src/differential/timed/trace.ts'

let go: GoMembers
beforeAll(() => {
  go = new GoMembers()
})
afterAll(() => go.end())

const SCRIPTS_OF_A_KIND = 10

const scripts = (kind: string, count = SCRIPTS_OF_A_KIND) =>
  Array.from({ length: count }, (_, seed) => kinds[kind]!(new Chance(seed)))

for (const kind of Object.keys(kinds))
  test(kind, async () => {
    const campaign = await playScripts(go, scripts(kind))
    console.log(describeTimedCounts(campaign))
    expect(
      campaign.faults.map(
        ({ script, mismatches }) => `${script.title}\n${mismatches.map(describeMismatch).join('\n')}`,
      ),
    ).toEqual([])
    expect(campaign.instants).toBeGreaterThanOrEqual(SCRIPTS_OF_A_KIND)
  })

describe('a difference is seen', () => {
  // What lasts half as long happens too early; what lasts twice as long, too late.
  test.each(Object.keys(kinds))('in %s', async (kind) => {
    const missed = new Set(scripts(kind).flatMap(({ watches }) => watches.map(({ what }) => what)))
    for (const script of scripts(kind))
      for (const factor of [0.5, 2]) {
        const { mismatches } = await playScript(go, script, (trace) => stretched(trace, factor))
        for (const { watch } of mismatches) missed.delete(watch.what)
        if (missed.size === 0) return
      }
    expect([...missed]).toEqual([])
  })
})
