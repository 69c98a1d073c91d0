/** Options of a `Memberlist`, checked all at once. */
import type { Transport } from '@hearsay/transport'
import { CidrList, cidrProblem, type Encryption, Keyring, MAX_LABEL_BYTES, type Versions } from '@hearsay/wire'
import { MAX_META_BYTES, MAX_NAME_BYTES } from './limits.ts'
import type { Logger } from './logger.ts'
import type { Policy } from './policy.ts'
import type { NodeSystem } from './system.ts'
import { lan, type Tuning } from './tuning.ts'

/** What a `Memberlist` is made from. */
export interface MemberlistOptions {
  /** Unique in the cluster: 1 to 255 bytes, without `/`. */
  readonly name: string
  readonly transport: Transport
  /** Default {@link lan}. */
  readonly tuning?: Tuning
  /** Cluster label, at most 255 bytes. Default none. */
  readonly label?: string
  /** `strict`: only our label. `ignore`: any label or none (dskit's migration mode). `stripped-by-proxy`: none. Default `strict`. */
  readonly labelMode?: 'strict' | 'stripped-by-proxy' | 'ignore'
  /**
   * Keys and the two switches, looked at for each message. Default: an empty keyring, both switches on: nothing is
   * encrypted until a key is added to {@link Memberlist.keyring}.
   */
  readonly encryption?: Omit<Encryption, 'version'>
  /** 1 to 5, as memberlist's. 1 encrypts with padding, and takes every member's port for its own. Default 2. */
  readonly protocolVersion?: number
  /** Networks, such as `10.0.0.0/8`, that members may be in. Default: any. */
  readonly allowedCidrs?: readonly string[]
  /** Default `lzw`, which every member reads. */
  readonly compression?: 'lzw' | 'snappy' | 'none'
  /** Whether a compressed stream message is used even if it is larger. Default `if-smaller`. */
  readonly streamCompression?: 'always' | 'if-smaller'
  /** At most 512 bytes. Default empty. */
  readonly meta?: Uint8Array
  /** Default 0, 0, 0. */
  readonly delegateProtocol?: { readonly min: number; readonly max: number; readonly current: number }
  /** Default: whole seconds since 2020-01-01 UTC, so that a restart outranks its former self (DIV-15). */
  readonly initialIncarnation?: number
  /** Bound on what compressed data may expand to. Default 40 MiB. */
  readonly maxDecompressedBytes?: number
  readonly policy?: Partial<Policy>
  readonly logger?: Logger
  /** Default: this process's clock, timers, chance and DNS. */
  readonly system?: NodeSystem
}

/** Options, checked and completed. */
export interface MemberlistSettings {
  readonly name: string
  readonly tuning: Tuning
  readonly label: string
  readonly encryption: Encryption
  readonly allowed: CidrList
  readonly meta: Uint8Array
  readonly versions: Versions
}

/** Everything wrong with the options. `code` is `CONFIG_INVALID`. */
export class MemberlistConfigError extends Error {
  readonly code = 'CONFIG_INVALID'
  readonly problems: readonly { readonly path: string; readonly message: string }[]

  constructor(problems: MemberlistConfigError['problems']) {
    super(`invalid options: ${problems.map(({ path, message }) => `${path}: ${message}`).join('; ')}`)
    this.name = 'MemberlistConfigError'
    this.problems = problems
  }
}

const utf8 = new TextEncoder()
const choices = {
  labelMode: ['strict', 'stripped-by-proxy', 'ignore'],
  compression: ['lzw', 'snappy', 'none'],
  streamCompression: ['always', 'if-smaller'],
} as const

