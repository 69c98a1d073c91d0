/** What a node's options say of its membership. */
import {
  type Logger,
  Memberlist,
  MemberlistConfigError,
  type MemberlistOptions,
  type Routing,
  type Tuning,
} from '@hearsay/membership'
import type { Transport } from '@hearsay/transport'
import { encryptionOptions } from './encryption-options.ts'
import type { ConfigProblem } from './errors.ts'
import { IncarnationFile } from './incarnation-file.ts'
import type { NodeOptions } from './options.ts'
import type { ProfileSettings } from './profiles.ts'
import { announcedMeta, zoneProblems } from './zones.ts'

/** A bridge exchanges with one of its zone and one of another, as dskit's do. */
const BRIDGE_PUSH_PULL_NODES = 2

const isBridge = ({ zoneAwareRouting }: NodeOptions): boolean => zoneAwareRouting?.role === 'bridge'

/** Options of the `Memberlist` inside a node. */
export function membershipOptions(
  options: NodeOptions,
  settings: { readonly name: string; readonly profile: ProfileSettings; readonly tuning: Tuning },
  transport: Transport,
  routing?: Routing,
): MemberlistOptions {
  const { name, profile, tuning } = settings
  const { delegateProtocol, initialIncarnation, dataDir, zoneAwareRouting } = options
  // A wrong zone is told of elsewhere.
  const hasZone = zoneAwareRouting !== undefined && zoneProblems(options).length === 0
  const meta = hasZone ? announcedMeta(options, options.meta) : options.meta
  const logger: Logger | undefined = options.logger
  return {
    name,
    transport,
    tuning: isBridge(options) ? { ...tuning, pushPull: { ...tuning.pushPull, nodes: BRIDGE_PUSH_PULL_NODES } } : tuning,
    label: options.label ?? '',
    labelMode: options.labelMode ?? 'strict',
    encryption: encryptionOptions(options),
    protocolVersion: options.protocolVersion ?? 2,
    // A list that is no list is told of elsewhere.
    allowedCidrs: Array.isArray(options.allowedCidrs) ? options.allowedCidrs.map(String) : [],
    compression: options.compression ?? 'lzw',
    streamCompression: profile.streamCompression,
    maxDecompressedBytes: profile.maxDecompressedBytes,
    ...(meta === undefined ? {} : { meta }),
    ...(routing === undefined ? {} : { routing }),
    ...(delegateProtocol === undefined ? {} : { delegateProtocol }),
    ...(initialIncarnation === undefined ? {} : { initialIncarnation }),
    ...(dataDir === undefined ? {} : { incarnationStore: new IncarnationFile(dataDir, logger) }),
    ...(logger === undefined ? {} : { logger }),
  }
}

/** What membership has against these options: it is made, and never started. */
export function membershipProblems(...args: Parameters<typeof membershipOptions>): readonly ConfigProblem[] {
  try {
    new Memberlist(membershipOptions(...args))
    return []
  } catch (error) {
    if (error instanceof MemberlistConfigError) return error.problems
    throw error
  }
}
