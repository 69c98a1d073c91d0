// Encoding and decoding of memberlist's messages, ours and Go's: first the same bytes, then the time, in pairs.
//
//   npm run bench [-- --quick] [-- --json]

import { mkdirSync, rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { goVersion, library, startGoSide } from './go-side.mjs'
import { median, medianInterval } from './statistics.mjs'

const TARGET = 0.3
const quick = process.argv.includes('--quick')
const json = process.argv.includes('--json')
const pairs = quick ? 3 : 15
const roundMs = quick ? 3 : 20

let goSide
try {
  // First of all, since it says so when there is no Go.
  const environment = {
    node: process.versions.node,
    go: goVersion(),
    cpu: cpus()[0]?.model ?? 'unknown CPU',
    library: `${library.module} ${library.version}`,
    pairs,
  }
  const ours = await ourSide()
  goSide = startGoSide()
  await sameBytes(ours)
  await warmUp(ours)
  const rows = await compareAll(ours)
  if (ours.made() === 0) throw new Error('nothing was encoded')
  if (json) for (const row of rows) console.log(JSON.stringify({ ...row, ...environment }))
  else print(rows, environment)
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
} finally {
  goSide?.stop()
}

/** Our code as users get it: bundled JavaScript. */
async function ourSide() {
  const folder = join(import.meta.dirname, '..', '.build')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const outfile = join(folder, 'codec-cases.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'codec-cases.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@hearsay/source'],
    outfile,
    logLevel: 'silent',
  })
  return import(pathToFileURL(outfile).href)
}

async function sameBytes(ours) {
  const golden = JSON.parse(await goSide.ask('golden'))
  for (const name of ours.caseNames) {
    if (ours.encodedHex(name) !== golden[name])
      throw new Error(`${name}: our bytes differ from Go's\n  ours: ${ours.encodedHex(name)}\n  Go's: ${golden[name]}`)
    if (!ours.isDecodedFrom(golden[name], name)) throw new Error(`${name}: we read something else from Go's bytes`)
  }
}

/** All messages before any is timed: members meet them mixed, and so no row depends on its place in the table. */
async function warmUp(ours) {
  const count = quick ? 2_000 : 20_000
  for (let round = 0; round < 3; round++)
    for (const name of ours.caseNames) {
      ours.timeEncode(name, count)
      ours.timeDecode(name, count)
      await goSide.ask(`encode ${name} ${count}`)
      await goSide.ask(`decode ${name} ${count}`)
    }
}

/** Each pair goes through all rows before the next: a slow spell of the machine then meets few pairs of a row, not all. */
async function compareAll(ours) {
  const rows = []
  for (const what of ['encode', 'decode']) for (const name of ours.caseNames) rows.push(await contest(ours, what, name))
  for (let pair = 0; pair < pairs; pair++)
    for (const { time, counts, rounds } of rows)
      rounds.push({ go: await time.go(counts.go), hearsay: await time.hearsay(counts.hearsay) })
  return rows.map(summary)
}

/** One row before its pairs: how each side is timed, and how many times it does the thing in a round. */
async function contest(ours, what, name) {
  const time = {
    hearsay: async (count) => (what === 'encode' ? ours.timeEncode : ours.timeDecode)(name, count),
    go: async (count) => Number(await goSide.ask(`${what} ${name} ${count}`)),
  }
  const counts = {}
  for (const side of ['go', 'hearsay'])
    counts[side] = Math.max(100, Math.round((roundMs * 1e6) / (await time[side](2_000))))
  return { item: `${what} ${name}`, time, counts, rounds: [] }
}

function summary({ item, rounds }) {
  const ratios = rounds.map((round) => round.hearsay / round.go)
  const [low, high] = medianInterval(ratios)
  return {
    item,
    goNs: median(rounds.map(({ go }) => go)),
    hearsayNs: median(rounds.map(({ hearsay }) => hearsay)),
    ratio: median(ratios),
    low,
    high,
    target: TARGET,
    met: median(ratios) <= TARGET,
  }
}

function print(rows, { node, go, cpu, library }) {
  console.log(`Node ${node}, ${go}, ${library}`)
  console.log(`${cpu}; ${pairs} pairs; ratio: our time ÷ Go's\n`)
  const lines = [['', 'Go ns', 'hearsay ns', 'ratio', pairs < 6 ? 'range' : '95 % interval', 'target', 'met?']]
  for (const { item, goNs, hearsayNs, ratio, low, high, target, met } of rows)
    lines.push([
      item,
      goNs.toFixed(0),
      hearsayNs.toFixed(0),
      ratio.toFixed(3),
      `${low.toFixed(3)} – ${high.toFixed(3)}`,
      `${target}`,
      met ? 'yes' : 'MISSED',
    ])
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  for (const line of lines)
    console.log(
      line.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join('  '),
    )
}
