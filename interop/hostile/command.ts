/** What `node interop/src/verdicts.mjs` does. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dissectPacket, dissectStream } from './anatomy.ts'
import { hex } from './bytes.ts'
import { type CorpusInput, corpusGroups } from './corpus.ts'
import { Probe } from './probe.ts'
import { rows } from './rows/index.ts'
import { type CorpusResult, replay, runCorpus, type Surprise } from './run-corpus.ts'
import { describeVerdicts, type RowResult, runRows } from './run-rows.ts'
import { verdictsPage } from './table.ts'
import { describeVerdict, sameVerdict } from './verdict.ts'

/** The page that is made. */
export const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'verdicts.md')

/** Packets and streams of a corpus by default. */
export const DEFAULT_PACKETS = 2000
export const DEFAULT_STREAMS = 500

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      check: { type: 'boolean' },
      count: { type: 'string' },
      seed: { type: 'string' },
      replay: { type: 'string' },
    },
  })
  if (values.replay !== undefined) return await replayed(values.replay, positionals)
  if (values.count !== undefined || values.seed !== undefined)
    return await sent(Number(values.seed ?? 1), Number(values.count ?? DEFAULT_PACKETS))
  return await made(values.check === true)
}

async function made(check: boolean): Promise<number> {
  const results = await runRows(rows)
  const problems = results.filter(({ problem }) => problem !== undefined)
  for (const each of problems) console.log(describeProblem(each))
  const page = verdictsPage(results)
  const isStale = !existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page
  if (!check) writeFileSync(PAGE, page)
  else if (isStale) console.log('docs/verdicts.md is not what the peers do: run node interop/src/verdicts.mjs')
  console.log(`${results.length} inputs of the rows, ${problems.length} with a verdict that is not expected`)
  return problems.length > 0 || (check && isStale) ? 1 : 0
}

async function sent(seed: number, packets: number): Promise<number> {
  const result = await runCorpus({ seed, packets, streams: Math.round((packets * DEFAULT_STREAMS) / DEFAULT_PACKETS) })
  for (const surprise of result.surprises) console.log(describeSurprise(surprise))
  console.log(describeCorpus(result))
  return result.surprises.length > 0 ? 1 : 0
}

/** A row whose verdict is not as expected, for a person. */
export function describeProblem({ case: { row, group, title }, go, ours, problem }: RowResult): string {
  return `${row}, ${group}, ${title}: ${problem}\n  Go:   ${go ? describeVerdicts(go) : 'not sent'}\n  ours: ${describeVerdicts(ours)}`
}

/** A difference that nobody expected, with the command that shows it again. */
export function describeSurprise({ group, inputs, go, ours, isReproduced }: Surprise): string {
  const tokens = inputs.map(
    ({ via, manner, bytes }) => `${letters[via][manner] ?? 'p'}:${Buffer.from(bytes).toString('hex')}`,
  )
  return [
    `${group.id}: a difference without a reason${isReproduced ? '' : ', which did not come again'}`,
    `  Go:   ${describeVerdict(go)}`,
    `  ours: ${describeVerdict(ours)}`,
    `  node interop/src/verdicts.mjs --replay ${group.id} ${tokens.join(' ')}`,
  ].join('\n')
}

/** How it went, in one line. */
export function describeCorpus({ inputs, effective, explained, surprises }: CorpusResult): string {
  const reasons = [...explained].map(([id, count]) => `${id} ×${count}`).join(', ')
  return `${inputs} inputs, something came of ${effective}; differences that are listed: ${reasons}; others: ${surprises.length}`
}

const letters: Readonly<Record<CorpusInput['via'], Readonly<Record<string, string>>>> = {
  packet: {},
  stream: { finish: 's', linger: 'l' },
}

async function replayed(id: string, tokens: readonly string[]): Promise<number> {
  const group = corpusGroups.find((each) => each.group.id === id)?.group
  if (!group || tokens.length === 0) throw new Error('usage: --replay GROUP {p|s|l}:HEX …')
  const inputs = tokens.map((token): CorpusInput => {
    const bytes = hex(token.slice(2))
    const via = token.startsWith('p:') ? 'packet' : 'stream'
    const anatomy = via === 'packet' ? dissectPacket(bytes, group) : dissectStream(bytes, group)
    return { via, bytes, manner: token.startsWith('l:') ? 'linger' : 'finish', anatomy }
  })
  const probe = await Probe.open()
  try {
    const [go, ours] = await replay(group, inputs, probe)
    console.log(`Go:   ${describeVerdict(go)}\nours: ${describeVerdict(ours)}`)
    return sameVerdict(go, ours) ? 0 : 1
  } finally {
    await probe.close()
  }
}
