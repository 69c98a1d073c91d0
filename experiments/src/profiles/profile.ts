/** The detectors that are compared: one machine, other policies (evaluation spec 0). */
import { faithful, improved, type Policy, type Research, type Tuning } from '@hearsay/membership'

/** How a member behaves. */
export interface Profile {
  readonly policy: Policy
  readonly research: Partial<Research>
}

/** Plain SWIM as the Lifeguard paper measured it: a fixed suspicion timeout, no local health, no buddy. */
const swim: Partial<Research> = { localHealth: 'off', fixedSuspicion: true, buddy: false, expectedConfirmations: 3 }

/** The configurations of the Lifeguard paper, memberlist v0.7.0 (P-GO) and ours (P-TS). */
export const profiles = {
  SWIM: { policy: faithful, research: swim },
  'LHA-Probe': { policy: faithful, research: { ...swim, localHealth: 'paper' } },
  'LHA-Suspicion': { policy: faithful, research: { ...swim, fixedSuspicion: false } },
  Buddy: { policy: faithful, research: { ...swim, buddy: true } },
  Lifeguard: {
    policy: faithful,
    research: { localHealth: 'paper', fixedSuspicion: false, buddy: true, expectedConfirmations: 3 },
  },
  'P-GO': { policy: faithful, research: {} },
  'P-TS': { policy: improved, research: {} },
} as const satisfies Readonly<Record<string, Profile>>

/** One of them. */
export type ProfileName = keyof typeof profiles

/** The numbers a profile runs with: memberlist does not look for those it lost (DIV-36). */
export const tuningOf = (profile: ProfileName, tuning: Tuning): Tuning =>
  profiles[profile].policy === improved ? tuning : { ...tuning, rejoin: { ...tuning.rejoin, intervalMs: 0 } }
