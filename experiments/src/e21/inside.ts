/** What the package keeps to itself, and this experiment is about: the choice of a member, and the queue. */
export { BroadcastQueue, type TransmitLimits } from '../../../packages/membership/src/broadcast-queue.ts'
export { PeerColumns } from '../../../packages/membership/src/peer-columns.ts'
export { pickPeers } from '../../../packages/membership/src/random-pick.ts'
