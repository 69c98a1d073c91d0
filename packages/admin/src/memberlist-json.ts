/** `/memberlist` as JSON, with the keys of dskit's page (kv spec 7.5), so that existing tools work. */
import type { KvMessage } from '@hearsay/kv'
import type { Member } from '@hearsay/membership'
import { splitAddress } from './address.ts'
import { sortedByName } from './members.ts'
import type { AdminSource } from './source.ts'

/** memberlist's numbers of states. dskit shows 0 for everybody; we show the true one. */
const stateNumbers = { alive: 0, suspect: 1, dead: 2, left: 3 } as const
/** Go's zero time: the entry was never deleted. */
const ZERO_TIME = '0001-01-01T00:00:00Z'

/** Members that are alive or suspect, and the store without values. Sizes are of the cached encodings. */
export function memberlistJson(source: AdminSource, wallNowMs: number) {
  const entries = [...source.kv.entries()].sort((left, right) => (left.key < right.key ? -1 : 1))
  return {
    Now: new Date(wallNowMs).toISOString(),
    Memberlist: {},
    SortedMembers: sortedByName(source.members())
      .filter(({ status }) => status === 'alive' || status === 'suspect')
      .map(memberJson),
    Store: Object.fromEntries(
      entries.map(({ key, version, codecId, deleted, deletedAt }) => [
        key,
        {
          Version: version,
          CodecID: codecId,
          Deleted: deleted,
          UpdateTime: deletedAt === undefined ? ZERO_TIME : new Date(deletedAt).toISOString(),
        },
      ]),
    ),
    StoreSizes: Object.fromEntries(entries.map(({ key, sizeBytes }) => [key, sizeBytes])),
    TotalStoreSize: entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    MessageHistoryBufferBytes: source.kv.history.maxBytes,
    SentMessages: source.kv.history.messages.sent.map(messageJson),
    ReceivedMessages: source.kv.history.messages.received.map(messageJson),
    ZoneAwareRouting: zoneJson(source),
  }
}

function zoneJson(source: AdminSource) {
  const { zoneRouting } = source.metrics()
  return { Enabled: zoneRouting !== undefined, Zone: zoneRouting?.zone ?? '', Role: zoneRouting?.role ?? '' }
}

/** A message; as in Go, what is empty is left out of its pair. */
function messageJson({ id, at, sizeBytes, pair, version, names }: KvMessage) {
  const { key, value, codecId, deleted, updateTimeMs } = pair
  return {
    ID: id,
    Time: new Date(at).toISOString(),
    Size: sizeBytes,
    Pair: {
      ...(key === '' ? {} : { key }),
      ...(value.length === 0 ? {} : { value: Buffer.from(value).toString('base64') }),
      ...(codecId === '' ? {} : { codec: codecId }),
      ...(deleted ? { deleted } : {}),
      ...(updateTimeMs === 0 ? {} : { update_time_millis: updateTimeMs }),
    },
    Version: version,
    Changes: names,
  }
}

function memberJson(member: Member) {
  const { host, port } = splitAddress(member.address)
  return {
    Name: member.name,
    Addr: host,
    Port: port,
    Meta: member.meta.length === 0 ? null : Buffer.from(member.meta).toString('base64'),
    State: stateNumbers[member.status],
    PMin: member.versions?.protocolMin ?? 0,
    PMax: member.versions?.protocolMax ?? 0,
    PCur: member.versions?.protocolCurrent ?? 0,
    DMin: member.versions?.delegateMin ?? 0,
    DMax: member.versions?.delegateMax ?? 0,
    DCur: member.versions?.delegateCurrent ?? 0,
  }
}
