/** What the parts of a `Memberlist` are made from. */
import type { Listening } from '@hearsay/transport'
import { encryptionOverheadBytes, labelOverheadBytes, parseAddress } from '@hearsay/wire'
import type { Audience } from './audience.ts'
import { MAX_PING_PAYLOAD_BYTES } from './limits.ts'
import type { MachineOptions } from './machine-options.ts'
import type { MemberlistOptions, MemberlistSettings } from './options.ts'
import type { PacketRimOptions } from './rim.ts'
import type { NodeSystem } from './system.ts'

/** What the rim is told that is not where to deliver. */
export function rimSettings(
  options: MemberlistOptions,
  { tuning, label, encryption }: MemberlistSettings,
): Omit<PacketRimOptions, 'system' | 'counters' | 'input' | 'deliver'> {
  return {
    transport: options.transport,
    logger: options.logger,
    label,
    labelMode: options.labelMode ?? 'strict',
    encryption,
    compression: options.compression ?? 'lzw',
    streamCompression: options.streamCompression ?? 'if-smaller',
    maxDecompressedBytes: options.maxDecompressedBytes ?? 40 * 1024 * 1024,
    streamTimeoutMs: tuning.streamTimeoutMs,
  }
}

/** What is known of a member once it listens. */
export interface Beginning {
  readonly listening: Listening
  readonly incarnation: number
  readonly meta: Uint8Array
  /** What a packet of the transport holds. */
  readonly budgetBytes: number
}

/** What the machine is made from. */
export function machineOptions(
  settings: MemberlistSettings,
  { listening, incarnation, meta, budgetBytes }: Beginning,
  audience: Audience,
  system: NodeSystem,
): MachineOptions {
  const { name, tuning, label, encryption, versions, allowed, policy, routing } = settings
  const advertised = parseAddress(listening.advertised)!
  const bound = parseAddress(listening.bound)!
  const payloadBytes = Math.min(MAX_PING_PAYLOAD_BYTES, budgetBytes >> 1)
  return {
    self: { name, address: advertised.ip, port: advertised.port, meta, versions },
    bindPort: bound.port,
    tuning,
    packet: { budgetBytes, overheadBytes: () => labelOverheadBytes(label) + encryptionOverheadBytes(encryption) },
    ...(allowed.isEmpty ? {} : { isAllowed: (ip: Uint8Array) => allowed.contains(ip) }),
    isAuthenticated: () => encryption.keyring.size > 0 && encryption.verifyIncoming !== false,
    initialIncarnation: incarnation,
    random: () => system.random(),
    localState: (join) => audience.localState(join),
    policy,
    ...(routing ? { routing } : {}),
    hooks: {
      ...(audience.has('alive') ? { alive: (member) => audience.believes(member) } : {}),
      ...(audience.has('pingPayload') ? { ackPayload: () => audience.pingPayload(payloadBytes) } : {}),
      tellsPings: audience.has('onPing'),
      asksBeforeMerge: audience.has('merge'),
    },
  }
}
