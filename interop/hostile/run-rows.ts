/** Plays every row to both peers and compares. */
import { groups } from './group.ts'
import { Pair } from './pair.ts'
import { Probe } from './probe.ts'
import type { BytesCase, Case, Stage } from './rows/case.ts'
import { type Session, TargetGone } from './session.ts'
import { describeVerdict, sameVerdict, type Verdict } from './verdict.ts'

/** What became of one row. */
export interface RowResult {
  readonly case: Case
  /** One for each input; `undefined` where Go was spared. */
  readonly go: readonly Verdict[] | undefined
  readonly ours: readonly Verdict[]
  /** Wrong: they differ without a reason, are the same in spite of one, or ours is not what it must be. */
  readonly problem: string | undefined
}

/** All of them, in the order given. */
export async function runRows(cases: readonly Case[]): Promise<RowResult[]> {
  const stage: Stage = { probe: await Probe.open(), elsewhere: await Probe.open('127.0.0.2') }
  const results = new Map<Case, RowResult>()
  try {
    for (const group of new Set(cases.map((each) => each.group))) {
      const ofGroup = cases.filter((each) => each.group === group)
      for (const [each, result] of await runGroup(ofGroup, stage)) results.set(each, result)
    }
  } finally {
    await Promise.all([stage.probe.close(), stage.elsewhere.close()])
  }
  return cases.map((each) => results.get(each)!)
}

async function runGroup(cases: readonly Case[], stage: Stage): Promise<Map<Case, RowResult>> {
  const results = new Map<Case, RowResult>()
  let pair: Pair | undefined
  try {
    for (const each of cases) {
      if (!pair?.isFresh) {
        await pair?.close()
        pair = await Pair.start(groups[each.group], stage.probe)
      }
      results.set(each, await runCase(each, pair, stage))
    }
  } finally {
    await pair?.close()
  }
  return results
}

async function runCase(each: Case, pair: Pair, stage: Stage): Promise<RowResult> {
  const [go, ours] = await Promise.all([
    each.oursOnly === undefined ? play(each, pair.go, stage) : undefined,
    play(each, pair.ours, stage),
  ])
  return { case: each, go, ours, problem: problemOf(each, go, ours) }
}

async function play(each: Case, session: Session, stage: Stage): Promise<Verdict[]> {
  try {
    for (const message of each.before ?? []) await session.proper(message)
    if (each.via === 'script') return [await each.play(session, stage)]
    const verdicts: Verdict[] = []
    for (const bytes of inputsOf(each, session))
      verdicts.push(
        each.via === 'packet' ? await session.packet(bytes) : await session.stream(bytes, each.manner ?? 'finish'),
      )
    return verdicts
  } catch (error) {
    if (!(error instanceof TargetGone)) throw error
    return [{ replies: [], spread: [], told: [], members: [], outcome: [error.message] }]
  }
}

/** The bytes of a case, for one peer. */
export function inputsOf({ bytes }: BytesCase, session: Pick<Session, 'ports'>): readonly Uint8Array[] {
  if (typeof bytes === 'function') return [bytes(session.ports)]
  return bytes instanceof Uint8Array ? [bytes] : bytes
}

function problemOf(each: Case, go: readonly Verdict[] | undefined, ours: readonly Verdict[]): string | undefined {
  if (!go) return describeVerdicts(ours) === each.oursOnly?.must ? undefined : `ours must be: ${each.oursOnly?.must}`
  const same = go.length === ours.length && go.every((verdict, index) => sameVerdict(verdict, ours[index]!))
  if (same) return each.differs ? `no longer differs: ${each.differs} is no reason` : undefined
  return each.differs ? undefined : 'differs without a reason'
}

/** Verdicts of the inputs of one row in one line, equal neighbours once. */
export function describeVerdicts(verdicts: readonly Verdict[]): string {
  const runs: { text: string; count: number }[] = []
  for (const verdict of verdicts) {
    const text = describeVerdict(verdict)
    const last = runs.at(-1)
    if (last?.text === text) last.count++
    else runs.push({ text, count: 1 })
  }
  return runs.map(({ text, count }) => (count === 1 ? text : `${text} (×${count})`)).join(' · ')
}
