/** The daemon: a node, and its HTTP API around it. */
import { type Admin, createAdmin } from '@hearsay/admin'
import { createNode, type HearsayNode, type Logger, type NodeError, type NodeOptions } from '@hearsay/node'
import type { Config } from './config.ts'
import { type HttpServer, serveHttp } from './http-server.ts'
import { keepKeys } from './key-file.ts'
import { createLogger } from './log.ts'
import { nodeOptions } from './node-options.ts'
import { startError } from './start-error.ts'

/** What the daemon says when it is ready: one line of JSON on stdout. */
export interface ReadyLine {
  readonly ready: true
  readonly name: string
  readonly pid: number
  /** The address that other members use, `ip:port`. */
  readonly memberlist: string
  /** `http://ip:port`, as bound. */
  readonly http: string
}

/** The world around the daemon. */
export interface DaemonIo {
  /** Receives the ready line, with its line end, and nothing else. */
  readonly stdout: (text: string) => void
  /** Receives log lines. */
  readonly stderr: (text: string) => void
  /** Colours in the log's pretty format. Default false. */
  readonly colour?: boolean
  /** Default: the real one. */
  readonly createNode?: (options: NodeOptions) => Promise<HearsayNode>
}

/** A daemon that runs. */
export interface Daemon {
  readonly ready: ReadyLine
  readonly node: HearsayNode
  /** Rejects with a `StartError` when joining has failed and that is to end the daemon; otherwise stays pending. */
  readonly failed: Promise<never>
  /** Reads what may change in files again: the encryption keys. What is wrong with them is in the log. */
  reload(): void
  /** Leaves the cluster, flushes, closes. Idempotent. */
  stop(): Promise<void>
}

/**
 * Serves HTTP, starts the node, and says so on stdout once the node listens and has tried each seed once. `/live`
 * answers from the beginning, everything else once the node is there.
 *
 * Rejects with a `StartError`; whatever was opened is closed again.
 */
export async function runDaemon(config: Config, io: DaemonIo): Promise<Daemon> {
  const { values } = config
  const log = createLogger({
    format: values['log.format'],
    level: values['log.level'],
    write: io.stderr,
    colour: io.colour ?? false,
  })
  let node: HearsayNode | undefined
  const { failed, onJoinFailed } = joinFailure(values['memberlist.abort-if-join-fails'])
  const admin = createAdmin(() => node, {
    ...(config.apiToken === undefined ? {} : { apiToken: config.apiToken }),
    allowedHosts: values['server.allowed-hosts'],
    readyRequiresJoin: values['server.ready-requires-join'],
    logger: log,
  })
  const http = await serveHttp(values['server.http-listen-address'], values['server.http-listen-port'], admin.fetch)
  try {
    node = await (io.createNode ?? createNode)({ ...nodeOptions(config, log), onJoinFailed })
  } catch (error) {
    admin.close()
    await http.close()
    throw startError(error)
  }
  const ready: ReadyLine = {
    ready: true,
    name: node.name,
    pid: process.pid,
    memberlist: node.address,
    http: http.url,
  }
  announce(ready, node, config, io, log)
  const keyFile = keepKeys(config.keys, node, log)
  return {
    ready,
    node,
    failed,
    reload: () => (keyFile ? keyFile.reload() : log.info('there is no file to read again')),
    stop: once(() => {
      keyFile?.stop()
      return stop(node, admin, http, values['memberlist.leave-timeout'], log)
    }),
  }
}

/** What a failure to join comes to: an end, if it shall be one. */
export function joinFailure(isFatal: boolean): {
  readonly failed: Promise<never>
  readonly onJoinFailed: (error: NodeError) => void
} {
  let fail = (_error: NodeError) => {}
  const failed = new Promise<never>((_, reject) => {
    if (isFatal) fail = (error) => reject(startError(error))
  })
  // Whoever waits for it hears of it; that nobody does is no fault.
  failed.catch(() => {})
  return { failed, onJoinFailed: (error) => fail(error) }
}

function announce(ready: ReadyLine, node: HearsayNode, config: Config, io: DaemonIo, log: Logger): void {
  log.info('ready', {
    name: ready.name,
    memberlist: ready.memberlist,
    http: ready.http,
    profile: config.profile,
    members: node.members().length,
    joined: node.joined,
  })
  io.stdout(`${JSON.stringify(ready)}\n`)
}

async function stop(
  node: HearsayNode,
  admin: Admin,
  http: HttpServer,
  leaveTimeoutMs: number,
  log: Logger,
): Promise<void> {
  log.info('leaving', { name: node.name })
  admin.close()
  try {
    await node.leave({ timeoutMs: leaveTimeoutMs })
  } catch (error) {
    log.warn('could not leave in good order', { error })
    await node.close()
  }
  await http.close()
  log.info('stopped', { name: node.name })
}

const once = (work: () => Promise<void>) => {
  let running: Promise<void> | undefined
  return () => {
    running ??= work()
    return running
  }
}
