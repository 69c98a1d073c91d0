/** `npm run simulate -- replay`: one run of the swarm again, from its seed or from a case that was printed. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Case, drawCase } from '../swarm/case.ts'
import { shrinkCase } from '../swarm/failing.ts'
import { readProfile, wholeNumber } from '../swarm/options.ts'
import { guarded } from '../swarm/run.ts'
import { trial } from '../swarm/trial.ts'
import { Transcript } from './transcript.ts'

const usage = `npm run simulate -- replay [options]
  --seed S         the seed that the swarm named
  --profile NAME   … its profile (improved)
  --nodes MAX      … and its largest cluster (100)
  --case JSON      instead of these: a case as it was printed; @FILE for a file that holds it
  --shrink N       make the case smaller, in so many trials at most
  --from MS        write down everything from this time of the world on …
  --to MS          … until this one
  --about TEXT     … of what mentions this`

/** 0: no law was broken. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      profile: { type: 'string', default: 'improved' },
      nodes: { type: 'string', default: '100' },
      case: { type: 'string' },
      shrink: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      about: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { seed, case: text, from, to, about } = values
  if (values.help || (seed === undefined && text === undefined)) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  const maxNodes = wholeNumber('nodes', values.nodes, 2)
  let each =
    text !== undefined
      ? readCase(text)
      : drawCase(wholeNumber('seed', seed!, 0), { profile: readProfile(values.profile), maxNodes })
  const transcript =
    from === undefined && to === undefined ? [] : [new Transcript(Number(from ?? 0), Number(to ?? 1e12), about)]
  const result = guarded(() => trial(each, { observers: transcript }))
  for (const { checker, atMs, node, what } of result.violations)
    console.log(`${atMs.toFixed(3)} ms  ${checker}  ${node ?? ''}  ${what}`)
  const [first] = result.violations
  if (first && values.shrink !== undefined)
    each = shrinkCase(each, first.checker, wholeNumber('shrink', values.shrink, 1))
  console.log(JSON.stringify(each))
  console.log(`${result.events} events, ${result.nodeHours.toFixed(2)} node-hours, trace ${result.hash}`)
  return first ? 1 : 0
}

const readCase = (text: string): Case =>
  JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text) as Case
