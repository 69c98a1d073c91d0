/** Before the good-bye: what was changed here and not yet told to anybody. */
import type { KvStore } from '@hearsay/kv'
import type { Memberlist } from '@hearsay/membership'
import { withTimeout } from './system.ts'

/** Waits until every local change was transmitted, nobody is left to tell, the memberlist closes, or `timeoutMs` (10 s, kv spec 4.7) is over. */
export async function flushLocalBroadcasts(
  kv: Pick<KvStore, 'flushed'>,
  memberlist: Memberlist,
  timeoutMs = 10_000,
): Promise<void> {
  const enough = new AbortController()
  const look = (): void => {
    if (!hasAudience(memberlist)) enough.abort()
  }
  // Without an audience nothing leaves the queue: the last one may go while we wait.
  memberlist.on('member', look)
  try {
    look()
    await withTimeout(timeoutMs, enough.signal, (ended) => kv.flushed(ended))
  } finally {
    memberlist.off('member', look)
  }
}

const hasAudience = (memberlist: Memberlist): boolean =>
  memberlist.members().some(({ isSelf, status }) => !isSelf && (status === 'alive' || status === 'suspect'))
