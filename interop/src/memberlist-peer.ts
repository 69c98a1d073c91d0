/** A real member of hashicorp/memberlist v0.7.0. */
import { GoPeer } from './go-peer.ts'

/** How it is started. Durations in milliseconds. */
export interface MemberlistPeerOptions {
  readonly name: string
  readonly label?: string
  readonly preset?: 'lan' | 'wan' | 'local'
  readonly compression?: boolean
  readonly gossipIntervalMs?: number
  readonly probeIntervalMs?: number
  readonly probeTimeoutMs?: number
  readonly pushPullIntervalMs?: number
  readonly meta?: string
}

/** One entry of Go's member list. */
export interface GoMember {
  readonly name: string
  readonly address: string
  readonly meta: string | null
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

export class MemberlistPeer extends GoPeer {
  static async start(options: MemberlistPeerOptions): Promise<MemberlistPeer> {
    const durations = {
      'gossip-interval': options.gossipIntervalMs,
      'probe-interval': options.probeIntervalMs,
      'probe-timeout': options.probeTimeoutMs,
      'push-pull-interval': options.pushPullIntervalMs,
    }
    const peer = new MemberlistPeer(
      GoPeer.spawn('memberlist-peer', [
        `-name=${options.name}`,
        `-label=${options.label ?? ''}`,
        `-preset=${options.preset ?? 'lan'}`,
        `-compression=${options.compression ?? true}`,
        `-meta=${options.meta ?? ''}`,
        ...Object.entries(durations).flatMap(([flag, value]) => (value === undefined ? [] : [`-${flag}=${value}ms`])),
      ]),
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

  send(to: string, payload: Uint8Array, how: 'packet' | 'stream'): Promise<void> {
    return this.ask(how === 'packet' ? 'sendBestEffort' : 'sendReliable', { to, payload: base64(payload) })
  }

  broadcast(payload: Uint8Array): Promise<void> {
    return this.ask('broadcast', { payload: base64(payload) })
  }

  updateMeta(meta: string): Promise<void> {
    return this.ask('updateMeta', { payload: base64(Buffer.from(meta)), timeoutMs: 5000 })
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
  heard(event: 'join' | 'leave' | 'update', name: string): boolean {
    return this.events.some((each) => each.event === event && each.name === name)
  }
}
