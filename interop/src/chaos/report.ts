/** What members say happens, in one vocabulary for Go's and for ours. */
import type { GoEvent } from '../go-peer.ts'

/**
 * `suspected`: the member's own probe failed and it accuses; of ours also what it hears others accuse, as `heard`.
 * `refuted`: it contradicted what was said of itself. `gone`: it holds the other one dead, whoever found that out.
 * `declared`: its own suspicion ran out. `came`: it takes the other one for a member. `conflict`: another address claims
 * the name.
 */
export type ReportKind = 'came' | 'suspected' | 'heard' | 'refuted' | 'declared' | 'gone' | 'conflict'

/** One thing that one member said. */
export interface Report {
  /** When it was read, by `performance.now()`. */
  readonly atMs: number
  readonly by: string
  readonly kind: ReportKind
  readonly about: string
}

/** A line of a member, with what only ours says. */
export interface Line extends GoEvent {
  /** Of our events: what told the member. */
  readonly source?: string
}

/** What a line means: nothing, one report or two. `by` is whose line it is. */
export const meaning = { go: ofGo, ours: ofOurs } as const

type Meaning = Pick<Report, 'kind' | 'about'>

const events: Readonly<Record<string, ReportKind>> = { join: 'came', leave: 'gone', fail: 'gone', conflict: 'conflict' }

function ofGo({ event, name, line = '' }: Line, by: string): Meaning[] {
  const kind = events[event]
  if (kind) return [{ kind, about: name! }]
  if (event !== 'log') return []
  // The library has no event for these, but logs them.
  if (/Refuting /.test(line)) return [{ kind: 'refuted', about: by }]
  const [, suspected, declared] = /Suspect (\S+) has failed|Marking (\S+) as failed/.exec(line) ?? []
  if (suspected !== undefined) return [{ kind: 'suspected', about: suspected }]
  return declared === undefined ? [] : [{ kind: 'declared', about: declared }]
}

function ofOurs({ event, name, source }: Line): Meaning[] {
  const about = name!
  if (event === 'refute') return [{ kind: 'refuted', about }]
  if (event === 'suspect') return [{ kind: source === 'probe' ? 'suspected' : 'heard', about }]
  const kind = events[event]
  if (!kind) return []
  return event === 'fail' && source === 'suspicion-timeout'
    ? [
        { kind: 'declared', about },
        { kind, about },
      ]
    : [{ kind, about }]
}
