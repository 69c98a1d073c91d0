/** Every flag of hearsayd: Mimir's names (kv spec 7.1) and our own. */
import { isIP } from 'node:net'
import { type Profile, profiles } from '@hearsay/node'
import { encryption } from './encryption.ts'
import type { Flag, FlagValues } from './flag.ts'
import { joining } from './joining.ts'
import { bool, delegateProtocol, duration, integer, list, oneOf, port, text } from './kinds.ts'
import { tls } from './tls.ts'
import { ofTuning } from './tuning.ts'

type Of<T> = Flag<T, Profile>

/** The profiles that can be chosen, in the order of the help. */
export const profileNames: readonly Profile[] = ['lan', 'wan', 'local', 'mimir']

/** Names that are known and not built yet. */
const laterProfiles: readonly string[] = ['serf', 'alertmanager']

const MAX_LABEL_BYTES = 255
const MAX_NAME_BYTES = 255
/** What the random suffix adds to a name: a dash and eight digits. */
const SUFFIX_BYTES = 9
const utf8Bytes = (value: string) => new TextEncoder().encode(value).length

const general = {
  profile: {
    kind: {
      ...oneOf<Profile>(...profileNames),
      read: (given: string) =>
        laterProfiles.includes(given)
          ? { problem: `the profile ${given} is not available in this version; there are ${profileNames.join(', ')}` }
          : oneOf<Profile>(...profileNames).read(given),
    },
    group: 'General',
    default: 'lan',
    help: 'Preset beneath all other flags: transport and numbers of memberlist (lan, wan, local) or of Mimir, Loki and Tempo (mimir)',
  } as Of<Profile>,
  version: {
    kind: bool,
    group: 'General',
    default: false,
    help: 'Print the version and exit',
  } as Of<boolean>,
  help: {
    kind: bool,
    group: 'General',
    default: false,
    help: 'Print this help and exit',
  } as Of<boolean>,
  'data-dir': {
    kind: text,
    group: 'General',
    default: '',
    defaultText: 'nothing is kept',
    help: "Directory, this member's alone, for what outlives a restart: its incarnation; made if it is not there",
  } as Of<string>,
  'log.format': {
    kind: oneOf('logfmt', 'json', 'pretty'),
    group: 'General',
    default: 'logfmt',
    help: 'How events are written to stderr, one a line',
  } as Of<'logfmt' | 'json' | 'pretty'>,
  'log.level': {
    kind: oneOf('debug', 'info', 'warn', 'error'),
    group: 'General',
    default: 'info',
    help: 'The least important events that are written',
  } as Of<'debug' | 'info' | 'warn' | 'error'>,
}

const identity = {
  'memberlist.nodename': {
    kind: text,
    group: 'Identity and addresses',
    default: '',
    defaultText: 'the host name',
    help: 'Name of this member, unique in the cluster',
    check: nameProblem,
  } as Of<string>,
  'memberlist.randomize-node-name': {
    kind: bool,
    group: 'Identity and addresses',
    default: (profile) => profile === 'mimir',
    help: 'Add a random suffix to the name',
  } as Of<boolean>,
  'memberlist.bind-addr': {
    kind: list,
    group: 'Identity and addresses',
    default: ['0.0.0.0'],
    help: 'IP addresses to listen on, all on one port; :: is both families; repeatable',
    check: (value) => {
      const wrong = value.find((address) => isIP(address) === 0)
      return wrong === undefined ? undefined : `must be an IP address, not ${JSON.stringify(wrong)}`
    },
  } as Of<readonly string[]>,
  'memberlist.bind-port': {
    kind: port,
    group: 'Identity and addresses',
    default: 7946,
    help: 'Port to listen on; 0 picks a free one',
  } as Of<number>,
  'memberlist.advertise-addr': {
    kind: text,
    group: 'Identity and addresses',
    default: '',
    defaultText: 'the bound one, or the best private one of this host',
    help: 'IP address that others are told',
    check: (value) =>
      value !== '' && isIP(value) === 0 ? `must be an IP address, not ${JSON.stringify(value)}` : undefined,
  } as Of<string>,
  'memberlist.advertise-port': {
    kind: integer(1, 65_535),
    group: 'Identity and addresses',
    default: 7946,
    defaultText: 'the bound one',
    help: 'Port that others are told',
  } as Of<number>,
  'memberlist.transport': {
    kind: oneOf('tcp', 'udp'),
    group: 'Identity and addresses',
    default: (profile) => profiles[profile].transport,
    help: 'udp: packets by UDP and streams by TCP, as memberlist does; tcp: everything by TCP, as Mimir, Loki and Tempo do',
  } as Of<'tcp' | 'udp'>,
  'memberlist.cluster-label': {
    kind: text,
    group: 'Identity and addresses',
    default: '',
    help: 'Only members of the same label hear each other',
    check: (value) =>
      utf8Bytes(value) > MAX_LABEL_BYTES
        ? `must be at most ${MAX_LABEL_BYTES} bytes, not ${utf8Bytes(value)}`
        : undefined,
  } as Of<string>,
  'memberlist.cluster-label-verification-disabled': {
    kind: bool,
    group: 'Identity and addresses',
    default: false,
    help: 'Accept any label or none: for changing the label of a running cluster',
  } as Of<boolean>,
  'memberlist.delegate-protocol': {
    kind: delegateProtocol,
    group: 'Identity and addresses',
    default: { min: 0, max: 0, current: 0 },
    help: "Versions of the application's own protocol, which every member checks",
  } as Of<{ readonly min: number; readonly max: number; readonly current: number }>,
}

