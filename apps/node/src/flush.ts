/** Before the good-bye: what was changed here and not yet told to anybody. */
import type { Memberlist } from '@hearsay/membership'
import { pause } from './system.ts'

/** How often the queue is looked at. */
const POLL_MS = 20

/** Waits until every local change was transmitted, nobody is left to tell, or `timeoutMs` (10 s, kv spec 4.7) is over. */
export async function flushLocalBroadcasts(memberlist: Memberlist, timeoutMs = 10_000): Promise<void> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += POLL_MS) {
    const others = memberlist
      .members()
      .some((member) => !member.isSelf && (member.status === 'alive' || member.status === 'suspect'))
    if (!others || memberlist.queueDepths().local.items === 0) return
    await pause(POLL_MS)
  }
}
