/** What the messages of a step claim of members, wherever they stand. */
import type { Claim, State, Step } from './steps.ts'

/** One claim. */
export interface Claimed extends Partial<Claim> {
  readonly kind: 'alive' | 'suspect' | 'dead' | 'left'
  readonly node: string
  readonly incarnation: number
  /** It stood in a state. */
  readonly inState: boolean
}

const KINDS = ['alive', 'suspect', 'suspect', 'left'] as const

/** All claims of a step. */
export function claimsOf(step: Step): readonly Claimed[] {
  if (step.op === 'packet')
    return step.messages.flatMap((message): Claimed[] => {
      if (message.kind === 'alive') return [{ ...message, inState: false }]
      if (message.kind !== 'suspect' && message.kind !== 'dead') return []
      const { node, incarnation } = message
      const kind = message.kind === 'dead' && message.by === node ? 'left' : message.kind
      return [{ kind, node, incarnation, inState: false }]
    })
  const state = stateOf(step)
  return (state?.entries ?? []).flatMap((entry): Claimed[] => {
    const kind = KINDS[entry.state]
    return kind === undefined ? [] : [{ ...entry, kind, inState: true }]
  })
}

/** The state of another member that a step brings. */
export function stateOf(step: Step): State | undefined {
  if (step.op === 'state') return step.state
  return step.op === 'join' && step.answer.kind === 'state' ? step.answer.state : undefined
}