const gossip = {
  'memberlist.gossip-interval': {
    kind: duration,
    group: 'Gossip',
    default: ofTuning((tuning) => tuning.gossip.intervalMs),
    help: 'Period of gossip',
  } as Of<number>,
  'memberlist.gossip-nodes': {
    kind: integer(0, 1000),
    group: 'Gossip',
    default: ofTuning((tuning) => tuning.gossip.nodes),
    help: 'Members told in each period',
  } as Of<number>,
  'memberlist.gossip-to-dead-nodes-time': {
    kind: duration,
    group: 'Gossip',
    default: ofTuning((tuning) => tuning.gossip.toTheDeadMs),
    help: 'How long a dead member is still told, and then remembered',
  } as Of<number>,
  'memberlist.retransmit-factor': {
    kind: integer(1, 1000),
    group: 'Gossip',
    default: ofTuning((tuning) => tuning.gossip.retransmitMultiplier),
    help: 'How often each change is told, times the logarithm of the cluster size',
  } as Of<number>,
  'memberlist.pullpush-interval': {
    kind: duration,
    group: 'Gossip',
    default: ofTuning((tuning) => tuning.pushPull.intervalMs),
    help: 'Period of full exchanges with one other member; 0 turns them off',
  } as Of<number>,
  'memberlist.stream-timeout': {
    kind: duration,
    group: 'Gossip',
    default: ofTuning((tuning) => tuning.streamTimeoutMs),
    help: 'How long a connection, and each phase of a stream, may take',
    check: (value) => (value === 0 ? 'must be more than 0' : undefined),
  } as Of<number>,
  'memberlist.compression-enabled': {
    kind: bool,
    group: 'Gossip',
    default: true,
    help: 'Compress what is sent',
  } as Of<boolean>,
  'memberlist.compression-algorithm': {
    kind: {
      ...oneOf('lzw', 'snappy'),
      read: (given: string) => (given === '' ? { value: 'lzw' } : oneOf('lzw', 'snappy').read(given)),
    },
    group: 'Gossip',
    default: 'lzw',
    help: 'How to compress; snappy only among members that all know it',
  } as Of<'lzw' | 'snappy'>,
}

const zones = {
  'memberlist.zone-aware-routing.enabled': {
    kind: bool,
    group: 'Zones',
    default: false,
    help: 'Gossip within the own zone; bridges gossip with those of other zones, too',
  } as Of<boolean>,
  'memberlist.zone-aware-routing.instance-availability-zone': {
    kind: text,
    group: 'Zones',
    default: '',
    help: 'The zone of this member, at most 16 bytes',
  } as Of<string>,
  'memberlist.zone-aware-routing.role': {
    kind: oneOf('member', 'bridge'),
    group: 'Zones',
    default: 'member',
    help: 'member, or bridge: a few bridges for each zone are enough',
  } as Of<'member' | 'bridge'>,
}

