/** A real member of hashicorp/memberlist, v0.7.0 unless another version is asked for. */
import { type GoBuildOptions, goBinary } from './go-build.ts'
import { GoPeer, type MemberState } from './go-peer.ts'

/** Each has a module file of its own; `grafana` is the fork that dskit pins, over UDP and TCP as the others. */
export type MemberlistVersion = 'v0.5.0' | 'v0.5.4' | 'v0.6.0' | 'v0.7.0' | 'grafana'

/** Builds versions that are not built yet: before a test starts what must not be held up by that. */
export function buildMemberlistPeers(...versions: readonly MemberlistVersion[]): void {
  for (const version of versions) goBinary('memberlist-peer', buildOf(version))
}

const buildOf = (version: MemberlistVersion): GoBuildOptions =>
  version === 'v0.7.0' ? {} : { modfile: `go.${version.replaceAll('.', '')}.mod` }

/** How it is started. Durations in milliseconds. What is absent is as the preset has it. */
export interface MemberlistPeerOptions {
  readonly version?: MemberlistVersion
  readonly name: string
  readonly label?: string
  readonly preset?: 'lan' | 'wan' | 'local'
  readonly compression?: boolean
  readonly gossipIntervalMs?: number
  readonly probeIntervalMs?: number
  readonly probeTimeoutMs?: number
  readonly pushPullIntervalMs?: number
  readonly tcpTimeoutMs?: number
  readonly meta?: string
  /** Where it listens. Default `127.0.0.1` and a free port. */
  readonly bindAddress?: string
  readonly bindPort?: number
  readonly advertiseAddress?: string
  /** Advertise IPv4 in 16 bytes, as a member does that is bound to `0.0.0.0`. Default false. */
  readonly advertiseMapped?: boolean
  readonly protocolVersion?: number
  /** The first is primary. Default none: encryption is off until a key is added. */
  readonly secretKeys?: readonly Uint8Array[]
  readonly verifyIncoming?: boolean
  readonly verifyOutgoing?: boolean
  readonly skipInboundLabelCheck?: boolean
  readonly disableTcpPings?: boolean
  readonly allowedCidrs?: readonly string[]
  readonly udpBufferSizeBytes?: number
  readonly handoffQueueDepth?: number
}

/** One entry of Go's member list: alive or suspected, which the library does not tell apart. Byte fields are base64. */
export interface GoMember {
  readonly name: string
  readonly address: string
  readonly addressBytes: string
  readonly meta: string | null
}

/** What was sent or received, when it is too large to be told. */
export interface Digest {
  readonly sizeBytes: number
  readonly sha256: string
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export class MemberlistPeer extends GoPeer {
  static async start(options: MemberlistPeerOptions): Promise<MemberlistPeer> {
    const peer = new MemberlistPeer(
      GoPeer.spawn('memberlist-peer', argumentsFor(options), buildOf(options.version ?? 'v0.7.0')),
    )
    await peer.ready()
    return peer
  }

  join(address: string): Promise<number> {
    return this.ask('join', { addrs: [address] })
  }

  members(): Promise<GoMember[]> {
    return this.ask('members')
  }

  /** Its whole table, with those who are gone. */
  states(): Promise<MemberState[]> {
    return this.ask('states')
  }

  /** Names of the members that are alive or suspected, sorted. */
  async names(): Promise<string[]> {
    return (await this.members()).map(({ name }) => name).sort()
  }

  /** Metadata of a member as Go sees it, as text; undefined when it is not a member. */
  async metaOf(name: string): Promise<string | undefined> {
    const member = (await this.members()).find((each) => each.name === name)
    return member && Buffer.from(member.meta ?? '', 'base64').toString()
  }

  async send(to: string, payload: Uint8Array, how: 'packet' | 'stream'): Promise<void> {
    await this.ask(how === 'packet' ? 'sendBestEffort' : 'sendReliable', { to, payload: base64(payload) })
  }

  /** Sends bytes that Go makes up, on a stream. */
  sendLarge(to: string, sizeBytes: number): Promise<Digest> {
    return this.ask('sendReliable', { to, sizeBytes })
  }

  broadcast(payload: Uint8Array): Promise<void> {
    return this.ask('broadcast', { payload: base64(payload) })
  }

  /** Queues broadcasts of two bytes, numbered from 0, all before the next packet. */
  broadcastMany(count: number): Promise<void> {
    return this.ask('sendMany', { count })
  }

  updateMeta(meta: string): Promise<void> {
    return this.ask('updateMeta', { payload: base64(Buffer.from(meta)), timeoutMs: 5000 })
  }

  /** Changes the keyring while it runs; resolves with the keys then in it, the primary one first. */
  async keyring(change: 'add' | 'use' | 'remove', key: Uint8Array): Promise<string[]> {
    return this.ask(`keyring${change[0]!.toUpperCase()}${change.slice(1)}`, { key: hex(key) })
  }

  /** Awareness: 0 is healthy. */
  health(): Promise<number> {
    return this.ask('health')
  }

  leave(): Promise<void> {
    return this.ask('leave', { timeoutMs: 10_000 })
  }

  /** Payloads of user messages so far, as text. */
  messages(): string[] {
    return this.events.flatMap(({ event, payload }) =>
      event === 'message' ? [Buffer.from(payload ?? '', 'base64').toString('latin1')] : [],
    )
  }

  /** Whether an event about a member was reported. */
  heard(event: 'join' | 'leave' | 'update' | 'conflict', name: string): boolean {
    return this.events.some((each) => each.event === event && each.name === name)
  }

  /** Lines of its log that doubt somebody: a failed probe, a suspicion, a refutation of one about itself. */
  doubts(): string[] {
    return this.logged(/Suspect |Refuting |Marking .* as failed|Failed UDP ping/)
  }
}

function argumentsFor(options: MemberlistPeerOptions): string[] {
  const milliseconds = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : `${value}ms`
  const flags = {
    name: options.name,
    label: options.label,
    preset: options.preset,
    compression: options.compression,
    meta: options.meta,
    bind: options.bindAddress,
    'bind-port': options.bindPort,
    advertise: options.advertiseAddress,
    'advertise-mapped': options.advertiseMapped,
    protocol: options.protocolVersion,
    'secret-keys': options.secretKeys?.map(hex).join(','),
    'verify-incoming': options.verifyIncoming,
    'verify-outgoing': options.verifyOutgoing,
    'skip-inbound-label-check': options.skipInboundLabelCheck,
    'disable-tcp-pings': options.disableTcpPings,
    cidrs: options.allowedCidrs?.join(','),
    'udp-buffer-size': options.udpBufferSizeBytes,
    handoff: options.handoffQueueDepth,
    'gossip-interval': milliseconds(options.gossipIntervalMs),
    'probe-interval': milliseconds(options.probeIntervalMs),
    'probe-timeout': milliseconds(options.probeTimeoutMs),
    'push-pull-interval': milliseconds(options.pushPullIntervalMs),
    'tcp-timeout': milliseconds(options.tcpTimeoutMs),
  }
  return Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`-${flag}=${value}`]))
}
