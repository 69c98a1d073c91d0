/** Our member, in this process, over real sockets. */
import { local, type MemberEvent, Memberlist, nodeSystem } from '@hearsay/membership'
import { udpTcpTransport } from '@hearsay/transport'
import { Keyring } from '@hearsay/wire'
import { type Group, NAME } from './group.ts'
import { payloadText, type Target, type Told } from './target.ts'

const DAY_MS = 86_400_000

/** Starts one; resolves when it listens. */
export async function startOurs(group: Group): Promise<Target> {
  const memberlist = new Memberlist({
    name: NAME,
    transport: udpTcpTransport({ bindAddress: '127.0.0.1', bindPort: 0 }),
    label: group.label,
    labelMode: group.skipLabelCheck ? 'stripped-by-proxy' : 'strict',
    initialIncarnation: 1,
    // A fixed number instead of chance: nothing here may depend on it.
    system: { ...nodeSystem(), random: () => 0.5 },
    tuning: {
      ...local,
      gossip: { ...local.gossip, intervalMs: 0, toTheDeadMs: DAY_MS },
      pushPull: { ...local.pushPull, intervalMs: 0 },
      probe: { ...local.probe, intervalMs: group.probeIntervalMs, timeoutMs: group.probeTimeoutMs },
      streamTimeoutMs: group.streamTimeoutMs,
    },
    ...(group.keys.length > 0
      ? { encryption: { keyring: new Keyring(group.keys), verifyIncoming: group.verifyIncoming } }
      : {}),
    ...(group.cidrs.length > 0 ? { allowedCidrs: [...group.cidrs] } : {}),
  })
  const target = new OurTarget(memberlist)
  await memberlist.start()
  return target
}

class OurTarget implements Target {
  readonly side = 'ours'
  readonly host = '127.0.0.1'
  isGone = false
  readonly #memberlist: Memberlist
  #listener: (told: Told) => void = () => {}

  constructor(memberlist: Memberlist) {
    this.#memberlist = memberlist
    memberlist.use({
      onMessage: (payload) => this.#listener({ kind: 'message', payload: payloadText(payload) }),
      mergeRemoteState: (state, join) => this.#listener({ kind: 'remote-state', payload: payloadText(state), join }),
    })
    memberlist.on('member', (event) => this.#member(event))
  }

  get port(): number {
    return Number(this.#memberlist.address.split(':').at(-1))
  }

  onTold(listener: (told: Told) => void): void {
    this.#listener = listener
  }

  async join(address: string): Promise<boolean> {
    const { joinedCount } = await this.#memberlist.join([address])
    return joinedCount > 0
  }

  close(): Promise<void> {
    this.isGone = true
    return this.#memberlist.close()
  }

  #member({ type, member: { name } }: MemberEvent): void {
    // Go has one callback for both ways of going, and none for suspicion and its end.
    if (type === 'leave' || type === 'fail') this.#listener({ kind: 'leave', name })
    else if (type === 'join' || type === 'update' || type === 'conflict') this.#listener({ kind: type, name })
  }
}
