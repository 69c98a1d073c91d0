import { MAX_INBOX_BYTES } from '@hearsay/kv'
import { MAX_QUEUED_BYTES } from '@hearsay/membership'
import { kvLaw } from './law.ts'

/** Items of one key that are passed on may wait for each name in it: of sets of names not all cover one another. */
const RELAYED_PER_NAME = 2

/** States of peers that may arrive before the first of them is merged: each has every key once. A process reads so many things in one go. */
const STATES_AT_ONCE = 32

/** kv spec 1.3, 3.8, 3.9, 3.10. */
export const boundedQueues = kvLaw(
  {
    name: 'bounded-queues',
    law: 'Newer changes take the place of older ones in the queue, the inbox keeps its bounds, and tombstones go when their time is over',
  },
  (chronicle, check) => {
    const { keys, names, writers, inboxPairsPerKey, tombstoneMs, skewMs } = chronicle.setting
    // Edits are of one name, or of all of a key.
    const mostLocal = keys * (names + 1)
    const mostRelayed = RELAYED_PER_NAME * keys * (names + writers)
    return {
      looked(store) {
        const { local, relayed, queuedBytes, inboxPairs, inboxBytes } = store.depths()
        check(
          local <= mostLocal && relayed <= mostRelayed && queuedBytes <= MAX_QUEUED_BYTES,
          store,
          () => `${local} changes of its own and ${relayed} others wait, ${queuedBytes} bytes, for ${keys} keys`,
        )
        check(
          inboxPairs <= keys * (inboxPairsPerKey + STATES_AT_ONCE) && inboxBytes <= MAX_INBOX_BYTES,
          store,
          () => `${inboxPairs} pairs of ${inboxBytes} bytes wait to be merged`,
        )
      },
      changed({ store, key, reading, origin }) {
        // What somebody else's clock dates, ours judges.
        const limit = chronicle.wallMs - tombstoneMs - 2 * skewMs
        const old = origin === 'local' || origin === 'remote' ? reading.removals : []
        // A removal of what was added anew is no tombstone.
        for (const { name, line, buriedAtMs } of old)
          if (!reading.marks.some((mark) => mark.name === name && mark.line === line))
            check(
              buriedAtMs >= limit,
              store,
              () => `${key}: ${name} was removed ${chronicle.wallMs - buriedAtMs} ms ago`,
            )
      },
    }
  },
)
