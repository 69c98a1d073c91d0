/** One input, or a few that belong together, and what is expected of comparing the two verdicts. */
import type { DifferenceId } from '../differences.ts'
import type { GroupId } from '../group.ts'
import type { Ports } from '../normal.ts'
import type { Manner, Probe } from '../probe.ts'
import type { Session } from '../session.ts'
import type { Verdict } from '../verdict.ts'

/** What scripts may use besides the session. */
export interface Stage {
  readonly probe: Probe
  /** At 127.0.0.2. */
  readonly elsewhere: Probe
}

interface Common {
  /** Row of wire spec 7, or what else the input is about. */
  readonly row: string
  readonly group: GroupId
  readonly title: string
  /** Whole messages sent before, wrapped as configured; what comes of them is not judged. */
  readonly before?: readonly Uint8Array[]
  /** The verdicts must differ, for this reason. */
  readonly differs?: DifferenceId
  /** Never sent to Go, for this reason: our verdict must be `must`. */
  readonly oursOnly?: { readonly must: string; readonly because: string }
}

/** Bytes sent as they are. Several: each by itself, one after the other. */
export interface BytesCase extends Common {
  readonly via: 'packet' | 'stream'
  readonly bytes: Uint8Array | readonly Uint8Array[] | ((ports: Ports) => Uint8Array)
  readonly manner?: Manner['manner']
}

/** What takes more than sending bytes. */
export interface ScriptCase extends Common {
  readonly via: 'script'
  readonly play: (session: Session, stage: Stage) => Promise<Verdict>
}

/** Either. */
export type Case = BytesCase | ScriptCase

type Options = Partial<Omit<BytesCase, 'row' | 'title' | 'bytes' | 'via'>>

/** A datagram; to a peer of group `plain` unless told otherwise. */
export const packet = (row: string, title: string, bytes: BytesCase['bytes'], options: Options = {}): BytesCase => ({
  row,
  title,
  bytes,
  via: 'packet',
  group: 'plain',
  ...options,
})

/** A connection; half-closed behind the last byte unless told otherwise. */
export const stream = (row: string, title: string, bytes: BytesCase['bytes'], options: Options = {}): BytesCase => ({
  row,
  title,
  bytes,
  via: 'stream',
  group: 'plain',
  ...options,
})

/** A script. */
export const script = (
  row: string,
  title: string,
  play: ScriptCase['play'],
  options: Partial<Omit<ScriptCase, 'row' | 'title' | 'play' | 'via'>> = {},
): ScriptCase => ({ row, title, play, via: 'script', group: 'plain', ...options })

/** Every proper prefix. */
export const prefixes = (bytes: Uint8Array): Uint8Array[] =>
  Array.from(bytes, (_, length) => bytes.subarray(0, length)).filter(({ length }) => length > 0)