/** Checks and completes. Throws {@link MemberlistConfigError}. */
export function checkOptions(options: MemberlistOptions): MemberlistSettings {
  const problems: { path: string; message: string }[] = []
  const require = (holds: boolean, path: string, message: string): void => {
    if (!holds) problems.push({ path, message })
  }
  const tuning = options.tuning ?? lan
  const name: unknown = options.name
  require(typeof name === 'string', 'name', 'must be a text')
  const nameBytes = typeof name === 'string' ? utf8.encode(name).length : 1
  require(nameBytes >= 1 &&
    nameBytes <= MAX_NAME_BYTES, 'name', `must have 1 to ${MAX_NAME_BYTES} bytes, not ${nameBytes}`)
  require(!String(name).includes('/'), 'name', 'must not contain a /')
  require(typeof options.transport?.listen === 'function', 'transport', 'must be a Transport')
  for (const [path, allowed] of Object.entries(choices)) {
    const value = options[path as keyof typeof choices]
    require(value === undefined ||
      (allowed as readonly string[]).includes(value), path, `must be one of ${allowed.join(', ')}, not ${value}`)
  }
  const { maxDecompressedBytes: bound } = options
  require(bound === undefined ||
    (Number.isInteger(bound) && bound > 0), 'maxDecompressedBytes', `must be a number of bytes, not ${bound}`)
  const labelBytes = utf8.encode(options.label ?? '').length
  require(labelBytes <= MAX_LABEL_BYTES, 'label', `must have at most ${MAX_LABEL_BYTES} bytes, not ${labelBytes}`)
  const metaBytes = options.meta?.length ?? 0
  require(metaBytes <= MAX_META_BYTES, 'meta', `must have at most ${MAX_META_BYTES} bytes, not ${metaBytes}`)
  checkTuning(tuning, require)
  const { min, max, current } = options.delegateProtocol ?? { min: 0, max: 0, current: 0 }
  require([min, max, current].every(
    (value) => Number.isInteger(value) && value >= 0 && value <= 255,
  ), 'delegateProtocol', 'must be numbers from 0 to 255')
  require(min <= current &&
    current <= max, 'delegateProtocol', `current (${current}) must lie between min (${min}) and max (${max})`)
  const incarnation = options.initialIncarnation
  require(incarnation === undefined ||
    (Number.isInteger(incarnation) &&
      incarnation >= 1 &&
      incarnation < 2 ** 32 - 2), 'initialIncarnation', 'must be a whole number from 1 to 4294967293')
  const { protocolVersion = 2, allowedCidrs = [], encryption } = options
  require([1, 2, 3, 4, 5].includes(
    protocolVersion,
  ), 'protocolVersion', `must be 1, 2, 3, 4 or 5, not ${protocolVersion}`)
  for (const [index, network] of allowedCidrs.entries()) {
    const problem = cidrProblem(network)
    require(problem === undefined, `allowedCidrs[${index}]`, problem ?? '')
  }
  require(encryption === undefined || encryption.keyring instanceof Keyring, 'encryption.keyring', 'must be a Keyring')
  if (problems.length > 0) throw new MemberlistConfigError(problems)
  return {
    name: options.name,
    tuning,
    label: options.label ?? '',
    encryption: withVersion(encryption ?? { keyring: new Keyring() }, protocolVersion === 1 ? 0 : 1),
    allowed: new CidrList(allowedCidrs),
    meta: options.meta ?? new Uint8Array(0),
    versions: {
      protocolMin: 1,
      protocolMax: 5,
      protocolCurrent: protocolVersion,
      delegateMin: min,
      delegateMax: max,
      delegateCurrent: current,
    },
  }
}

/** The same switches, and the version that goes with the protocol. They are read through, since they may change. */
function withVersion(encryption: Omit<Encryption, 'version'>, version: 0 | 1): Encryption {
  return {
    get keyring() {
      return encryption.keyring
    },
    get verifyIncoming() {
      return encryption.verifyIncoming ?? true
    },
    get verifyOutgoing() {
      return encryption.verifyOutgoing ?? true
    },
    version,
    ...(encryption.nonce ? { nonce: encryption.nonce } : {}),
  }
}

function checkTuning(tuning: Tuning, require: (holds: boolean, path: string, message: string) => void): void {
  const { probe, suspicion, gossip, pushPull } = tuning
  const atLeast = (value: number, least: number, path: string): void =>
    require(Number.isFinite(value) &&
      value >= least, `tuning.${path}`, `must be a number from ${least} on, not ${value}`)
  atLeast(probe.intervalMs, 0, 'probe.intervalMs')
  atLeast(probe.timeoutMs, 1, 'probe.timeoutMs')
  require(probe.intervalMs === 0 ||
    probe.timeoutMs <
      probe.intervalMs, 'tuning.probe.timeoutMs', `must be below probe.intervalMs (${probe.intervalMs}), not ${probe.timeoutMs}`)
  atLeast(probe.indirectChecks, 0, 'probe.indirectChecks')
  atLeast(probe.awarenessMaxMultiplier, 1, 'probe.awarenessMaxMultiplier')
  atLeast(suspicion.multiplier, 1, 'suspicion.multiplier')
  atLeast(suspicion.maxTimeoutMultiplier, 1, 'suspicion.maxTimeoutMultiplier')
  atLeast(gossip.intervalMs, 0, 'gossip.intervalMs')
  atLeast(gossip.nodes, 0, 'gossip.nodes')
  atLeast(gossip.toTheDeadMs, 0, 'gossip.toTheDeadMs')
  atLeast(gossip.retransmitMultiplier, 1, 'gossip.retransmitMultiplier')
  require(gossip.userShare >= 0 &&
    gossip.userShare <= 1, 'tuning.gossip.userShare', `must be a share from 0 to 1, not ${gossip.userShare}`)
  atLeast(pushPull.intervalMs, 0, 'pushPull.intervalMs')
  atLeast(pushPull.nodes, 1, 'pushPull.nodes')
  atLeast(tuning.streamTimeoutMs, 1, 'streamTimeoutMs')
  atLeast(tuning.deadNodeReclaimMs, 0, 'deadNodeReclaimMs')
}
