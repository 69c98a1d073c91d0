/** One input of the machine being handled: its times, and the effects that it has had so far. */
import type { ChangeNote } from './change.ts'
import type { UnixMs } from './contract.ts'
import type { KvEffect, KvOutcome } from './input.ts'

/** One call of `handle`. */
export interface Turn {
  readonly now: number
  readonly wallNow: UnixMs
  readonly effects: KvEffect[]
}

/** Tells what became of a local edit. `change`: the part of the value that it changed. */
export function settle(
  turn: Turn,
  key: string,
  outcome: KvOutcome,
  version: number,
  cause?: unknown,
  change?: unknown,
): void {
  turn.effects.push({
    kind: 'settled',
    key,
    outcome,
    version,
    ...(cause === undefined ? {} : { cause }),
    ...(change === undefined ? {} : { change }),
  })
}

/** Tells watchers. */
export function pushNotes(notes: readonly ChangeNote[], turn: Turn): void {
  for (const note of notes) turn.effects.push({ kind: 'notify', note })
}
