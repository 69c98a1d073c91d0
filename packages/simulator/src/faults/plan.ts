/** Fault plans: what happens to a cluster and when, as plain data that can be printed, kept and cut down. */

/** Members by the order in which they came into the cluster, or all of them. */
export type Members = readonly number[] | 'all'

/** Something that lasts, and then is over: links, streams, clocks. */
export type Spell =
  /** Packets from some to others are lost, each with this chance. */
  | { readonly kind: 'loss'; readonly from: Members; readonly to: Members; readonly share: number }
  | { readonly kind: 'duplicate'; readonly from: Members; readonly to: Members; readonly share: number }
  /** Packets are held up and overtaken, each with this chance. */
  | { readonly kind: 'reorder'; readonly from: Members; readonly to: Members; readonly share: number }
  /** Everything takes about so much longer. */
  | { readonly kind: 'delay'; readonly from: Members; readonly to: Members; readonly delayMs: number }
  /** Nothing gets through, in this direction only. */
  | { readonly kind: 'cut'; readonly from: Members; readonly to: Members }
  /** Nothing gets through between the groups. Who is in none hears everybody. */
  | { readonly kind: 'partition'; readonly groups: readonly (readonly number[])[] }
  | { readonly kind: 'stream-refusal'; readonly from: Members; readonly to: Members }
  | { readonly kind: 'stream-stall'; readonly from: Members; readonly to: Members }
  /** The member's clock runs at another rate. */
  | { readonly kind: 'clock'; readonly node: number; readonly rate: number }

/** Something that happens at once. */
export type Blow =
  /** The event loop stands still for so long. */
  | { readonly kind: 'stall'; readonly node: number; readonly forMs: number }
  /** Gone without a word; comes back after `downMs`, if at all. */
  | {
      readonly kind: 'crash'
      readonly node: number
      readonly downMs: number | undefined
      readonly incarnation: 'lower' | 'same' | 'higher'
      readonly address: 'same' | 'new'
    }
  | { readonly kind: 'meta'; readonly node: number }
  /** Leaves, and either stays as it is, stops, or comes back after `backMs`. */
  | {
      readonly kind: 'leave'
      readonly node: number
      readonly next: 'stay' | 'stop' | 'rejoin'
      readonly backMs: number
    }
  /** So many at once, of up to so many bytes each; the last takes the place of the first. */
  | {
      readonly kind: 'broadcast'
      readonly node: number
      readonly count: number
      readonly sizeBytes: number
      readonly class: 'local' | 'relayed' | 'user'
    }
  /** A newcomer joins by way of a member. */
  | { readonly kind: 'newcomer'; readonly via: number }
  /** Somebody slips a claim about another into a member's input. */
  | {
      readonly kind: 'slander'
      readonly to: number
      readonly about: number
      readonly claim: 'suspect' | 'dead' | 'alive'
      /** Of the claim, above what the receiver has on record. */
      readonly above: number
    }
  | { readonly kind: 'ping'; readonly node: number; readonly to: number }
  | { readonly kind: 'send'; readonly node: number; readonly to: number; readonly reliable: boolean }

/** One fault. Times are virtual milliseconds from the start of the world. */
export type Fault = (Spell & { readonly atMs: number; readonly forMs: number }) | (Blow & { readonly atMs: number })

/** What a fault is. */
export type FaultKind = Fault['kind']

/** Everything that happens to one cluster, in order of time. */
export type FaultPlan = readonly Fault[]

/** Every kind, in the order of reports. */
export const faultKinds: readonly FaultKind[] = [
  'loss',
  'duplicate',
  'reorder',
  'delay',
  'cut',
  'partition',
  'stream-refusal',
  'stream-stall',
  'clock',
  'stall',
  'crash',
  'meta',
  'leave',
  'broadcast',
  'newcomer',
  'slander',
  'ping',
  'send',
]

/** Whether a fault lasts. */
export const isSpell = (fault: Fault): fault is Extract<Fault, Spell> => 'forMs' in fault && fault.kind !== 'stall'

/** When a fault no longer does anything by itself. */
export function endOf(fault: Fault): number {
  if ('forMs' in fault) return fault.atMs + fault.forMs
  if (fault.kind === 'crash') return fault.atMs + (fault.downMs ?? 0)
  if (fault.kind === 'leave') return fault.atMs + fault.backMs
  return fault.atMs
}

/** When the last fault of a plan is over. */
export const healedAt = (plan: FaultPlan): number => plan.reduce((latest, fault) => Math.max(latest, endOf(fault)), 0)
