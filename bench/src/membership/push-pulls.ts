/** B10: states, as they are exchanged. */
import { equalBytes } from '@hearsay/encoding'
import { encodeStreamMessage, type NodeState, type PushPull, StreamReader } from '@hearsay/wire'
import type { Machine } from '../../../packages/membership/src/machine.ts'
import { stateOf } from '../inputs.ts'
import type { Item } from '../item.ts'
import { from, label, lazily, machineOf, viewOf, whenDone } from './member.ts'

const userState = new Uint8Array(0)
/** What a socket gives at one time. */
const CHUNK_BYTES = 64 * 1024

/** Memberlist's own defaults. */
const send = (message: PushPull): Uint8Array =>
  encodeStreamMessage(message, { compression: 'lzw', when: 'if-smaller', label })

function receive(bytes: Uint8Array): PushPull {
  const reader = new StreamReader({ role: 'initiator', label, labelMode: 'strict' })
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    reader.push(bytes.subarray(at, at + CHUNK_BYTES))
    const result = reader.next()
    if (result.kind === 'message' && result.message.type === 'push-pull') return result.message
  }
  throw new Error('there is no push/pull')
}

const byName = (nodes: Iterable<NodeState>): string[] =>
  [...nodes]
    .map(({ name, address, port, incarnation, state }) => `${name} ${address} ${port} ${incarnation} ${state}`)
    .sort()

function out(others: number): Item {
  const machine = lazily(() => machineOf(others))
  const request = { type: 'push-pull', join: false, nodes: [], userState } as const
  const answer = (): Uint8Array => {
    for (const effect of machine().handle({ kind: 'stream-request', exchange: -1, from, message: request }, 1))
      if (effect.kind === 'close-stream' && effect.reply?.type === 'push-pull') return send(effect.reply)
    throw new Error('there is no reply')
  }
  return {
    group: 'B10',
    name: `state out, n = ${others.toLocaleString('en')}`,
    target: 0.6,
    library: 'memberlist',
    operation: `state-out/${others}`,
    subject: 'members',
    agrees: (golden) => String(byName(receive(answer()).nodes)) === String(byName(receive(golden).nodes)),
    work: () => answer().length,
    isLarge: others > 1000,
  }
}

function into(others: number, percent: number): Item {
  const bytes = lazily(() => {
    const nodes = Array.from({ length: others }, (_, index): NodeState => {
      const state = stateOf(index)
      return index % 100 < percent ? { ...state, incarnation: state.incarnation + 1 } : state
    })
    return send({ type: 'push-pull', join: false, nodes, userState })
  })
  let machine: Machine | undefined
  whenDone(() => {
    machine = undefined
  })
  let exchange = 0
  /** One that waits for an answer. */
  const begin = (): void => {
    machine ??= machineOf(others)
    const asked = machine.handle({ kind: 'join', request: 1, addresses: [from] }, 1)
    for (const effect of asked) if (effect.kind === 'open-stream') exchange = effect.exchange
  }
  const merge = (): number => machine!.handle({ kind: 'stream-reply', exchange, message: receive(bytes()) }, 1).length
  const renew = (): void => {
    if (percent > 0) machine = undefined
    begin()
  }
  const subject = `state-${others}-${percent}`
  return {
    group: 'B10',
    name: `state in, n = ${others.toLocaleString('en')}, ${percent} % different`,
    target: 0.6,
    library: 'memberlist',
    operation: `state-in/${others}/${percent}`,
    subject,
    inputs: () => ({ [subject]: bytes() }),
    agrees: (golden) => {
      renew()
      merge()
      return equalBytes(viewOf(machine!), golden)
    },
    work: merge,
    isLarge: others > 1000,
    renewal: { every: 1, renew },
  }
}

/** A state is sent; one is received that differs in nothing, in a little, in everything. */
export const pushPullItems = (): Item[] =>
  [1000, 10_000].flatMap((others) => [out(others), ...[0, 1, 100].map((percent) => into(others, percent))])
