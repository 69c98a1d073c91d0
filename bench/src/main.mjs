// Our codec and our membership beside Go's, in one run.
//
//   npm run bench [-- --only B4[,B5]] [-- --quick] [-- --json] [-- --write]
//   npm run bench -- --large-state

import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { contest } from './contest.mjs'
import { goVersion, libraries, startGoSide } from './go-side.mjs'
import { largeState } from './large-state.mjs'
import { ourSide } from './our-side.mjs'
import { measurePackages } from './packages.mjs'
import { writePage } from './page.mjs'
import { wholeNodes } from './processes/whole-nodes.mjs'
import { terminalTable } from './table.mjs'

const goSides = {}
try {
  await main()
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
} finally {
  stopGoSides()
}

function stopGoSides() {
  for (const [library, side] of Object.entries(goSides)) {
    side.stop()
    delete goSides[library]
  }
}

async function main() {
  const { only, quick, json, write, 'large-state': isLargeState } = optionsOf(process.argv.slice(2))
  if (isLargeState) return largeState()
  const pairs = quick ? 3 : 15
  // First of all, since it says so when there is no Go.
  const environment = {
    node: process.versions.node,
    go: goVersion(),
    cpu: cpus()[0]?.model ?? 'unknown CPU',
    libraries: Object.values(libraries).map(({ module, version }) => `${module} ${version}`),
    pairs,
  }
  const ours = await ourSide()
  const isWanted = (group, name) => !only || only.includes(group) || only.includes(name)
  const items = ours.items.filter((item) => isWanted(item.group, item.name) && !(quick && item.isLarge))
  const wholes = wholeNodes.filter(({ group, names }) => names.some((name) => isWanted(group, name)))
  if (items.length + wholes.length === 0) throw new Error(`nothing is called ${only[0]}`)
  const rows = []
  for (const batch of batchesOf(items)) {
    for (const { library } of batch) goSides[library] ??= startGoSide(library)
    rows.push(...(await contest({ items: batch, ours, goSides, pairs, roundMs: quick ? 3 : 20 })))
    stopGoSides()
    ours.forgetMembers()
  }
  rows.sort((a, b) => numberOf(a) - numberOf(b))
  if (items.length > 0 && ours.made() === 0) throw new Error('nothing was done')
  for (const { names, target, measure } of wholes) rows.push(...(await measure(names, target, quick)))
  if (json) for (const row of rows) console.log(JSON.stringify({ ...row, ...environment }))
  else print(rows, environment)
  if (write) writePage({ rows, environment, packages: measurePackages() })
}

function numberOf({ group }) {
  return Number(group.slice(1))
}

/** Members weigh on a garbage collector: each group of theirs is by itself. All others are together. */
function batchesOf(items) {
  const batches = new Map()
  for (const item of items) {
    const number = numberOf(item)
    const batch = number >= 6 && number <= 10 ? number : 'all others'
    batches.set(batch, [...(batches.get(batch) ?? []), item])
  }
  return batches.values()
}

function optionsOf(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      'large-state': { type: 'boolean', default: false },
    },
  })
  if (values.write && (values.only || values.quick)) throw new Error('--write needs a whole run')
  // Names have commas, too.
  return { ...values, only: values.only && [values.only, ...values.only.split(',')] }
}

function print(rows, { node, go, cpu, libraries, pairs }) {
  console.log(`Node ${node}, ${go}, ${libraries.join(', ')}`)
  console.log(`${cpu}; ${pairs} pairs; ratio: our time ÷ Go's\n`)
  for (const line of terminalTable(rows, pairs < 6 ? 'range' : '95 % interval')) console.log(line)
}
