/** Runs what the command line asks for. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { toHex } from '@hearsay/encoding'
import { runCosts } from './cost-stage.ts'
import { Finding } from './finding.ts'
import { runMembers } from './member-stage.ts'
import { type Options, readOptions, type Stage, usage } from './options.ts'
import { runPackets, type StageOptions } from './packet-stage.ts'
import { runPlanted } from './planted.ts'
import { replay } from './replay.ts'
import { runStreams } from './stream-stage.ts'
import { real } from './subject.ts'

/** Longer inputs go into a file instead of onto the screen. */
const MAX_PRINTED_BYTES = 1024

const say = (line: string): void => console.log(line)

/** The exit status: 0 when nothing was found, 1 when something was, 2 for a wrong command line. `folder` takes long inputs. */
export async function main(args: readonly string[], folder: string): Promise<number> {
  let options: Options
  try {
    options = readOptions(args)
  } catch (error) {
    console.error(`fuzz: ${error instanceof Error ? error.message : error}\n${usage}`)
    return 2
  }
  if (options.help) {
    say(usage)
    return 0
  }
  if (options.replay !== undefined) return replay(options.replay, real, say) ? 0 : 1
  if (options.planted) return runPlanted(options.seed, say) ? 0 : 1
  return runRounds(options, folder)
}

async function runRounds(options: Options, folder: string): Promise<number> {
  const { minutes } = options
  const untilMs = minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000
  const findings: Finding[] = []
  // What nobody waits for may fail, too.
  process.on('unhandledRejection', (error) => {
    findings.push(new Finding('escape', `a promise that nobody waits for: ${error}`, undefined, { cause: error }))
  })
  for (let seed = options.seed; ; seed++) {
    say(`seed ${seed}`)
    for (const stage of options.only) {
      const found = await runStage(stage, options, seed, untilMs)
      for (const finding of found) report(finding, seed, stage, folder)
      findings.push(...found)
    }
    if (minutes === undefined || performance.now() >= untilMs) break
  }
  say(
    findings.length === 0
      ? 'nothing found'
      : `FOUND ${findings.length}: ${findings.map(({ kind }) => kind).join(', ')}`,
  )
  return findings.length === 0 ? 0 : 1
}

async function runStage(stage: Stage, options: Options, seed: number, untilMs: number): Promise<readonly Finding[]> {
  const common: Omit<StageOptions, 'count'> = { seed, untilMs, subject: real, say: (line) => say(`${stage}: ${line}`) }
  try {
    const lines = await linesOf(stage, options, common)
    for (const line of lines) say(`${stage}: ${line}`)
    return []
  } catch (error) {
    if (error instanceof Finding) return [error]
    if (error instanceof AggregateError) return error.errors as Finding[]
    throw error
  }
}

async function linesOf(
  stage: Stage,
  { packets, chunks, deep }: Options,
  common: Omit<StageOptions, 'count'>,
): Promise<readonly string[]> {
  switch (stage) {
    case 'packets':
      return runPackets({ ...common, count: packets })
    case 'streams':
      return runStreams({ ...common, count: chunks })
    case 'members':
      return runMembers({ ...common, count: Math.ceil(packets * deep) })
    case 'costs': {
      const { lines, findings } = runCosts(real, common.seed)
      for (const line of lines) common.say(line)
      if (findings.length > 0) throw new AggregateError(findings)
      return [`${lines.length} dear inputs within their bounds`]
    }
  }
}

function report({ kind, message, evidence, cause }: Finding, seed: number, stage: Stage, folder: string): void {
  say(`FOUND ${kind}: ${message}`)
  if (cause instanceof Error) say(`  ${cause.stack}`)
  say(`  again: npm run fuzz -- --seed ${seed} --only ${stage}`)
  if (!evidence) return
  const hex = toHex(evidence.input)
  if (evidence.input.length <= MAX_PRINTED_BYTES) return say(`  ${evidence.as}: npm run fuzz -- --replay ${hex}`)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${kind}-${evidence.input.length}-${hex.slice(0, 8)}${hex.slice(-8)}.hex`)
  writeFileSync(path, hex)
  say(`  ${evidence.as}: npm run fuzz -- --replay @${resolve(path)}`)
}
