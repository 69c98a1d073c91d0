/** Every law about stores. */
import { boundedQueues } from './bounded-queues.ts'
import { confirmedUpdates } from './confirmed-updates.ts'
import { convergence } from './convergence.ts'
import { editScope } from './edit-scope.ts'
import { exactCounters } from './exact-counters.ts'
import { honestProof } from './honest-proof.ts'
import type { KvLaw } from './law.ts'
import { lineOrder } from './line-order.ts'
import { newsQueued } from './news-queued.ts'
import { noKeyResurrection, noResurrection } from './no-resurrection.ts'
import { versionOrder } from './version-order.ts'

/** In the order of reports. */
export const kvLaws: readonly KvLaw[] = [
  convergence,
  noResurrection,
  noKeyResurrection,
  confirmedUpdates,
  honestProof,
  exactCounters,
  boundedQueues,
  lineOrder,
  versionOrder,
  newsQueued,
  editScope,
]
