/** Options of a `Memberlist`, checked all at once. */
import type { Transport } from '@hearsay/transport'
import { CidrList, cidrProblem, type Encryption, Keyring, MAX_LABEL_BYTES, type Versions } from '@hearsay/wire'
import type { IncarnationStore } from './incarnation.ts'
import { MAX_INCARNATION, MAX_META_BYTES, MAX_NAME_BYTES, MIN_PACKET_BUDGET_BYTES } from './limits.ts'
import type { Logger } from './logger.ts'
import { improved, type Policy } from './policy.ts'
import { type OptionProblem, Problems } from './problems.ts'
import type { Routing } from './routing.ts'
import type { NodeSystem } from './system.ts'
import { lan, type Tuning } from './tuning.ts'
import { checkTuning, tuningWarnings } from './tuning-checks.ts'

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
  /** At most 512 bytes. A delegate's `meta` comes before it. Default empty. */
  readonly meta?: Uint8Array
  /** Default 0, 0, 0. */
  readonly delegateProtocol?: { readonly min: number; readonly max: number; readonly current: number }
  /** Default: whole seconds since 2020-01-01 UTC, so that a restart outranks its former self (DIV-15). */
  readonly initialIncarnation?: number
  /** Keeps the incarnation over restarts, so that it never goes backwards, whatever the clock does. Default none. */
  readonly incarnationStore?: IncarnationStore
  /** Bound on what compressed data may expand to. Default 40 MiB. */
  readonly maxDecompressedBytes?: number
  readonly policy?: Partial<Policy>
  /** Whom gossip ticks and periodic push/pulls may go to, such as a `ZoneRouting`. Default: anybody. */
  readonly routing?: Routing
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
  readonly policy: Policy
  readonly routing: Routing | undefined
  /** Sentences about numbers that work and hardly do what they are for. */
  readonly warnings: readonly string[]
}

/** Everything wrong with the options. `code` is `CONFIG_INVALID`. */
export class MemberlistConfigError extends Error {
  readonly code = 'CONFIG_INVALID'
  readonly problems: readonly OptionProblem[]

  constructor(problems: readonly OptionProblem[]) {
    super(`invalid options: ${problems.map(({ path, message }) => `${path}: ${message}`).join('; ')}`)
    this.name = 'MemberlistConfigError'
    this.problems = problems
  }
}

const choices = {
  labelMode: ['strict', 'stripped-by-proxy', 'ignore'],
  compression: ['lzw', 'snappy', 'none'],
  streamCompression: ['always', 'if-smaller'],
  protocolVersion: [1, 2, 3, 4, 5],
} as const

/** Checks and completes. Throws {@link MemberlistConfigError}. */
export function checkOptions(options: MemberlistOptions): MemberlistSettings {
  const problems = new Problems()
  if (!problems.group(options, 'options')) throw new MemberlistConfigError(problems.all)
  const { name, tuning = lan, label = '', meta = new Uint8Array(0), encryption, protocolVersion = 2 } = options
  const { allowedCidrs = [], delegateProtocol = { min: 0, max: 0, current: 0 } } = options
  const policy: Policy = { ...improved, ...options.policy }
  checkIdentity(options, problems)
  checkNetwork(options, problems)
  checkTuning(tuning, problems)
  checkPolicy(options.policy, problems)
  checkParts(options, problems)
  if (problems.all.length > 0) throw new MemberlistConfigError(problems.all)
  return {
    name,
    tuning,
    label,
    encryption: withVersion(encryption ?? { keyring: new Keyring() }, protocolVersion === 1 ? 0 : 1),
    allowed: new CidrList(allowedCidrs),
    meta,
    versions: {
      protocolMin: 1,
      protocolMax: 5,
      protocolCurrent: protocolVersion,
      delegateMin: delegateProtocol.min,
      delegateMax: delegateProtocol.max,
      delegateCurrent: delegateProtocol.current,
    },
    policy,
    routing: options.routing,
    warnings: tuningWarnings(tuning, policy),
  }
}

