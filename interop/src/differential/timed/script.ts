/** What happens to a member, and when: the world around it, and what is compared afterwards. */
import type { MemberSettings } from '../observation.ts'
import type { Step } from '../steps.ts'
import type { Instant } from './instants.ts'
import type { Trace } from './trace.ts'

/** The one-way delay of everything. More than the real member's clock is looked at. */
export const DELAY_MS = 10

/** How long a host does not answer pings. */
export interface Silence {
  readonly host: number
  readonly fromMs: number
  readonly toMs: number
}

/** How hosts that are silent can still be reached. */
export interface Detours {
  /** What relays answer: they got an ack; they got none, and say so so much later; nothing. */
  readonly relays: 'ack' | { readonly nackAfterMs: number } | 'nothing'
  /** What a stream meets. */
  readonly streams: 'answered' | 'refused' | 'hanging'
}

/** One thing that is compared: named instants, and how far apart they may be. */
export interface Watch {
  readonly what: string
  readonly toleranceMs: number
  /** The difference that allows for more than an own timer's exactness. */
  readonly div?: string
  instants(trace: Trace): readonly Instant[]
}

/** A script. Hosts are called `n1` to `nN` and live at 10.0.0.1 to 10.0.0.N. */
export interface Script {
  readonly title: string
  readonly settings: MemberSettings
  readonly hosts: number
  readonly silences: readonly Silence[]
  readonly detours: Detours
  readonly inputs: readonly { readonly atMs: number; readonly step: Step }[]
  readonly untilMs: number
  readonly watches: readonly Watch[]
}
