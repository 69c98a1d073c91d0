/** What the node is told: flags in its own words. */
import type { JoinOptions, Logger, NodeOptions } from '@hearsay/node'
import type { Config } from './config.ts'
import type { FlagProblem } from './flags/flag.ts'
import { flagOfTlsOption, tlsOptions } from './flags/tls.ts'
import { hostName, randomSuffix } from './system.ts'

/** Options of `createNode` for a configuration. */
export function nodeOptions(config: Config, logger: Logger): NodeOptions {
  const { values, given, profile } = config
  const bindAddress = values['memberlist.bind-addr']
  const advertiseAddress = values['memberlist.advertise-addr']
  return {
    name: nodeName(values['memberlist.nodename'], values['memberlist.randomize-node-name']),
    profile,
    ...joinOptions(config),
    transport: values['memberlist.transport'],
    bindAddress,
    bindPort: values['memberlist.bind-port'],
    ...(advertiseAddress === '' ? {} : { advertiseAddress }),
    // Mimir's default of 7946 would announce a port nobody listens on whenever another one was bound.
    ...(given.has('memberlist.advertise-port') ? { advertisePort: values['memberlist.advertise-port'] } : {}),
    ...tlsOptions(values),
    ...(values['data-dir'] === '' ? {} : { dataDir: values['data-dir'] }),
    label: values['memberlist.cluster-label'],
    labelMode: values['memberlist.cluster-label-verification-disabled'] ? 'ignore' : 'strict',
    encryptionKeys: config.keys.all,
    gossipVerifyIncoming: values['memberlist.gossip-verify-incoming'],
    gossipVerifyOutgoing: values['memberlist.gossip-verify-outgoing'],
    protocolVersion: values['memberlist.protocol-version'],
    allowedCidrs: values['memberlist.allowed-cidr'],
    compression: values['memberlist.compression-enabled'] ? values['memberlist.compression-algorithm'] : 'none',
    delegateProtocol: values['memberlist.delegate-protocol'],
    tuning: {
      gossip: {
        intervalMs: values['memberlist.gossip-interval'],
        nodes: values['memberlist.gossip-nodes'],
        toTheDeadMs: values['memberlist.gossip-to-dead-nodes-time'],
        retransmitMultiplier: values['memberlist.retransmit-factor'],
      },
      pushPull: { intervalMs: values['memberlist.pullpush-interval'] },
      streamTimeoutMs: values['memberlist.stream-timeout'],
      deadNodeReclaimMs: values['memberlist.dead-node-reclaim-time'],
    },
    ...(values['memberlist.zone-aware-routing.enabled']
      ? {
          zoneAwareRouting: {
            zone: values['memberlist.zone-aware-routing.instance-availability-zone'],
            role: values['memberlist.zone-aware-routing.role'],
          },
        }
      : {}),
    ...(values['memberlist.propagation-delay-tracker.enabled']
      ? {
          propagationDelayTracker: {
            beaconIntervalMs: values['memberlist.propagation-delay-tracker.beacon-interval'],
            beaconLifetimeMs: values['memberlist.propagation-delay-tracker.beacon-lifetime'],
            logLongerThanMs: values['memberlist.propagation-delay-tracker.log-beacons-latency-longer-than'],
          },
        }
      : {}),
    allowForeignCodecs: values['kv.allow-foreign-codecs'],
    leftIngestersTimeoutMs: values['memberlist.left-ingesters-timeout'],
    obsoleteEntriesTimeoutMs: values['memberlist.obsolete-entries-timeout'],
    notifyIntervalMs: values['memberlist.notify-interval'],
    inboxPairsPerKey: values['memberlist.processed-messages-queue-size'],
    watchPrefixBufferSize: values['memberlist.watch-prefix-buffer-size'],
    messageHistoryBytes: values['memberlist.message-history-buffer-bytes'],
    logger,
  }
}

