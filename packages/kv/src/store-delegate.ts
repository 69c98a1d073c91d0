import type { KvDelegate } from './delegate.ts'
import type { Inflow } from './inflow.ts'
import type { Outflow } from './outflow.ts'
import type { Propagations } from './propagation.ts'

/** What of a store membership calls. */
export interface StoreParts {
  readonly inflow: Inflow
  readonly outflow: Outflow
  readonly propagations: Propagations
  /** Aborted: the store hears and says nothing any more. */
  readonly closing: AbortSignal
  readonly localState: () => Uint8Array
}

const nothing = new Uint8Array(0)

/** The store as membership sees it. */
export const storeDelegate = ({ inflow, outflow, propagations, closing, localState }: StoreParts): KvDelegate => ({
  attach: (host) => {
    outflow.attach(host)
    propagations.attach(host)
  },
  onMessage: (payload, { member }) => {
    if (!closing.aborted) inflow.message(payload, member)
  },
  localState: () => (closing.aborted ? nothing : localState()),
  mergeRemoteState: (state, _join, { member }) => {
    if (closing.aborted) return
    const keys = inflow.state(state, member)
    if (keys && member !== undefined) propagations.hearKeys(member, keys)
  },
})
