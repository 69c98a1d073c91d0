/** What a profile name stands for (design, the daemon's profiles). */
import { lan, local, mimir, type Tuning, wan } from '@hearsay/membership'
import type { Profile, TuningOverrides } from './options.ts'

/** Everything a profile decides unless an option says otherwise. */
export interface ProfileSettings {
  readonly tuning: Tuning
  readonly transport: 'udp' | 'tcp'
  /** HashiCorp compresses streams even when that makes them larger; dskit's fork does not. */
  readonly streamCompression: 'always' | 'if-smaller'
  /** Values of codecs that dskit does not know may be sent. */
  readonly allowForeignCodecs: boolean
  /** How long a deleted key is remembered. dskit's own default is below a scaled push/pull interval (kv spec 3.6). */
  readonly obsoleteEntriesTimeoutMs: number
  /** Bound on what a compressed packet or stream may expand to (wire spec 2.6). */
  readonly maxDecompressedBytes: number
}

const MIB = 1024 * 1024
const gossip = {
  transport: 'udp',
  streamCompression: 'if-smaller',
  allowForeignCodecs: true,
  obsoleteEntriesTimeoutMs: 300_000,
  maxDecompressedBytes: 40 * MIB,
} as const

/** The presets by name. */
export const profiles: Readonly<Record<Profile, ProfileSettings>> = {
  lan: { ...gossip, tuning: lan },
  wan: { ...gossip, tuning: wan },
  local: { ...gossip, tuning: local },
  mimir: {
    tuning: mimir,
    transport: 'tcp',
    streamCompression: 'if-smaller',
    allowForeignCodecs: false,
    obsoleteEntriesTimeoutMs: 30_000,
    maxDecompressedBytes: 21 * MIB,
  },
}

/** A preset with single numbers changed. */
export function tune(base: Tuning, overrides: TuningOverrides = {}): Tuning {
  return {
    probe: { ...base.probe, ...overrides.probe },
    suspicion: { ...base.suspicion, ...overrides.suspicion },
    gossip: { ...base.gossip, ...overrides.gossip },
    pushPull: { ...base.pushPull, ...overrides.pushPull },
    rejoin: { ...base.rejoin, ...overrides.rejoin },
    streamTimeoutMs: overrides.streamTimeoutMs ?? base.streamTimeoutMs,
    deadNodeReclaimMs: overrides.deadNodeReclaimMs ?? base.deadNodeReclaimMs,
  }
}
