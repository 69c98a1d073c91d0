// Goal: docs/differences.md says what is there. Method: its table is read; each number is there once, each switch with its
// default, each bound, each test file; and what says that a file shows a difference is met by a file that names it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { faithful, improved, lan } from '@hearsay/membership'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs/differences.md'), 'utf8')

/** Cells of the rows of a table that begins with this heading. */
function rows(heading: RegExp): string[][] {
  const lines = page.slice(page.search(heading)).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
const differences = rows(/\| DIV +\|/)
const switches = rows(/\| switch +\|/)
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
const testFiles = (row: readonly string[]): string[] =>
  quoted(row.at(-1)!)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => (name.includes('/') ? name : `packages/membership/test/${name}`))

describe('the page of differences', () => {
  it('has each number once, in order, and says something in each column', () => {
    expect(differences.map(([div]) => Number(div))).toEqual(Array.from({ length: 47 }, (_, at) => at + 1))
    for (const row of differences) {
      expect(row).toHaveLength(6)
      for (const cell of row) expect(cell, row[0]).not.toBe('')
    }
  })

  it('has every switch there is, and where one decides, names it with its default', () => {
    expect(switches.map(([name]) => quoted(name!)[0]).sort()).toEqual(Object.keys(improved).sort())
    for (const [name, numbers] of switches) {
      const key = quoted(name!)[0] as keyof typeof improved
      expect([improved[key], faithful[key]]).toEqual([true, false])
      for (const [number] of numbers!.matchAll(/\d+/g)) {
        const row = differences[Number(number) - 1]!
        expect(row[4], `${number}`).toContain(`\`${key}\`, on`)
      }
    }
    // And no row names a switch that the first table does not give its number.
    for (const [div, , , , decided] of differences)
      for (const key of Object.keys(improved).filter((each) => decided!.includes(`\`${each}\``)))
        expect(switches.find(([name]) => name === `\`${key}\``)![1]!.match(/\d+/g), div).toContain(div)
  })

  it('has the numbers that decide', () => {
    expect(differences[28]![4]).toContain(`${lan.gossip.userShare}`)
    expect(differences[35]![4]).toContain(
      `${lan.rejoin.intervalMs / 1000} s for ${lan.rejoin.forgetAfterMs / 3_600_000} h`,
    )
  })

  it('names bounds that exist', () => {
    const sources = ['membership', 'wire']
      .flatMap((name) =>
        readdirSync(join(root, 'packages', name, 'src')).map((file) => join('packages', name, 'src', file)),
      )
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n')
    const bounds = quoted(page).filter((text) => /^[A-Z][A-Z0-9_]+$/.test(text))
    expect(bounds.length).toBeGreaterThan(10)
    for (const bound of bounds) expect(sources, bound).toContain(`export const ${bound} =`)
  })

  it('names test files that exist, and at least one for each difference speaks of it', () => {
    for (const row of differences) {
      const files = testFiles(row)
      expect(files.length, row[0]).toBeGreaterThan(0)
      for (const file of files) expect(existsSync(join(root, file)), file).toBe(true)
    }
    const silent = differences.filter((row) => {
      const names = new RegExp(`DIV-${row[0]}\\b|DIVs? (\\d+, )*${row[0]}\\b|DIV-(\\d+, )*${row[0]}\\b`)
      return !testFiles(row).some((file) => names.test(readFileSync(join(root, file), 'utf8')))
    })
    expect(silent.map(([div]) => div)).toEqual([])
  })

  it('says of each that a Go peer can see what shows that it stays calm, or that nothing does', () => {
    for (const [div, , , seen, , shown] of differences)
      if (seen!.startsWith('a Go peer'))
        expect(shown, div).toMatch(/Go: (every suite|not shown|tried by hand|`interop\/test\/)/)
  })

  it('is linked from the README and from the architecture', () => {
    for (const file of ['README.md', 'docs/architecture.md'])
      expect(readFileSync(join(root, file), 'utf8'), file).toContain('differences.md')
  })
})
