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
  const ours = await ourSide()
  goSide = startGoSide()
  await sameBytes(ours)
  const rows = []
  for (const what of ['encode', 'decode']) for (const name of ours.caseNames) rows.push(await compare(ours, what, name))
  if (ours.made() === 0) throw new Error('nothing was encoded')
  if (json) for (const row of rows) console.log(JSON.stringify(row))
  else print(rows)
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
    if (ours.decodedAndEncodedHex(golden[name]) !== golden[name])
      throw new Error(`${name}: Go's bytes, read and encoded again, differ`)
  }
}

async function compare(ours, what, name) {
  const time = {
    hearsay: async (count) => (what === 'encode' ? ours.timeEncode : ours.timeDecode)(name, count),
    go: async (count) => Number(await goSide.ask(`${what} ${name} ${count}`)),
  }
  const counts = {}
  for (const side of ['go', 'hearsay']) {
    // Twice: the first time is slow since it warms up, the second tells how many make a round.
    await time[side](quick ? 2_000 : 100_000)
    counts[side] = Math.max(100, Math.round((roundMs * 1e6) / (await time[side](2_000))))
  }
  const rounds = []
  for (let pair = 0; pair < pairs; pair++)
    rounds.push({ go: await time.go(counts.go), hearsay: await time.hearsay(counts.hearsay) })
  const ratios = rounds.map((round) => round.hearsay / round.go)
  const [low, high] = medianInterval(ratios)
  return {
    item: `${what} ${name}`,
    goNs: median(rounds.map(({ go }) => go)),
    hearsayNs: median(rounds.map(({ hearsay }) => hearsay)),
    ratio: median(ratios),
    low,
    high,
    target: TARGET,
    met: median(ratios) <= TARGET,
  }
}

function print(rows) {
  console.log(`Node ${process.versions.node}, ${goVersion()}, ${library.module} ${library.version}`)
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}; ${pairs} pairs; ratio: our time ÷ Go's, target ${TARGET}\n`)
  const lines = [['', 'Go ns', 'hearsay ns', 'ratio', '95 % interval', 'target']]
  for (const { item, goNs, hearsayNs, ratio, low, high, met } of rows)
    lines.push([
      item,
      goNs.toFixed(0),
      hearsayNs.toFixed(0),
      ratio.toFixed(3),
      `${low.toFixed(3)} – ${high.toFixed(3)}`,
      met ? 'met' : 'MISSED',
    ])
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  for (const line of lines)
    console.log(
      line.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join('  '),
    )
}
