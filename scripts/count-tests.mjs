// Reads a suite's output and prints "PASSED FAILED": the sums of what its test runner says, or "0 0" when none ran.

import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

const text = stripVTControlCharacters(readFileSync(process.argv[2], 'utf8'))
let passed = 0
let failed = 0
for (const line of text.matchAll(/^\s*Tests\s+(.*)$/gm)) {
  passed += Number(/(\d+) passed/.exec(line[1])?.[1] ?? 0)
  // A skipped test shows nothing, so it counts as one that failed.
  failed += Number(/(\d+) failed/.exec(line[1])?.[1] ?? 0) + Number(/(\d+) skipped/.exec(line[1])?.[1] ?? 0)
}
for (const line of text.matchAll(/^(\d+) passed, (\d+) failed$/gm)) {
  passed += Number(line[1])
  failed += Number(line[2])
}
console.log(`${passed} ${failed}`)