/** Who this member is. */
function checkIdentity(options: MemberlistOptions, problems: Problems): void {
  const { name, meta, initialIncarnation, delegateProtocol } = options
  if (problems.text(name, 'name', 1, MAX_NAME_BYTES))
    problems.require(!name.includes('/'), 'name', 'must not contain a /')
  if (meta !== undefined && problems.require(meta instanceof Uint8Array, 'meta', 'must be a Uint8Array'))
    problems.require(
      meta.length <= MAX_META_BYTES,
      'meta',
      `must have at most ${MAX_META_BYTES} bytes, not ${meta.length}`,
    )
  if (initialIncarnation !== undefined) problems.count(initialIncarnation, 'initialIncarnation', 1, MAX_INCARNATION - 1)
  if (delegateProtocol === undefined) return
  const versions = problems.group(delegateProtocol, 'delegateProtocol')
  if (!versions) return
  const names = ['min', 'max', 'current'] as const
  const sound = names.map((each) => problems.count(versions[each], `delegateProtocol.${each}`, 0, 255))
  const { min, max, current } = delegateProtocol
  if (sound.every(Boolean))
    problems.require(
      min <= current && current <= max,
      'delegateProtocol',
      `current (${current}) must lie between min (${min}) and max (${max})`,
    )
}

/** What goes over the wire, and how. */
function checkNetwork(options: MemberlistOptions, problems: Problems): void {
  const { transport, label, maxDecompressedBytes, allowedCidrs } = options
  if (problems.callable((transport as Partial<Transport> | null | undefined)?.listen, 'transport', 'a Transport'))
    problems.count(transport.packetBudgetBytes, 'transport.packetBudgetBytes', MIN_PACKET_BUDGET_BYTES)
  if (label !== undefined) problems.text(label, 'label', 0, MAX_LABEL_BYTES)
  for (const [path, allowed] of Object.entries(choices)) {
    const value = options[path as keyof typeof choices]
    if (value !== undefined) problems.choice(value, path, allowed)
  }
  if (maxDecompressedBytes !== undefined) problems.count(maxDecompressedBytes, 'maxDecompressedBytes', 1)
  if (allowedCidrs === undefined) return
  if (!problems.require(Array.isArray(allowedCidrs), 'allowedCidrs', 'must be a list of networks')) return
  for (const [index, network] of allowedCidrs.entries()) {
    const problem = typeof network === 'string' ? cidrProblem(network) : 'must be a text such as 10.0.0.0/8'
    problems.require(problem === undefined, `allowedCidrs[${index}]`, problem ?? '')
  }
}

function checkPolicy(policy: unknown, problems: Problems): void {
  const switches = policy === undefined ? undefined : problems.group(policy, 'policy')
  for (const [name, value] of Object.entries(switches ?? {}))
    if (problems.require(Object.hasOwn(improved, name), `policy.${name}`, 'no such switch'))
      problems.flag(value, `policy.${name}`)
}

/** What is handed in to be called. */
function checkParts({ encryption, incarnationStore, logger }: MemberlistOptions, problems: Problems): void {
  const sealing = encryption === undefined ? undefined : problems.group(encryption, 'encryption')
  if (sealing) problems.require(sealing.keyring instanceof Keyring, 'encryption.keyring', 'must be a Keyring')
  if (incarnationStore !== undefined) {
    const store = problems.group(incarnationStore, 'incarnationStore')
    for (const name of store ? ['load', 'save'] : [])
      problems.callable(store?.[name], `incarnationStore.${name}`, 'a function')
  }
  if (logger === undefined) return
  const methods = problems.group(logger, 'logger')
  for (const name of methods ? ['debug', 'info', 'warn', 'error'] : [])
    problems.callable(methods?.[name], `logger.${name}`, 'a function')
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
