/** Sends a corpus to both peers and compares, input by input. */
import { type CorpusInput, type CorpusSize, corpus, corpusGroups } from './corpus.ts'
import type { DifferenceId } from './differences.ts'
import { explaining, explanations } from './explain.ts'
import type { Group } from './group.ts'
import { Pair } from './pair.ts'
import { Probe } from './probe.ts'
import { type Session, TargetGone } from './session.ts'
import { isQuiet, sameVerdict, type Verdict } from './verdict.ts'

/** An input that the two judge differently, for no reason that is known. */
export interface Surprise {
  readonly group: Group
  /** Everything sent since the peers were started; the last one is it. */
  readonly inputs: readonly CorpusInput[]
  readonly go: Verdict
  readonly ours: Verdict
  /** It came again when the same was sent to fresh peers. */
  readonly isReproduced: boolean
}

/** What came of a corpus. */
export interface CorpusResult {
  readonly inputs: number
  /** Inputs that something came of, on Go's side. */
  readonly effective: number
  /** Differences that are listed, and how often each was the reason. */
  readonly explained: ReadonlyMap<DifferenceId, number>
  readonly surprises: readonly Surprise[]
}

/** Peers are replaced after so many inputs, so that what led to a difference stays short. */
const MAX_RUN = 150
/** A few surprises are enough to work on. */
const MAX_SURPRISES = 12

/** All groups, one after the other. */
export async function runCorpus({ seed, packets, streams }: CorpusSize): Promise<CorpusResult> {
  const probe = await Probe.open()
  const tally = new Tally()
  try {
    for (const { group, share } of corpusGroups)
      await runGroup(
        group,
        { seed, packets: Math.round(packets * share), streams: Math.round(streams * share) },
        probe,
        tally,
      )
  } finally {
    await probe.close()
  }
  return tally
}

class Tally implements CorpusResult {
  inputs = 0
  effective = 0
  readonly explained = new Map<DifferenceId, number>()
  readonly surprises: Surprise[] = []
}

async function runGroup(group: Group, size: CorpusSize, probe: Probe, tally: Tally): Promise<void> {
  let pair: Pair | undefined
  let sent: CorpusInput[] = []
  try {
    for (const input of corpus(group, size)) {
      if (tally.surprises.length >= MAX_SURPRISES) return
      if (!pair || sent.length >= MAX_RUN) {
        await pair?.close()
        pair = await Pair.start(group, probe)
        sent = []
      }
      const known = pair.go.members
      const [go, ours] = await playBoth(pair, input)
      sent.push(input)
      tally.inputs++
      if (!isQuiet(go)) tally.effective++
      if (!sameVerdict(go, ours)) {
        const reasons = new Set(explaining(go, ours, explanations(input.anatomy, known)).map(({ id }) => id))
        for (const reason of reasons) tally.explained.set(reason, (tally.explained.get(reason) ?? 0) + 1)
        if (reasons.size === 0)
          tally.surprises.push(await again({ group, inputs: sent, go, ours, isReproduced: false }, probe))
      }
      if (!sameVerdict(go, ours) || isSpoilt(pair)) {
        await pair.close()
        pair = undefined
      }
    }
  } finally {
    await pair?.close()
  }
}

/** A record with other versions than usual stands in the way of every later push/pull on Go's side (wire spec 4.2). */
const isSpoilt = ({ go }: Pair): boolean => [...go.members.values()].some((record) => !record.includes(' v1,5,2,0,0,0'))

/** The same input to both, at the same time. */
export async function playBoth({ go, ours }: Pair, input: CorpusInput): Promise<[Verdict, Verdict]> {
  return Promise.all([play(go, input), play(ours, input)])
}

async function play(session: Session, { via, bytes, manner }: CorpusInput): Promise<Verdict> {
  try {
    return await (via === 'packet' ? session.packet(bytes) : session.stream(bytes, manner))
  } catch (error) {
    if (!(error instanceof TargetGone)) throw error
    return { replies: [], spread: [], told: [], members: [], outcome: [error.message] }
  }
}

/** Does it come again: with the last input alone, or with all of them? */
async function again(surprise: Surprise, probe: Probe): Promise<Surprise> {
  for (const inputs of [surprise.inputs.slice(-1), surprise.inputs]) {
    const found = await replay(surprise.group, inputs, probe)
    if (!sameVerdict(...found)) return { ...surprise, inputs, go: found[0], ours: found[1], isReproduced: true }
  }
  return surprise
}

/** Sends inputs to fresh peers; the verdicts of the last one. */
export async function replay(group: Group, inputs: readonly CorpusInput[], probe: Probe): Promise<[Verdict, Verdict]> {
  const pair = await Pair.start(group, probe)
  try {
    let last: [Verdict, Verdict] | undefined
    for (const input of inputs) last = await playBoth(pair, input)
    if (!last) throw new Error('nothing to replay')
    return last
  } finally {
    await pair.close()
  }
}
