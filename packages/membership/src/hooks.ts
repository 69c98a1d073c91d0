/** What the machine asks of the application while it handles an input: pure and synchronous, and it must not throw. */
import type { Member } from './member.ts'

/** The hooks of membership spec 9.1 that decide or fill something. What only tells is an effect. */
export interface MachineHooks {
  /** Whether a claim that somebody is alive may be believed. Asked for each claim, also a stale one; never about oneself (A4, DIV-6). */
  readonly alive?: (candidate: Member) => boolean
  /** What rides on the answer to a ping. */
  readonly ackPayload?: () => Uint8Array
  /** Emit `ping-complete`. Default false. */
  readonly tellsPings?: boolean
  /** Emit `merge-ask` before the members of a join exchange are merged. Default false. */
  readonly asksBeforeMerge?: boolean
}
