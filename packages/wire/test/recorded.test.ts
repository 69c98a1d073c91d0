// Goal: no part of the recordings goes missing unnoticed. Method: each of five versions of the Go library has lines for
// each group of wire spec 8; what is in them is compared in recorded/.

import { describe, expect, it } from 'vitest'
import { libraries, type Vector, vectorsOf } from './recorded/vectors.ts'

const pinned = [
  'github.com/hashicorp/memberlist@v0.5.0',
  'github.com/hashicorp/memberlist@v0.5.4',
  'github.com/hashicorp/memberlist@v0.6.0',
  'github.com/hashicorp/memberlist@v0.7.0',
  'github.com/grafana/memberlist@v0.3.1-0.20260515134459-1798cf41aca7',
]
const files = ['messages', 'layers', 'encryption', 'packets', 'streams']

/** Rows of the plan; B20 is only for the fork, which alone has Snappy. */
const rows = {
  A: 'A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16',
  B: 'B01 B02 B03 B04 B05 B06 B07 B08 B09',
  C: 'C01',
  D: 'D01 D02 D03',
  E: 'E01 E02',
  F: 'F01 F02 F03 F04',
  G: 'G01 G02 G03 G04 G05 G06 G07 G08 G09 G10 G11',
  H: 'H01 H02 H03 H04 H05 H07',
}

it('five versions are recorded', () => {
  expect(libraries.map(({ module, version }) => `${module}@${version}`)).toEqual(pinned)
})

describe.each(libraries)('$vectors', (library) => {
  const lines: readonly Vector[] = files.flatMap((file) => vectorsOf(library, file))
  const recorded = new Set(lines.map(({ id }) => id.slice('GV-'.length).split('/')[0]))

  it.each(Object.entries(rows))('has all of group %s', (_, ids) => {
    expect(ids.split(' ').filter((id) => !recorded.has(id))).toEqual([])
  })

  it('names itself in each line', () => {
    expect(new Set(lines.map(({ lib }) => lib))).toEqual(new Set([`${library.module}@${library.version}`]))
  })
})

it('the fork has Snappy: alone, in packets and on streams', () => {
  const fork = libraries.find(({ module }) => module.includes('grafana'))!
  expect(vectorsOf(fork, 'layers').some(({ id }) => id === 'GV-B20')).toBe(true)
  for (const file of ['packets', 'streams'])
    expect(vectorsOf(fork, file).some(({ settings }) => settings.algorithm === 'snappy')).toBe(true)
})
