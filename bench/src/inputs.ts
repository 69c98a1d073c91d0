/** What is compressed, encrypted and put together: always the same, made from numbers. */
import { type Alive, defaultVersions, encodeStreamMessage, type NodeState, Part } from '@hearsay/wire'
import { encodeRing } from '../../packages/ring/src/instance-ring/codec.ts'
import { InstanceDesc } from '../../packages/ring/src/instance-ring/instance-desc.ts'
import { RingDesc } from '../../packages/ring/src/instance-ring/model.ts'

const nameOf = (index: number): string => `member-27-bytes-long-${String(index).padStart(6, '0')}`
const addressOf = (index: number): Uint8Array => Uint8Array.of(10, (index >> 16) & 255, (index >> 8) & 255, index & 255)
const place = (index: number) => ({
  address: addressOf(index),
  port: 7946,
  meta: null,
  incarnation: 1 + (index % 9),
  versions: { ...defaultVersions, protocolCurrent: 2 },
})

/** A member's claim that it is there. */
export const aliveOf = (index: number): Alive => ({ type: 'alive', node: nameOf(index), ...place(index) })

/** Claims of so many members that they are there. */
export const aliveParts = (count: number, first = 0): Part[] =>
  Array.from({ length: count }, (_, index) => new Part(aliveOf(first + index)))

/** What a push/pull says of a member: about 100 bytes. */
export const stateOf = (index: number): NodeState => ({ name: nameOf(index), state: 0, ...place(index) })

/** A push/pull with so many members. */
export function pushPullState(members: number): Uint8Array {
  const nodes = Array.from({ length: members }, (_, index) => stateOf(index))
  const message = { type: 'push-pull', join: false, nodes, userState: new Uint8Array(0) } as const
  return encodeStreamMessage(message, { compression: 'none' })
}

/** Bytes without any pattern. */
export function randomBytes(length: number): Uint8Array {
  const next = random(length)
  return Uint8Array.from({ length }, () => next() >>> 24)
}

/** A ring with random tokens, encoded but not compressed. */
export function ringBytes(instances: number, tokensEach: number): Uint8Array {
  const next = random(instances)
  const entry = (index: number) =>
    new InstanceDesc({
      addr: `${addressOf(index).join('.')}:9095`,
      timestamp: 1_700_000_000 + index,
      tokens: Uint32Array.from({ length: tokensEach }, next).sort(),
      zone: `zone-${index % 3}`,
      registeredTimestamp: 1_690_000_000 + index,
      id: nameOf(index),
    })
  return encodeRing(
    RingDesc.of(Array.from({ length: instances }, (_, index) => [nameOf(index), entry(index)] as const)),
  )
}

/** A stream of numbers of 32 bits (xorshift). */
function random(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
