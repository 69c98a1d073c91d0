/**
 * A member of ours with its store, as a process of its own. It speaks the lines of the dskit peer on standard input and
 * output, and answers `proof` beside them: how far an operation got.
 */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import {
  asUnixMs,
  encodeFullState,
  encodePair,
  KvError,
  type LastWriterMap,
  lastWriterMap,
  type Propagation,
  type UpdateResult,
} from '@hearsay/kv'
import type { Logger } from '@hearsay/membership'
import { createNode, type HearsayNode } from '@hearsay/node'
import { InstanceDesc, InstanceState, type RingDesc, ringDesc } from '@hearsay/ring'
import { isOwnKey } from './own-key.ts'

interface Request {
  readonly id: number
  readonly command: string
  readonly key: string
  readonly instance: string
  readonly addr: string
  readonly zone: string
  readonly tokens: readonly number[]
  /** The number of an operation that `proof` will ask about. */
  readonly operation: number
  /** How many of the other members must be proven to have it, as a share. */
  readonly fraction: number
  /** How long to wait for that, in milliseconds. */
  readonly waitMs: number
}

const say = (line: Readonly<Record<string, unknown>>): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const { values: flags } = parseArgs({
  options: {
    name: { type: 'string', default: 'ts' },
    bind: { type: 'string', default: '127.0.0.1' },
    'bind-port': { type: 'string', default: '0' },
    join: { type: 'string', multiple: true, default: [] },
    'data-dir': { type: 'string' },
    'push-pull-ms': { type: 'string', default: '30000' },
    'rejoin-ms': { type: 'string', default: '30000' },
    'left-ingesters-ms': { type: 'string', default: '300000' },
    'obsolete-entries-ms': { type: 'string', default: '30000' },
  },
})

const logAt =
  (level: keyof Logger): Logger['info'] =>
  (message, fields = {}) =>
    say({ event: 'log', line: `[${level.toUpperCase()}] ${message} ${JSON.stringify(fields)}` })

/** Waits for proof, by operation. */
const proofs = new Map<number, Promise<Propagation>>()
const node = await start()
say({ event: 'ready', address: node.address })
listen()

function start(): Promise<HearsayNode> {
  return createNode({
    name: flags.name,
    profile: 'mimir',
    allowForeignCodecs: true,
    bindAddress: flags.bind,
    bindPort: Number(flags['bind-port']),
    join: flags.join,
    joinTimeoutMs: 5000,
    rejoinIntervalMs: 2000,
    tuning: {
      pushPull: { intervalMs: Number(flags['push-pull-ms']) },
      rejoin: { intervalMs: Number(flags['rejoin-ms']) },
    },
    leftIngestersTimeoutMs: Number(flags['left-ingesters-ms']),
    obsoleteEntriesTimeoutMs: Number(flags['obsolete-entries-ms']),
    ...(flags['data-dir'] === undefined ? {} : { dataDir: flags['data-dir'] }),
    logger: { debug: () => {}, info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
  })
}

function listen(): void {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const request = JSON.parse(line) as Request
    answer(request).then(
      (result) => say({ id: request.id, result }),
      (error: Error) => say({ id: request.id, result: null, error: error.message }),
    )
  })
  lines.on('close', () => process.exit())
}

async function answer(request: Request): Promise<unknown> {
  switch (request.command) {
    case 'register':
      return isOwnKey(request.key) ? set(request) : register(request)
    case 'unregister':
      return isOwnKey(request.key) ? unset(request) : unregister(request)
    case 'delete':
      return watched(request, await node.kv.delete(request.key), nowSeconds())
    case 'proof':
      return proof(request.operation)
    case 'state':
      return Buffer.from(fullState()).toString('base64')
    case 'metrics':
      return node.metrics().kv
    case 'stop':
      return node.leave()
  }
  throw new Error(`unknown command ${request.command}`)
}

const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** Writes an entry, dated now; the date. A member that wrote within the same second tries again, as dskit does. */
async function register(request: Request): Promise<number | null> {
  const { instance, addr, zone, tokens } = request
  let timestamp = 0
  const result = await node.kv.cas(request.key, ringDesc, (ring = ringDesc.empty()) => {
    timestamp = nowSeconds()
    const state = InstanceState.ACTIVE
    const fields = { id: instance, addr, zone, tokens, state, timestamp, registeredTimestamp: timestamp }
    return ring.with([[instance, new InstanceDesc(fields)]])
  })
  return watched(request, result, timestamp)
}

/** Removes an entry; the date of its tombstone, or null when there was nothing to be removed. */
async function unregister(request: Request): Promise<number | null> {
  const { key, instance } = request
  if (node.kv.get(key, ringDesc)?.get(instance) === undefined) return null
  const result = await node.kv.update(key, ringDesc, (ring) => ring.with([[instance, undefined]]))
  if (!result.changed) return null
  const timestamp = Number((result.change as RingDesc).get(instance)?.timestamp ?? 0)
  return watched(request, result, timestamp)
}

const texts = lastWriterMap<string>()

/** The same with a value of our own, whose entries are dated in milliseconds: seconds with a fraction. */
async function set(request: Request): Promise<number | null> {
  const { instance, addr } = request
  return dated(request, await node.kv.update(request.key, texts, (map) => map.set(instance, addr)))
}

async function unset(request: Request): Promise<number | null> {
  return dated(request, await node.kv.update(request.key, texts, (map) => map.delete(request.instance)))
}

function dated(request: Request, result: UpdateResult): number | null {
  const written = (result.change as LastWriterMap<string> | undefined)?.written.get(request.instance)
  return written === undefined ? null : watched(request, result, written.timestampMs / 1000)
}

/** Waits for proof from now on; whoever wants to know asks. */
function watched(
  { key, operation, fraction, waitMs }: Request,
  { changed, change }: UpdateResult,
  timestamp: number,
): number | null {
  if (!changed) return null
  const signal = AbortSignal.timeout(waitMs)
  const waiting = node.kv.whenPropagated(key, { change, fraction, signal })
  waiting.catch(() => {})
  proofs.set(operation, waiting)
  return timestamp
}

async function proof(operation: number): Promise<{ confirmed: boolean; proven: readonly string[] }> {
  const waiting = proofs.get(operation)
  if (waiting === undefined) throw new Error(`there is no operation ${operation}`)
  try {
    const { proven } = await waiting
    return { confirmed: true, proven }
  } catch (error) {
    if (!(error instanceof KvError) || error.code !== 'NOT_PROPAGATED') throw error
    return { confirmed: false, proven: error.reached?.proven ?? [] }
  } finally {
    proofs.delete(operation)
  }
}

/** All that is stored, as a peer would get it. */
function fullState(): Uint8Array {
  return encodeFullState(
    node.kv.keys().map((key) => {
      const { type, state, codecId, deleted, deletedAt } = node.kv.entry(key)!
      return encodePair({ key, value: type.encode(state), codecId, deleted, updateTimeMs: deletedAt ?? asUnixMs(0) })
    }),
  )
}
