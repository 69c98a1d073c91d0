/** What an input says about members, whichever way it came. */
import type { Input } from '@hearsay/membership'
import { formatAddress, type PacketMessage, type PushPull } from '@hearsay/wire'

/** One claim about one member. Of a push/pull, as the merge takes it (membership spec 5.4). */
export interface Claim {
  readonly type: 'alive' | 'suspect' | 'dead'
  readonly node: string
  readonly incarnation: number
  /** Who says so; of an alive, the member itself. */
  readonly from: string
  /** `ip:port`; of an alive only. */
  readonly address: string | undefined
  readonly meta: Uint8Array | undefined
}

const none: readonly Claim[] = []
const noMeta = new Uint8Array(0)

/** Claims of an input, in the order in which the machine of `self` meets them. */
export function claimsOf(input: Input, self: string): readonly Claim[] {
  switch (input.kind) {
    case 'packet': {
      let claims: Claim[] | undefined
      for (const message of input.messages) {
        const claim = ofMessage(message)
        if (!claim) continue
        claims ??= []
        claims.push(claim)
      }
      return claims ?? none
    }
    case 'stream-request':
    case 'stream-reply':
      return input.message.type === 'push-pull' ? ofState(input.message, self) : none
    default:
      return none
  }
}

function ofMessage(message: PacketMessage): Claim | undefined {
  if (message.type === 'alive') {
    const { node, incarnation, address, port, meta } = message
    return { type: 'alive', node, incarnation, from: node, address: endpointOf(address, port), meta: meta ?? noMeta }
  }
  if (message.type !== 'suspect' && message.type !== 'dead') return undefined
  const { type, node, incarnation, from } = message
  return { type, node, incarnation, from, address: undefined, meta: undefined }
}

function ofState(state: PushPull, self: string): Claim[] {
  const claims: Claim[] = []
  for (const { name: node, incarnation, state: number, address, port, meta } of state.nodes) {
    const accusation = { node, incarnation, address: undefined, meta: undefined }
    if (number === 0)
      claims.push({
        type: 'alive',
        node,
        incarnation,
        from: node,
        address: endpointOf(address, port),
        meta: meta ?? noMeta,
      })
    // What another holds for dead is only suspected, in our own name.
    else if (number === 1 || number === 2) claims.push({ ...accusation, type: 'suspect', from: self })
    else if (number === 3) claims.push({ ...accusation, type: 'dead', from: node })
  }
  return claims
}

const endpointOf = (address: Uint8Array | null, port: number): string | undefined =>
  address === null ? undefined : formatAddress(address, port)
