/** Options, checked and completed. Checks here concern what a node composes; each part checks its own options. */
import { isIP } from 'node:net'
import type { Tuning } from '@hearsay/membership'
import { memoryNetwork } from '@hearsay/transport'
import { delayTrackerProblems } from './delay-tracker.ts'
import { keyProblems } from './encryption-options.ts'
import { type ConfigProblem, NodeError } from './errors.ts'
import { type JoinSettings, joinOptionNames, joinProblems, joinSettings } from './join-options.ts'
import { membershipProblems } from './membership-options.ts'
import type { NodeOptions } from './options.ts'
import { type ProfileSettings, profiles, tune } from './profiles.ts'
import { randomizedName } from './system.ts'
import { tlsOptionProblems } from './tls-options.ts'
import { tuningProblems } from './tuning-problems.ts'
import { zoneProblems } from './zones.ts'

/** What a node is made from. */
export interface Settings {
  readonly options: NodeOptions
  readonly profile: ProfileSettings
  readonly name: string
  readonly tuning: Tuning
  readonly joining: JoinSettings
  readonly obsoleteEntriesTimeoutMs: number
  readonly snapshotIntervalMs: number
}

const knownOptions: ReadonlySet<string> = new Set<keyof NodeOptions>([
  'name',
  ...joinOptionNames,
  'signal',
  'profile',
  'bindAddress',
  'bindPort',
  'advertiseAddress',
  'advertisePort',
  'transport',
  'tls',
  'label',
  'labelMode',
  'encryptionKeys',
  'gossipVerifyIncoming',
  'gossipVerifyOutgoing',
  'protocolVersion',
  'allowedCidrs',
  'compression',
  'meta',
  'delegateProtocol',
  'tuning',
  'initialIncarnation',
  'dataDir',
  'snapshotIntervalMs',
  'notifyIntervalMs',
  'inboxPairsPerKey',
  'watchPrefixBufferSize',
  'messageHistoryBytes',
  'zoneAwareRouting',
  'propagationDelayTracker',
  'kvTraffic',
  'values',
  'allowForeignCodecs',
  'leftIngestersTimeoutMs',
  'obsoleteEntriesTimeoutMs',
  'logger',
])

/**
 * Completes the options. Throws one {@link NodeError} `CONFIG_INVALID` with every problem found here.
 */
export function settle(options: NodeOptions): Settings {
  const problems = check(options)
  const profile = profiles[options.profile ?? 'lan'] ?? profiles.lan
  const name = options.name ?? randomizedName()
  const strange = tuningProblems(options.tuning)
  const tuning = tune(profile.tuning, options.tuning ?? undefined)
  problems.push(...tlsOptionProblems(options.tls, options.transport ?? profile.transport))
  problems.push(...strange, ...membershipProblems(options, { name, profile, tuning }, memoryNetwork().transport()))
  if (problems.length > 0) throw invalid(problems)
  return {
    options,
    profile,
    name,
    tuning,
    joining: joinSettings(options),
    obsoleteEntriesTimeoutMs: options.obsoleteEntriesTimeoutMs ?? profile.obsoleteEntriesTimeoutMs,
    snapshotIntervalMs: options.snapshotIntervalMs ?? 5000,
  }
}

/** One error for a list of problems. */
export function invalid(problems: readonly ConfigProblem[]): NodeError {
  const list = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ')
  return new NodeError('CONFIG_INVALID', `invalid options: ${list}`, { problems })
}

function check(options: NodeOptions): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const problem = (path: string, message: string) => problems.push({ path, message })
  for (const name of Object.keys(options)) if (!knownOptions.has(name)) problem(name, 'no such option')
  if (options.profile !== undefined && !Object.hasOwn(profiles, options.profile))
    problem('profile', `must be one of ${Object.keys(profiles).join(', ')}, not ${JSON.stringify(options.profile)}`)
  const { transport } = options
  if (
    typeof transport === 'object' ? transport === null : transport !== undefined && !['udp', 'tcp'].includes(transport)
  )
    problem('transport', `must be udp, tcp, a transport or what makes one, not ${transport}`)
  for (const name of ['bindPort', 'advertisePort'] as const) {
    const port = options[name]
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
      problem(name, `must be a port from 0 to 65535, not ${port}`)
  }
  for (const name of ['bindAddress', 'advertiseAddress'] as const)
    for (const address of name === 'bindAddress' ? [options[name] ?? ''].flat() : [options[name] ?? ''])
      if (address !== '' && isIP(address) === 0) problem(name, `must be an IP address, not ${JSON.stringify(address)}`)
  for (const name of [
    'leftIngestersTimeoutMs',
    'obsoleteEntriesTimeoutMs',
    'snapshotIntervalMs',
    'notifyIntervalMs',
  ] as const) {
    const duration = options[name]
    if (duration !== undefined && !(Number.isFinite(duration) && duration >= 0))
      problem(name, `must be a number of milliseconds, not ${duration}`)
  }
  for (const [name, least] of [
    ['inboxPairsPerKey', 1],
    ['watchPrefixBufferSize', 1],
    ['messageHistoryBytes', 0],
  ] as const) {
    const count = options[name]
    if (count !== undefined && !(Number.isSafeInteger(count) && count >= least))
      problem(name, `must be a whole number of at least ${least}, not ${count}`)
  }
  for (const name of ['kvTraffic', 'allowForeignCodecs', 'gossipVerifyIncoming', 'gossipVerifyOutgoing'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'boolean')
      problem(name, `must be true or false, not ${JSON.stringify(options[name])}`)
  problems.push(
    ...joinProblems(options),
    ...zoneProblems(options),
    ...delayTrackerProblems(options.propagationDelayTracker),
  )
  problems.push(...keyProblems(options.encryptionKeys))
  const { allowedCidrs } = options
  if (
    allowedCidrs !== undefined &&
    !(Array.isArray(allowedCidrs) && allowedCidrs.every((network) => typeof network === 'string'))
  )
    problem('allowedCidrs', 'must be a list of networks, each a text such as 10.0.0.0/8')
  const { dataDir } = options
  if (dataDir !== undefined && !(typeof dataDir === 'string' && dataDir !== ''))
    problem('dataDir', `must be the path of a directory, not ${JSON.stringify(dataDir)}`)
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
    problem('signal', 'must be an AbortSignal')
  if (options.values !== undefined && !Array.isArray(options.values)) problem('values', 'must be a list of value types')
  return problems
}
