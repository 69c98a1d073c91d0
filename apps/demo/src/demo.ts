/** `npm run demo`: tells the story; then, unless `--once`, stays and shows what happens until Ctrl-C. */
import { parseArgs } from 'node:util'
import { jsonNarrator, plainNarrator } from './narrator.ts'
import { tellStory } from './story.ts'

const usage = `npm run demo -- [--once] [--json]

  --once   end when the story ends: status 0 if every member agrees, else 1
  --json   one JSON object a line
  --help   this text
`

const options = parse()
const write = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
const narrator = options.json
  ? jsonNarrator(write)
  : plainNarrator(write, process.stdout.isTTY === true && !process.env.NO_COLOR)

try {
  const { players, agreed, page } = await tellStory(narrator)
  process.exitCode = agreed ? 0 : 1
  if (!options.once) {
    narrator.chapter('The cluster lives on', `${page ? `Look at it: ${page}   ` : ''}Ctrl-C ends it.`)
    for (const player of players.slice(0, 1))
      player.hear('member', ({ event, name }) =>
        narrator.tell({ chapter: 'life', what: `${player.name} notes: ${event} ${name}` }),
      )
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
  }
  await Promise.all(players.map((player) => player.dismiss()))
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
process.exit()

function parse(): { readonly once: boolean; readonly json: boolean } {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    })
    if (values.help) {
      process.stdout.write(usage)
      process.exit(0)
    }
    return { once: values.once === true, json: values.json === true }
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exit(2)
  }
}