function joinOptions({ values }: Config): JoinOptions {
  const rejoinSeeds = values['memberlist.rejoin-seed-nodes']
  return {
    join: values['memberlist.join'],
    requireJoin: values['memberlist.abort-if-fast-join-fails'],
    joinMinNodes: values['memberlist.abort-if-fast-join-fails-min-nodes'],
    joinRetry: {
      minBackoffMs: values['memberlist.min-join-backoff'],
      maxBackoffMs: values['memberlist.max-join-backoff'],
      maxRetries: values['memberlist.max-join-retries'],
    },
    rejoinEveryMs: values['memberlist.rejoin-interval'],
    ...(rejoinSeeds.length > 0 ? { rejoinSeeds } : {}),
  }
}

/** Where the node's options come from, for what it may still refuse. */
const flagOfOption: Readonly<Record<string, string>> = {
  name: 'memberlist.nodename',
  dataDir: 'data-dir',
  join: 'memberlist.join',
  joinMinNodes: 'memberlist.abort-if-fast-join-fails-min-nodes',
  'joinRetry.minBackoffMs': 'memberlist.min-join-backoff',
  'joinRetry.maxBackoffMs': 'memberlist.max-join-backoff',
  'joinRetry.maxRetries': 'memberlist.max-join-retries',
  rejoinEveryMs: 'memberlist.rejoin-interval',
  rejoinSeeds: 'memberlist.rejoin-seed-nodes',
  transport: 'memberlist.transport',
  bindAddress: 'memberlist.bind-addr',
  bindPort: 'memberlist.bind-port',
  advertiseAddress: 'memberlist.advertise-addr',
  advertisePort: 'memberlist.advertise-port',
  ...flagOfTlsOption,
  label: 'memberlist.cluster-label',
  labelMode: 'memberlist.cluster-label-verification-disabled',
  encryptionKeys: 'memberlist.encryption-key',
  gossipVerifyIncoming: 'memberlist.gossip-verify-incoming',
  gossipVerifyOutgoing: 'memberlist.gossip-verify-outgoing',
  protocolVersion: 'memberlist.protocol-version',
  allowedCidrs: 'memberlist.allowed-cidr',
  compression: 'memberlist.compression-algorithm',
  delegateProtocol: 'memberlist.delegate-protocol',
  'tuning.gossip.intervalMs': 'memberlist.gossip-interval',
  'tuning.gossip.nodes': 'memberlist.gossip-nodes',
  'tuning.gossip.toTheDeadMs': 'memberlist.gossip-to-dead-nodes-time',
  'tuning.gossip.retransmitMultiplier': 'memberlist.retransmit-factor',
  'tuning.pushPull.intervalMs': 'memberlist.pullpush-interval',
  'tuning.streamTimeoutMs': 'memberlist.stream-timeout',
  'tuning.deadNodeReclaimMs': 'memberlist.dead-node-reclaim-time',
  leftIngestersTimeoutMs: 'memberlist.left-ingesters-timeout',
  obsoleteEntriesTimeoutMs: 'memberlist.obsolete-entries-timeout',
  notifyIntervalMs: 'memberlist.notify-interval',
  'zoneAwareRouting.zone': 'memberlist.zone-aware-routing.instance-availability-zone',
  'zoneAwareRouting.role': 'memberlist.zone-aware-routing.role',
  inboxPairsPerKey: 'memberlist.processed-messages-queue-size',
  watchPrefixBufferSize: 'memberlist.watch-prefix-buffer-size',
  messageHistoryBytes: 'memberlist.message-history-buffer-bytes',
}

/** A problem of the node's options as a problem of the flag that set it. */
export function flagProblem(problem: { readonly path: string; readonly message: string }): FlagProblem {
  const path = problem.path.replace(/^options\./, '')
  const flag = flagOfOption[path] ?? flagOfOption[path.split(/[.[]/)[0] ?? '']
  return flag ? { flag: `-${flag}`, message: problem.message } : { flag: path, message: problem.message }
}

function nodeName(configured: string, randomized: boolean): string {
  const base = configured === '' ? hostName() : configured
  return randomized ? `${base}-${randomSuffix()}` : base
}
