/** Many sequences or scripts, one after the other, and what came of all of them. */
import { type Allowance, allowances } from './allowances.ts'
import { examples } from './examples.ts'
import { generate } from './generate.ts'
import type { GoMembers } from './go-member.ts'
import { OurMember } from './our-member.ts'
import { type Failure, play } from './play.ts'
import { seeded } from './seeded.ts'
import { shrink } from './shrink.ts'
import type { Sequence } from './steps.ts'
import { type Comparison, compareTraces, type Mismatch } from './timed/compare.ts'
import { run } from './timed/run.ts'
import type { Script } from './timed/script.ts'
import type { Trace } from './timed/trace.ts'

/** A sequence in which the two differ for no listed reason, as short as it was made. */
export interface Fault {
  readonly seed: number
  readonly sequence: Sequence
  readonly failure: Failure
}

/** What came of many sequences. */
export interface Campaign {
  readonly sequences: number
  readonly steps: number
  /** Sequences of which the rest was not compared, after a difference that is allowed. */
  readonly cutShort: number
  readonly allowed: ReadonlyMap<Allowance, number>
  readonly faults: readonly Fault[]
}

/** Faults that are made short and told; there is no use in more. */
const MAX_FAULTS = 5

/** Plays the sequences of these seeds. */
export async function playSeeds(go: GoMembers, first: number, count: number): Promise<Campaign> {
  const allowed = new Map<Allowance, number>()
  const faults: Fault[] = []
  let [sequences, steps, cutShort] = [0, 0, 0]
  for (let seed = first; seed < first + count && faults.length < MAX_FAULTS; seed++) {
    const sequence = generate(seed)
    const played = await play(go, sequence)
    sequences++
    steps += played.steps
    if (played.isCutShort) cutShort++
    for (const [allowance, times] of played.allowed) allowed.set(allowance, (allowed.get(allowance) ?? 0) + times)
    if (played.failure) faults.push(await shortened(go, seed, sequence, played.failure))
  }
  return { sequences, steps, cutShort, allowed, faults }
}

async function shortened(go: GoMembers, seed: number, sequence: Sequence, failure: Failure): Promise<Fault> {
  let last: Fault = { seed, sequence, failure }
  await shrink(sequence, async (candidate) => {
    const played = await play(go, candidate)
    if (played.failure) last = { seed, sequence: candidate, failure: played.failure }
    return played.failure !== undefined
  })
  return last
}

/** Allowances that explain nothing, not even in their own example: whatever they once were for is gone. */
export async function unused(go: GoMembers): Promise<readonly Allowance[]> {
  const idle: Allowance[] = []
  for (const allowance of allowances) {
    const { allowed, failure } = await play(go, examples[allowance.id]!)
    if (failure || !allowed.has(allowance)) idle.push(allowance)
  }
  return idle
}

/** Plays a script with the real member and with ours. `tamper` is how tests see that a difference is seen. */
export async function playScript(
  go: GoMembers,
  script: Script,
  tamper: (ours: Trace) => Trace = (ours) => ours,
): Promise<Comparison> {
  const member = await go.create(script.settings)
  try {
    const theirs = await run(member, script)
    const ours = await run(new OurMember(script.settings, seeded(1)), script)
    return compareTraces(script, { go: theirs, ours: tamper(ours) })
  } finally {
    await member.close()
  }
}

/** What came of many scripts. */
export interface TimedCampaign {
  readonly scripts: number
  readonly instants: number
  /** By what was compared: how many instants, and how far apart the worst of those that are near enough. */
  readonly watched: ReadonlyMap<string, { readonly instants: number; readonly apartMs: number }>
  readonly faults: readonly { readonly script: Script; readonly mismatches: readonly Mismatch[] }[]
}

/** Plays scripts. */
export async function playScripts(go: GoMembers, scripts: readonly Script[]): Promise<TimedCampaign> {
  const watched = new Map<string, { instants: number; apartMs: number }>()
  const faults: TimedCampaign['faults'][number][] = []
  let instants = 0
  for (const script of scripts) {
    const comparison = await playScript(go, script)
    instants += comparison.instants
    for (const [what, { instants: count, apartMs }] of comparison.watched) {
      const before = watched.get(what)
      watched.set(what, {
        instants: count + (before?.instants ?? 0),
        apartMs: Math.max(apartMs, before?.apartMs ?? 0),
      })
    }
    if (comparison.mismatches.length > 0) faults.push({ script, mismatches: comparison.mismatches })
  }
  return { scripts: scripts.length, instants, watched, faults }
}
