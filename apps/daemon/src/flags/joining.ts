/** Flags of joining and leaving: Mimir's names and defaults (kv spec 7.1), except where members of ours do better. */
import type { Profile } from '@hearsay/node'
import type { Flag } from './flag.ts'
import { bool, duration, integer, list } from './kinds.ts'
import { ofTuning } from './tuning.ts'

type Of<T> = Flag<T, Profile>

const group = 'Joining and leaving'
const MAX_COUNT = 1_000_000

export const joining = {
  'memberlist.join': {
    kind: list,
    group,
    default: [],
    help: 'Members to begin with: host, host:port, dns+host:port, dnssrv+name, dnssrvnoa+name; repeatable',
  } as Of<readonly string[]>,
  'memberlist.abort-if-fast-join-fails': {
    kind: bool,
    group,
    default: false,
    help: 'End with status 1 when the first round over them joins too few',
  } as Of<boolean>,
  'memberlist.abort-if-fast-join-fails-min-nodes': {
    kind: integer(1, MAX_COUNT),
    group,
    default: 1,
    help: 'How many other members the first round has to join then',
  } as Of<number>,
  'memberlist.min-join-backoff': {
    kind: duration,
    group,
    default: 1000,
    help: 'Least pause before the round after a first one that joined nobody; pauses double',
  } as Of<number>,
  'memberlist.max-join-backoff': {
    kind: duration,
    group,
    default: (profile) => (profile === 'mimir' ? 60_000 : 10_000),
    help: 'Most pause before a further round',
  } as Of<number>,
  'memberlist.max-join-retries': {
    kind: integer(0, MAX_COUNT),
    group,
    default: 10,
    help: 'Rounds that join nobody until joining has failed, which is said in the log; 0: never',
  } as Of<number>,
  'memberlist.abort-if-join-fails': {
    kind: bool,
    group,
    default: false,
    help: 'End with status 1 when joining has failed; otherwise it is tried on every ten seconds',
  } as Of<boolean>,
  'memberlist.rejoin-interval': {
    kind: duration,
    group,
    default: 0,
    help: 'Exchange states with the members of -memberlist.join this often, whoever is known; 0: only while nobody is',
  } as Of<number>,
  'memberlist.rejoin-seed-nodes': {
    kind: list,
    group,
    default: [],
    help: 'With these instead; repeatable',
  } as Of<readonly string[]>,
  'memberlist.leave-timeout': {
    kind: duration,
    group,
    default: 20_000,
    help: 'How long to wait until the departure was told',
  } as Of<number>,
  'memberlist.dead-node-reclaim-time': {
    kind: duration,
    group,
    default: ofTuning((tuning) => tuning.deadNodeReclaimMs),
    help: 'After this long a dead name may come back from another address; 0: only when it was forgotten',
  } as Of<number>,
}
