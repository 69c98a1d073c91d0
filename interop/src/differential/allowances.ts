/**
 * Where our machine, in the profile that does as memberlist does, may differ from the real one: each difference by its
 * number in membership spec 13, with what exactly it explains. Whatever none of these explains is a fault.
 */
import { formatAddress, Part } from '@hearsay/wire'
import { canonical, sameBytes, sameIp } from './addresses.ts'
import { type Claimed, claimsOf } from './claims.ts'
import type { Both, Difference, View } from './compare.ts'
import { describeMessage, describeState, OwnPings } from './describe.ts'
import { bytesOf } from './hex.ts'
import type { MemberSettings, Observation } from './observation.ts'
import type { Step } from './steps.ts'

/** The step in which a difference was found. */
export interface Case {
  readonly step: Step
  readonly said: Both<Observation>
  readonly settings: MemberSettings
  readonly before: Both<View>
  readonly after: Both<View>
  /** What was in the real member's queue and never came out of it, by key. */
  readonly lost: ReadonlySet<string>
  /** Its queue numbered something below what was older, in this step or before. */
  readonly isRenumbered: boolean
  /** All that differs. */
  readonly found: readonly Difference[]
}

/** One reason to differ. */
export interface Allowance {
  /** Names its example in examples.ts. */
  readonly id: string
  readonly div: string
  /** What differs, for a reader. */
  readonly what: string
  /** Afterwards the two believe, or have queued, something else about the name. */
  readonly tears: boolean
  /** What is queued comes in another order from now on: the rest of the sequence cannot be compared. */
  readonly ends?: boolean
  explains(difference: Difference, at: Case): boolean
  /** Other names of which the two may have something else in mind, though nothing shows it yet. */
  alsoTears?(at: Case): readonly string[]
}

/** The name that a difference is about; `undefined`: nobody's. */
export function nameOf(difference: Difference, self: string): string | undefined {
  switch (difference.kind) {
    case 'record':
      return difference.name
    case 'part':
      return 'node' in difference.message ? difference.message.node : undefined
    case 'told':
      return difference.detail.split(' ')[0]
    case 'health':
      return self
    default:
      return undefined
  }
}

/** The difference is about a name of which the step claims something that passes the test. */
const isAboutClaim = (difference: Difference, { step, settings }: Case, test: (claim: Claimed) => boolean): boolean => {
  const name = nameOf(difference, settings.name)
  return name !== undefined && claimsOf(step).some((claim) => claim.node === name && test(claim))
}

/** The step makes the real member remember somebody who never lived. */
function isPhantom(difference: Difference, { step, settings, before }: Case): boolean {
  const name = nameOf(difference, settings.name)
  if (name === undefined || name === settings.name || before.go.has(name)) return false
  return claimsOf(step).find(({ kind, node }) => kind === 'alive' && node === name)?.incarnation === 0
}

/** The step, or what was believed before it, has one address of the name in both forms. */
function hasTwoForms(name: string | undefined, { step, before }: Case): boolean {
  const claims = claimsOf(step).filter(({ kind, node }) => kind === 'alive' && node === name)
  const known = name === undefined ? undefined : before.go.get(name)?.address
  const forms = [...claims.map(({ address = '' }) => bytesOf(address)), ...(known ? [known] : [])]
  return claims.length > 0 && forms.some((a) => forms.some((b) => a.length !== b.length && sameIp(a, b)))
}

/** The same is believed of a name, but for the form of its address. */
function differInForm(name: string, { go, ours }: Both<View>): boolean {
  const left = go.get(name)
  const right = ours.get(name)
  if (!left || !right || sameBytes(left.address, right.address) || !sameIp(left.address, right.address)) return false
  return describeState({ ...left, address: right.address }) === describeState(right)
}

/** What all that was said in a step would take, each message once. */
function saidBytes({ go, ours }: Both<Observation>): number {
  const pings = new OwnPings()
  const messages = [...go.packets, ...ours.packets].flatMap((packet) => packet.messages)
  const sizes = new Map(messages.map((message) => [describeMessage(message, pings), new Part(message).sizeBytes]))
  return [...sizes.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0)
}

