/** `hearsayd` from its arguments to its exit status. */
import { parseConfig, problemLines } from './config.ts'
import { StartError } from './errors.ts'
import { type Daemon, type DaemonIo, runDaemon } from './run.ts'
import { onSignals, type SignalSource } from './signals.ts'
import { versionLine } from './version.ts'

/** The world around the program. */
export interface MainIo extends DaemonIo {
  readonly signals: SignalSource
  /** Ends the process at once. */
  readonly exit: (status: number) => void
  /** Monotonic milliseconds, to tell signals apart. Default: the system's clock. */
  readonly nowMs?: () => number
}

/** Runs the daemon until a signal ends it. Resolves with the exit status. */
export async function main(argv: readonly string[], io: MainIo): Promise<number> {
  const request = parseConfig(argv)
  switch (request.kind) {
    case 'help':
      io.stdout(request.text)
      return 0
    case 'version':
      io.stdout(`${versionLine('hearsayd')}\n`)
      return 0
    case 'invalid':
      io.stderr(problemLines(request.problems))
      return 2
    case 'run': {
      let daemon: Daemon | undefined
      const start = async () => {
        daemon = await runDaemon(request.config, io)
        return daemon
      }
      // A daemon that is still starting has only just read its files.
      return untilSignalled(io, start, () => daemon?.reload())
    }
  }
}

/**
 * Starts something, waits for a signal or until it has failed, stops it. A second signal, a second later, ends the process with 130. `reload` is
 * what SIGHUP asks for; without it that signal ends the process.
 */
export async function untilSignalled(
  io: MainIo,
  start: () => Promise<Pick<Daemon, 'stop' | 'failed'>>,
  reload?: () => void,
): Promise<number> {
  let askedToLeave = () => {}
  const asked = new Promise<void>((resolve) => {
    askedToLeave = resolve
  })
  const ignore = onSignals(io.signals, {
    leave: askedToLeave,
    insist: () => io.exit(130),
    ...(reload ? { reload } : {}),
    ...(io.nowMs ? { nowMs: io.nowMs } : {}),
  })
  try {
    const daemon = await start()
    try {
      await Promise.race([asked, daemon.failed])
    } finally {
      await daemon.stop()
    }
    return 0
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    io.stderr(`${error.message}\n`)
    return error.exitCode
  } finally {
    ignore()
  }
}
