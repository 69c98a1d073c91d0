/** Every row of wire spec 7, and what belongs to it. */
import { bodyRows } from './bodies.ts'
import type { Case } from './case.ts'
import { claimRows } from './claims.ts'
import { packetRows } from './packets.ts'
import { pushPullRows } from './push-pulls.ts'
import { scriptRows } from './scripts.ts'
import { streamRows } from './streams.ts'

/** In the order of the spec: P1 …, S1 …, I1 …, then what has no row there. */
export const rows: readonly Case[] = [
  ...packetRows,
  ...bodyRows,
  ...claimRows,
  ...streamRows,
  ...pushPullRows,
  ...scriptRows,
].sort((a, b) => rank(a.row) - rank(b.row))

/** Array.prototype.sort is stable: cases of one row stay as they are listed. */
function rank(row: string): number {
  const match = /^([PSI])(\d+)$/.exec(row)
  return match ? 'PSI'.indexOf(match[1]!) * 1000 + Number(match[2]) : 9000
}

/** Rows of wire spec 7 that no input is for, and why. */
export const unplayed: Readonly<Record<string, string>> = {
  S32: 'there is no hook here that could refuse a merge',
}