/** All of them. */
export const allowances: readonly Allowance[] = [
  {
    id: 'address-form',
    div: 'DIV-2',
    what: 'The same IPv4 address in 4 and in 16 bytes: what is believed and passed on differs in the form alone.',
    tears: false,
    explains(difference, { after }) {
      if (difference.kind === 'part') {
        const { by, message } = difference
        if (message.type !== 'alive') return false
        const record = after[by].get(message.node)
        return sameBytes(record?.address ?? null, message.address) && differInForm(message.node, after)
      }
      return difference.kind === 'record' && differInForm(difference.name, after)
    },
  },
  {
    id: 'address-conflict',
    div: 'DIV-2',
    what: 'An alive with the known address in its other form is no claim of another address.',
    tears: true,
    explains: (difference, at) => hasTwoForms(nameOf(difference, at.settings.name), at),
  },
  {
    id: 'phantom',
    div: 'DIV-3',
    what: 'An alive of an unknown member with incarnation 0 leaves nothing behind.',
    tears: true,
    explains: (difference, at) =>
      difference.kind === 'record' &&
      difference.go?.state === 2 &&
      difference.go.incarnation === 0 &&
      !difference.ours &&
      isPhantom(difference, at),
    // Suspicions that begin in the same step expect as many confirmations as there seem to be members.
    alsoTears: ({ step }) => claimsOf(step).flatMap(({ kind, node }) => (kind === 'suspect' ? [node] : [])),
  },
  {
    id: 'phantom-met',
    div: 'DIV-3',
    what: 'What follows such an alive in the same state does not meet what it left behind.',
    tears: true,
    explains: (difference, at) => at.step.op !== 'packet' && isPhantom(difference, at),
  },
  {
    id: 'versions-told',
    div: 'DIV-5',
    what: 'The application is told when nothing but the versions of a member changed.',
    tears: false,
    explains: (difference, at) =>
      difference.kind === 'told' &&
      difference.by === 'ours' &&
      difference.type === 'update' &&
      isAboutClaim(difference, at, ({ kind }) => kind === 'alive'),
  },
  {
    id: 'refutation-key',
    div: 'DIV-13',
    what: 'A refutation takes the place of what else was queued about the member itself.',
    tears: false,
    explains: (difference, { settings, after }) => {
      if (difference.kind !== 'part' || difference.by !== 'go') return false
      const { message } = difference
      const own = after.go.get(settings.name)
      if (message.type !== 'alive' || message.node !== settings.name || !own) return false
      return message.incarnation < own.incarnation || own.state === 3
    },
  },
  {
    id: 'last-incarnation',
    div: 'DIV-12',
    what: 'The own incarnation stops at 2^32 − 2; Go goes on to 0, where nobody believes it any more.',
    tears: true,
    explains: (difference, { settings, before, step }) => {
      const own = before.ours.get(settings.name)?.incarnation ?? 0
      const claimed = claimsOf(step).filter(({ node }) => node === settings.name)
      const highest = Math.max(own, ...claimed.map(({ incarnation }) => incarnation))
      return highest >= 2 ** 32 - 2 && nameOf(difference, settings.name) === settings.name
    },
  },
  {
    id: 'join-after-leave',
    div: 'DIV-40',
    what: 'A member that has left joins nobody.',
    tears: true,
    explains: (difference, { settings, before, step }) =>
      step.op === 'join' && before.ours.get(settings.name)?.state === 3 && difference.kind !== 'health',
  },
  {
    id: 'lost-item',
    div: 'DIV-27',
    what: 'What Go’s queue loses, since it numbers its items anew when it was empty, ours still says.',
    tears: false,
    explains: (difference, { settings, lost }) => {
      if (difference.kind !== 'part' || difference.by !== 'ours' || !('node' in difference.message)) return false
      const { node } = difference.message
      // Refutations are queued by address (DIV-13).
      return lost.has(node) || (node === settings.name && lost.has(hostOf(settings.address)))
    },
  },
  {
    id: 'order-of-equals',
    div: 'DIV-27',
    what: 'Where not all fits into one packet, what Go lost leaves room for others; and of items as long and as often said, it says the older first once it numbers anew.',
    tears: false,
    ends: true,
    explains: (difference, { said, settings, found, lost, isRenumbered }) => {
      if (difference.kind !== 'part' || saidBytes(said) <= settings.packetBytes) return false
      if (lost.size > 0) return true
      const { text, message } = difference
      const { sizeBytes } = new Part(message)
      // In its place, or it in the place of, another one of its size.
      return (
        isRenumbered &&
        found.some(
          (other) => other.kind === 'part' && other.text !== text && new Part(other.message).sizeBytes === sizeBytes,
        )
      )
    },
  },
  {
    id: 'versions-missing',
    div: 'wire P40',
    what: 'An alive without all six version bytes is ignored.',
    tears: true,
    explains: (difference, at) =>
      isAboutClaim(difference, at, ({ kind, versions = '' }) => kind === 'alive' && versions.length < 12),
  },
  {
    id: 'spread-end',
    div: 'DIV-38',
    what: 'When an announcement counts as spread: replaced by a refutation, or with nobody left to tell, it is over.',
    tears: false,
    explains: (difference) =>
      difference.kind === 'told' &&
      difference.type === 'finished' &&
      (difference.detail.startsWith('updateMeta') || difference.detail.startsWith('leave')),
  },
]

/** What explains a difference. */
export const explain = (difference: Difference, at: Case): Allowance | undefined =>
  allowances.find((allowance) => allowance.explains(difference, at))

/** An address as Go writes it. */
function hostOf(address: string): string {
  const endpoint = formatAddress(canonical(bytesOf(address)), 0)
  return endpoint.slice(0, endpoint.lastIndexOf(':'))
}
