import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Evidence, holds, writeEvidence } from '../src/evidence/page.ts'
import { plot } from '../src/evidence/plot.ts'
import { job, runAll } from '../src/evidence/pool.ts'
import { digest } from '../src/evidence/run-log.ts'
import { figure, table } from '../src/evidence/table.ts'
import { standing } from '../src/evidence/verdict.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  id: 'e99',
  title: 'Nothing',
  about: 'About nothing.',
  command: 'npm run simulate -- e99',
  parameters: [['n', '3']],
  tables: [{ heading: 'Figures', columns: ['n', 'published'], rows: [[3, undefined]] }],
  plots: [{ name: 'all', caption: 'All', svg: '<svg/>' }],
  checks: [{ what: 'mean', found: 1, low: 0.5, high: 1.5 }],
  targets: [{ what: 'p99', found: 2, target: '≤ 1', met: false }],
  notes: ['A reason.'],
  traces: [['n = 3', 'abc']],
  ...more,
})

describe('tables', () => {
  it('align figures right, names left, and show a missing figure', () => {
    const lines = table(
      [{ heading: 'name', align: 'left' }, 'value'],
      [
        ['a|b', 1.23456],
        ['c', undefined],
      ],
    ).split('\n')
    expect(lines).toEqual(['| name | value |', '| ---- | ----: |', '| a\\|b |  1.23 |', '| c    |     – |'])
  })

  it.each([
    [0, '0'],
    [1234.5, '1235'],
    [12.345, '12.3'],
    [0.001234, '0.00123'],
    [0.0000012, '1.20e-6'],
    [Number.NaN, '–'],
    [-2, '-2.00'],
  ])('write %d as %s', (value, text) => expect(figure(value)).toBe(text))
})

describe('verdicts', () => {
  const band = { what: '', low: 1, high: 2 }
  it('hold inside of the band, and outside only if the sample explains it', () => {
    expect(standing({ ...band, found: 2 })).toBe('inside')
    expect(standing({ ...band, found: 2.1 })).toBe('OUTSIDE')
    expect(standing({ ...band, found: 2.1, interval: { low: 1.9, high: 2.3 } })).toBe('within its interval')
    expect(standing({ ...band, found: 2.5, interval: { low: 2.2, high: 2.8 } })).toBe('OUTSIDE')
    expect(standing({ ...band, found: 0.5, interval: { low: 0.2, high: 0.8 } })).toBe('OUTSIDE')
    expect(standing({ ...band, found: Number.NaN })).toBe('OUTSIDE')
  })

  it('fail a whole experiment by one band or one trace', () => {
    expect(holds(evidence())).toBe(true)
    expect(holds(evidence({ checks: [{ ...band, found: 3 }] }))).toBe(false)
    expect(holds(evidence({ bytes: [{ cell: '', byReference: 'a', asBytes: 'a' }] }))).toBe(true)
    expect(holds(evidence({ bytes: [{ cell: '', byReference: 'a', asBytes: 'b' }] }))).toBe(false)
  })
})

describe('pages', () => {
  it('tell figures, verdicts and traces, and are listed with their verdict', () => {
    const folder = mkdtempSync(join(tmpdir(), 'evidence-'))
    folders.push(folder)
    writeEvidence(folder, evidence())
    writeEvidence(folder, evidence({ id: 'e9', title: 'Less', checks: [{ what: 'mean', found: 9, low: 0, high: 1 }] }))
    const page = readFileSync(join(folder, 'e99.md'), 'utf8')
    for (const part of ['# E99 Nothing', '1 of 1 bands hold', '![All](e99-all.svg)', '| mean', 'missed', 'A reason.'])
      expect(page).toContain(part)
    expect(readFileSync(join(folder, 'e9.md'), 'utf8')).toContain('OUTSIDE')
    const rows = readFileSync(join(folder, 'README.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| ['))
    expect(rows[0]).toContain('[E9 Less](e9.md)')
    expect(rows[0]).toContain('0 of 1 bands hold')
    expect(rows[1]).toContain('[E99 Nothing](e99.md)')
    expect(readFileSync(join(folder, 'e99-all.svg'), 'utf8')).toBe('<svg/>')
  })
})

describe('plots', () => {
  const svg = plot({
    title: 'a < b',
    x: { label: 'n', logarithmic: true },
    y: { label: 's', min: 0, max: 10 },
    series: [
      {
        name: 'ours',
        points: [
          [1, 0],
          [10, 5],
          [100, 10],
        ],
      },
      {
        name: 'seen',
        points: [
          [0, 5],
          [100, 0],
        ],
        style: 'points',
      },
      {
        name: 'model',
        points: [
          [1, 1],
          [100, 1],
        ],
        style: 'model',
      },
    ],
  })

  it('put decades at equal distances and leave out what has no place', () => {
    expect(svg).toContain('M70 330L405 185L740 40')
    // 0 is nowhere on a logarithmic axis; one dot in the plot, one in the legend.
    expect(svg.match(/<circle [^>]*r="3.2"/g)).toHaveLength(2)
    expect(svg).toContain('a &lt; b')
    expect(svg).toContain('stroke-dasharray')
  })

  it('are the same every time', () => expect(svg).not.toMatch(/NaN|Infinity|undefined/))
})

describe('runs', () => {
  const squares = job('test-squares', (value: number) => {
    if (value < 0) throw new Error('no')
    return value * value
  })

  it('give results in order and tell of each', async () => {
    const told: number[] = []
    expect(await runAll(squares, [1, 2, 3], 0, (index, result) => told.push(index, result))).toEqual([1, 4, 9])
    expect(told).toEqual([0, 1, 1, 4, 2, 9])
  })

  it('fail as the job fails', () => expect(runAll(squares, [1, -1], 0)).rejects.toThrow('no'))

  it('digests depend on every hash and on their order', () => {
    expect(digest(['a', 'b'])).toMatch(/^[0-9a-f]{16}$/)
    expect(digest(['a', 'b'])).not.toBe(digest(['b', 'a']))
  })
})
