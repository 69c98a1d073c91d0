/** What a node is told about joining, and what may be wrong with it (kv spec 4.5, 4.6). */
import type { ConfigProblem, NodeError } from './errors.ts'

/** How a first round that joined nobody is followed up. The pauses are random, twice as long each time. */
export interface JoinRetry {
  /** Least of the first pause, above 0. Default 1000. */
  readonly minBackoffMs?: number
  /** Most of any pause. Default: `rejoinIntervalMs`. */
  readonly maxBackoffMs?: number
  /** Rounds after which joining has failed; 0: never. Default 10. */
  readonly maxRetries?: number
}

/** Options of `createNode` about joining. */
export interface JoinOptions {
  /** Members to begin with: `host`, `host:port`, `dns+host:port`, `dnssrv+name`, … Default: none, a cluster of one. */
  readonly join?: readonly string[]
  /** How long `createNode` waits for the first round over the seeds. Default 10 000. */
  readonly joinTimeoutMs?: number
  /** Reject when fewer than `joinMinNodes` could be joined, instead of trying on in the background. Default false. */
  readonly requireJoin?: boolean
  /** Addresses that the first round has to reach under `requireJoin`, other than our own; at least 1. Default 1. */
  readonly joinMinNodes?: number
  /** What follows a first round that joined nobody. */
  readonly joinRetry?: JoinRetry
  /**
   * Called once when `joinRetry.maxRetries` rounds have joined nobody, with a `NodeError` `JOIN_FAILED`. The node goes on, and
   * tries on as if it were alone: whoever wants it to end closes it. Default: only the log tells.
   */
  readonly onJoinFailed?: (error: NodeError) => void
  /**
   * Pause between rounds over the seeds while nobody else is known; 0: after the first round there are none, also no
   * retries. Default 10 000. Beside them, `tuning.rejoin` looks for members that were lost.
   */
  readonly rejoinIntervalMs?: number
  /**
   * States are exchanged with the seeds this often, whoever is known, the first time after a random part of it. It mends a
   * separation that nobody remembers any more. 0: never. Default 0 (dskit `rejoin-interval`).
   */
  readonly rejoinEveryMs?: number
  /** Whom `rejoinEveryMs` is about. Default: `join`. */
  readonly rejoinSeeds?: readonly string[]
}

/** Names of {@link JoinOptions}. */
export const joinOptionNames = [
  'join',
  'joinTimeoutMs',
  'requireJoin',
  'joinMinNodes',
  'joinRetry',
  'onJoinFailed',
  'rejoinIntervalMs',
  'rejoinEveryMs',
  'rejoinSeeds',
] as const satisfies readonly (keyof JoinOptions)[]

/** {@link JoinOptions}, completed. */
export interface JoinSettings {
  readonly seeds: readonly string[]
  readonly firstRoundTimeoutMs: number
  readonly minNodes: number
  readonly minBackoffMs: number
  readonly maxBackoffMs: number
  readonly maxRetries: number
  readonly onFailed: (error: NodeError) => void
  readonly alonePauseMs: number
  readonly everyMs: number
  readonly rejoinSeeds: readonly string[]
}

/** Completes what {@link joinProblems} found nothing wrong with. */
export function joinSettings(options: JoinOptions): JoinSettings {
  const { join = [], joinTimeoutMs = 10_000, rejoinIntervalMs = 10_000, joinRetry = {} } = options
  const { maxBackoffMs = Math.max(rejoinIntervalMs, joinRetry.minBackoffMs ?? 0), maxRetries = 10 } = joinRetry
  return {
    seeds: join,
    firstRoundTimeoutMs: joinTimeoutMs,
    minNodes: options.joinMinNodes ?? 1,
    minBackoffMs: joinRetry.minBackoffMs ?? Math.min(1000, maxBackoffMs),
    maxBackoffMs,
    maxRetries,
    onFailed: options.onJoinFailed ?? (() => {}),
    alonePauseMs: rejoinIntervalMs,
    everyMs: options.rejoinEveryMs ?? 0,
    rejoinSeeds: options.rejoinSeeds ?? join,
  }
}

/** Everything wrong with them. */
export function joinProblems(options: JoinOptions): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const problem = (path: string, message: string) => problems.push({ path, message })
  const isDuration = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0
  for (const name of ['joinTimeoutMs', 'rejoinIntervalMs', 'rejoinEveryMs'] as const)
    if (options[name] !== undefined && !isDuration(options[name]))
      problem(name, `must be a number of milliseconds, not ${options[name]}`)
  for (const name of ['join', 'rejoinSeeds'] as const)
    if (options[name] !== undefined && !isSeedList(options[name]))
      problem(name, 'must be a list of seeds, each a non-empty text')
  const { requireJoin, joinMinNodes, onJoinFailed } = options
  if (requireJoin !== undefined && typeof requireJoin !== 'boolean')
    problem('requireJoin', `must be true or false, not ${JSON.stringify(requireJoin)}`)
  if (joinMinNodes !== undefined && !(Number.isSafeInteger(joinMinNodes) && joinMinNodes >= 1))
    problem('joinMinNodes', `must be a whole number of at least 1, not ${joinMinNodes}`)
  if (onJoinFailed !== undefined && typeof onJoinFailed !== 'function') problem('onJoinFailed', 'must be a function')
  problems.push(...retryProblems(options.joinRetry))
  return problems
}

function retryProblems(given: JoinRetry | undefined): ConfigProblem[] {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null)
    return [{ path: 'joinRetry', message: `must be an object, not ${JSON.stringify(given)}` }]
  const { minBackoffMs, maxBackoffMs, maxRetries, ...others } = given
  const problems: ConfigProblem[] = []
  const problem = (name: string, message: string) => problems.push({ path: `joinRetry.${name}`, message })
  for (const [name, value] of Object.entries({ minBackoffMs, maxBackoffMs }))
    if (value !== undefined && !(Number.isFinite(value) && value > 0))
      problem(name, `must be a number of milliseconds above 0, not ${value}`)
  if (problems.length === 0 && (minBackoffMs ?? 0) > (maxBackoffMs ?? Number.POSITIVE_INFINITY))
    problem('minBackoffMs', `must not be above maxBackoffMs, ${maxBackoffMs}`)
  if (maxRetries !== undefined && !(Number.isSafeInteger(maxRetries) && maxRetries >= 0))
    problem('maxRetries', `must be a whole number of at least 0, not ${maxRetries}`)
  for (const name of Object.keys(others)) problem(name, 'no such option')
  return problems
}

const isSeedList = (list: unknown): boolean =>
  Array.isArray(list) && list.every((seed) => typeof seed === 'string' && seed !== '')
