/** Work for several processors: child processes that run the very program that this is, one seed after the other. */
import { type ChildProcess, fork } from 'node:child_process'

/** What a worker is asked: plain data. */
export interface SeedRequest<Options> {
  readonly seed: number
  readonly options: Options
}

/** What it answers: plain data. */
export interface SeedResponse<Result> {
  readonly seed: number
  readonly result: Result
}

/** In the environment of a worker. */
const WORKER = 'HEARSAY_SWARM_WORKER'

/** Whether this process is a worker. */
export const isWorker = (): boolean => process.env[WORKER] === '1' && process.send !== undefined

/** Answers requests until the other side is gone. */
export function serve<Options, Result>(
  run: (request: SeedRequest<Options>) => Result | Promise<Result>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const answer = async (request: SeedRequest<Options>): Promise<void> => {
      const response: SeedResponse<Result> = { seed: request.seed, result: await run(request) }
      process.send!(response)
    }
    process.on('message', (request: SeedRequest<Options>) => void answer(request).catch(reject))
    process.on('disconnect', () => resolve(0))
  })
}

/**
 * Has `requests` done by `workers` processes of `program`; tells of each result as it comes. A worker that dies takes the
 * run down with it.
 */
export async function runPool<Options, Result>(
  program: { readonly file: string; readonly args: readonly string[] },
  workers: number,
  requests: Iterator<SeedRequest<Options>>,
  onResult: (response: SeedResponse<Result>) => void,
): Promise<void> {
  await Promise.all(Array.from({ length: workers }, () => runWorker(program, requests, onResult)))
}

function runWorker<Options, Result>(
  { file, args }: { readonly file: string; readonly args: readonly string[] },
  requests: Iterator<SeedRequest<Options>>,
  onResult: (response: SeedResponse<Result>) => void,
): Promise<void> {
  const worker: ChildProcess = fork(file, [...args], { env: { ...process.env, [WORKER]: '1' } })
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const { value, done } = requests.next()
      if (done) worker.disconnect()
      else worker.send(value)
    }
    worker.on('message', (response: SeedResponse<Result>) => {
      onResult(response)
      next()
    })
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with status ${code}`))))
    next()
  })
}
