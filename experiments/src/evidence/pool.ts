/**
 * Runs over seeds in a few processes. An experiment names its job when it is loaded; a worker is the same file, loaded
 * again, waiting for parameters. Which process does a run makes no difference: a run is a function of its parameters.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const WORKER = 'HEARSAY_EXPERIMENT_WORKER'

type AnyJob = (parameters: never) => unknown
const jobs = new Map<string, AnyJob>()

/** A run that any process can do. */
export interface Job<Parameters, Result> {
  readonly name: string
  readonly run: (parameters: Parameters) => Result
}

/** Names a job. Parameters and results must survive a structured clone. */
export function job<Parameters, Result>(
  name: string,
  run: (parameters: Parameters) => Result,
): Job<Parameters, Result> {
  jobs.set(name, run as AnyJob)
  return { name, run }
}

/** Does a job for all of these, results in their order. `workers` 0: in this process. `done` is told of each as it ends. */
export async function runAll<Parameters, Result>(
  { name, run }: Job<Parameters, Result>,
  all: readonly Parameters[],
  workers: number,
  done: (index: number, result: Result) => void = () => {},
): Promise<Result[]> {
  if (workers === 0 || all.length < 2) {
    return all.map((parameters, index) => {
      const result = run(parameters)
      done(index, result)
      return result
    })
  }
  const results = new Array<Result>(all.length)
  let next = 0
  await Promise.all(
    Array.from({ length: Math.min(workers, all.length) }, () =>
      lead(
        name,
        () => (next < all.length ? { index: next, parameters: all[next++] } : undefined),
        (index, result) => {
          results[index] = result as Result
          done(index, result as Result)
        },
      ),
    ),
  )
  return results
}

interface Task {
  readonly index: number
  readonly parameters: unknown
}

/** One worker, from its start until nothing is left to do. */
function lead(
  name: string,
  next: () => Task | undefined,
  done: (index: number, result: unknown) => void,
): Promise<void> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [], {
    env: { ...process.env, [WORKER]: name },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  return new Promise((resolve, reject) => {
    let finished = false
    const give = (): void => {
      const task = next()
      if (task) child.send(task)
      else {
        finished = true
        child.disconnect()
      }
    }
    child.on('message', ({ index, result, error }: { index: number; result?: unknown; error?: string }) => {
      if (error !== undefined) {
        child.kill()
        return reject(new Error(`${name}, run ${index}: ${error}`))
      }
      done(index, result)
      give()
    })
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      finished ? resolve() : reject(new Error(`a worker of ${name} ended early (${signal ?? code})`)),
    )
    give()
  })
}

const name = process.env[WORKER]
if (name !== undefined && process.send) {
  process.on('message', ({ index, parameters }: Task) => {
    const run = jobs.get(name)
    try {
      if (!run) throw new Error(`no job is called ${name}`)
      process.send!({ index, result: (run as (parameters: unknown) => unknown)(parameters) })
    } catch (error) {
      process.send!({ index, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
}