const delays = {
  'memberlist.propagation-delay-tracker.enabled': {
    kind: bool,
    group: 'Propagation delay',
    default: false,
    help: 'Measure how long changes take to get here; members without it log an error for each beacon',
  } as Of<boolean>,
  'memberlist.propagation-delay-tracker.beacon-interval': {
    kind: duration,
    group: 'Propagation delay',
    default: 60_000,
    help: 'About one beacon in so long in the whole cluster',
    check: (value) => (value === 0 ? 'must be more than 0' : undefined),
  } as Of<number>,
  'memberlist.propagation-delay-tracker.beacon-lifetime': {
    kind: duration,
    group: 'Propagation delay',
    default: 600_000,
    help: 'When a beacon is deleted',
    check: (value) => (value === 0 ? 'must be more than 0' : undefined),
  } as Of<number>,
  'memberlist.propagation-delay-tracker.log-beacons-latency-longer-than': {
    kind: duration,
    group: 'Propagation delay',
    default: 0,
    help: 'Warn of beacons that took so long; 0: never',
  } as Of<number>,
}

const store = {
  'memberlist.left-ingesters-timeout': {
    kind: duration,
    group: 'Key-value store',
    default: 300_000,
    help: 'How long a removed entry of a value is remembered; 0 for ever',
  } as Of<number>,
  'memberlist.obsolete-entries-timeout': {
    kind: duration,
    group: 'Key-value store',
    default: (profile) => profiles[profile].obsoleteEntriesTimeoutMs,
    help: 'How long a deleted key is remembered; 0 for ever',
  } as Of<number>,
  'memberlist.notify-interval': {
    kind: duration,
    group: 'Key-value store',
    default: 0,
    help: 'Collect changes for so long before watchers hear of them; 0: at once',
  } as Of<number>,
  'memberlist.processed-messages-queue-size': {
    kind: integer(1, 1_000_000),
    group: 'Key-value store',
    default: 1024,
    help: 'Messages of one key that may wait to be merged; further ones are dropped and counted',
  } as Of<number>,
  'memberlist.watch-prefix-buffer-size': {
    kind: integer(1, 1_000_000),
    group: 'Key-value store',
    default: 128,
    help: 'Keys that may wait for one watcher of a prefix',
  } as Of<number>,
  'memberlist.message-history-buffer-bytes': {
    kind: integer(0, 2 ** 30),
    group: 'Key-value store',
    default: 0,
    help: 'Bytes of messages sent, and as many of messages received, that /memberlist shows; 0: none are kept',
  } as Of<number>,
  'kv.allow-foreign-codecs': {
    kind: bool,
    group: 'Key-value store',
    default: (profile) => profiles[profile].allowForeignCodecs,
    help: "Send values of codecs that Mimir, Loki and Tempo do not know; each is an error in every Go member's log",
  } as Of<boolean>,
}

const server = {
  'server.http-listen-address': {
    kind: text,
    group: 'HTTP server',
    default: '127.0.0.1',
    help: 'IP address to serve HTTP on; empty for all',
    check: (value) =>
      value !== '' && value !== 'localhost' && isIP(value) === 0
        ? `must be an IP address, localhost or empty, not ${JSON.stringify(value)}`
        : undefined,
  } as Of<string>,
  'server.http-listen-port': {
    kind: port,
    group: 'HTTP server',
    default: 8080,
    help: 'Port to serve HTTP on; 0 picks a free one',
  } as Of<number>,
  'server.api-token-file': {
    kind: text,
    group: 'HTTP server',
    default: '',
    help: 'File whose content is the bearer token that changes need; without one, changes are accepted from loopback only',
  } as Of<string>,
  'server.allowed-hosts': {
    kind: list,
    group: 'HTTP server',
    default: [],
    help: 'Names, beside localhost and IP addresses, by which the server may be addressed; repeatable',
    check: (value) => {
      const wrong = value.find((host) => !/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(host))
      return wrong === undefined
        ? undefined
        : `must be host names without scheme and port, not ${JSON.stringify(wrong)}`
    },
  } as Of<readonly string[]>,
  'server.ready-requires-join': {
    kind: bool,
    group: 'HTTP server',
    default: false,
    help: '/ready answers 503 until a member was joined',
  } as Of<boolean>,
}

function nameProblem(name: string): string | undefined {
  const bytes = utf8Bytes(name)
  if (bytes > MAX_NAME_BYTES - SUFFIX_BYTES)
    return `must be at most ${MAX_NAME_BYTES - SUFFIX_BYTES} bytes, not ${bytes}`
  return name.includes('/') ? `must not contain a /, as ${JSON.stringify(name)} does` : undefined
}

/** All flags, in the order of the help. */
export const flags = {
  ...general,
  ...identity,
  ...joining,
  ...gossip,
  ...encryption,
  ...tls,
  ...zones,
  ...delays,
  ...store,
  ...server,
}

/** Values of all flags. */
export type Values = FlagValues<typeof flags>
