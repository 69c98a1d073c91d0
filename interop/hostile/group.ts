/** How a pair of peers is configured: a group of inputs shares one configuration. */
import { hex, text } from './bytes.ts'
import { frame, labelled, sealed } from './wrappers.ts'

/** One configuration, the same for Go and for us. */
export interface Group {
  readonly id: string
  readonly label: string
  /** The first is the primary one. */
  readonly keys: readonly Uint8Array[]
  readonly verifyIncoming: boolean
  readonly skipLabelCheck: boolean
  readonly cidrs: readonly string[]
  /** Each phase of a stream. */
  readonly streamTimeoutMs: number
  /** How long a relay waits for the target's ack. */
  readonly probeTimeoutMs: number
  /** A day: nobody is probed. */
  readonly probeIntervalMs: number
}

/** The name of both peers. */
export const NAME = 'target'
const DAY_MS = 86_400_000
/** The primary key of every ring. */
export const firstKey = hex('000102030405060708090a0b0c0d0e0f')
/** The other key of every ring. */
export const secondKey = hex('101112131415161718191a1b1c1d1e1f2021222324252627')
/** A key that is in no ring. */
export const foreignKey = hex('ffeeddccbbaa99887766554433221100')

const plain: Group = {
  id: 'plain',
  label: '',
  keys: [],
  verifyIncoming: true,
  skipLabelCheck: false,
  cidrs: [],
  streamTimeoutMs: 1000,
  probeTimeoutMs: 250,
  probeIntervalMs: DAY_MS,
}
const keys = [firstKey, secondKey]

/** Every configuration that inputs are sent under. */
export const groups = {
  plain,
  label: { ...plain, id: 'label', label: 'prod' },
  proxy: { ...plain, id: 'proxy', label: 'prod', skipLabelCheck: true },
  keys: { ...plain, id: 'keys', keys },
  lenient: { ...plain, id: 'lenient', keys, verifyIncoming: false },
  labelKeys: { ...plain, id: 'labelKeys', label: 'prod', keys },
  cidrs: { ...plain, id: 'cidrs', cidrs: ['127.0.0.1/32'] },
  /** Time enough to expand 40 MiB on a busy machine. */
  unhurried: { ...plain, id: 'unhurried', streamTimeoutMs: 15_000 },
  probing: { ...plain, id: 'probing', probeIntervalMs: 400, probeTimeoutMs: 100 },
} as const satisfies Record<string, Group>

/** Name of a configuration. */
export type GroupId = keyof typeof groups

/** What a reader wants to know of a group. */
export function describeGroup({
  label,
  keys,
  verifyIncoming,
  skipLabelCheck,
  cidrs,
  probeIntervalMs,
  streamTimeoutMs,
}: Group): string {
  const traits = [
    label === '' ? 'no label' : `label "${label}"`,
    ...(skipLabelCheck ? ['SkipInboundLabelCheck'] : []),
    keys.length === 0 ? 'no keys' : `${keys.length} keys`,
    ...(keys.length > 0 && !verifyIncoming ? ['GossipVerifyIncoming off'] : []),
    ...cidrs.map((cidr) => `allowed: ${cidr}`),
    ...(streamTimeoutMs > 1000 ? ['TCPTimeout of 15 s'] : []),
    ...(probeIntervalMs < DAY_MS ? ['probing'] : []),
  ]
  return traits.join(', ')
}

/** A packet as a peer under this configuration takes it. */
export function properPacket({ label, keys, skipLabelCheck }: Group, plaintext: Uint8Array): Uint8Array {
  const body = keys[0] ? sealed(plaintext, { key: keys[0], aad: text(label) }) : plaintext
  return skipLabelCheck ? body : labelled(label, body)
}

/** What an initiator under this configuration writes. */
export function properStream({ label, keys, skipLabelCheck }: Group, plaintext: Uint8Array): Uint8Array {
  const body = keys[0] ? frame(plaintext, { key: keys[0], label }) : plaintext
  return skipLabelCheck ? body : labelled(label, body)
}
