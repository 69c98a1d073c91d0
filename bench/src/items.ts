/** Everything that is compared, in the order of the evaluation plan. */
import { compoundItems } from './compounds.ts'
import { compressionItems } from './compression.ts'
import { encryptionItems } from './encryption.ts'
import type { Item } from './item.ts'
import { receiveItems } from './kv/receive.ts'
import { broadcastItems } from './membership/broadcasts.ts'
import { packetItems } from './membership/packets-in.ts'
import { pickItems } from './membership/picks.ts'
import { pushPullItems } from './membership/push-pulls.ts'
import { transitionItems } from './membership/transitions.ts'
import { messageItems } from './messages.ts'

export { made, time } from './item.ts'
export { forgetMembers } from './membership/member.ts'

const byGroup = ({ group }: Item): number => Number(group.slice(1))

/** All items. */
export const items: readonly Item[] = [
  ...messageItems(),
  ...compoundItems(),
  ...compressionItems(),
  ...encryptionItems(),
  ...packetItems(),
  ...transitionItems(),
  ...broadcastItems(),
  ...pickItems(),
  ...pushPullItems(),
  ...receiveItems(),
].sort((a, b) => byGroup(a) - byGroup(b))
