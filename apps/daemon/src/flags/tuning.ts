/** Defaults that a profile's tuning decides. */
import { type Profile, profiles } from '@hearsay/node'

/** A default by profile: what `read` finds in its tuning. */
export const ofTuning = (read: (tuning: (typeof profiles)[Profile]['tuning']) => number) => (profile: Profile) =>
  read(profiles[profile].tuning)
