/** Work for several processors: child processes that run the very program that this is, one seed after the other. */
import { type ChildProcess, fork } from 'node:child_process'
import type { CaseOptions } from './case.ts'
import type { TrialResult } from './trial.ts'

/** What a worker is asked. */
export interface SeedRequest {
  readonly seed: number
  readonly options: CaseOptions
}

/** What it answers. */
export interface SeedResponse {
  readonly seed: number
  readonly result: TrialResult
}

/** In the environment of a worker. */
const WORKER = 'HEARSAY_SWARM_WORKER'

/** Whether this process is a worker. */
export const isWorker = (): boolean => process.env[WORKER] === '1' && process.send !== undefined

/** Answers requests until the other side is gone. */
export function serve(run: (request: SeedRequest) => TrialResult): Promise<number> {
  return new Promise((resolve) => {
    process.on('message', (request: SeedRequest) => {
      const response: SeedResponse = { seed: request.seed, result: run(request) }
      process.send!(response)
    })
    process.on('disconnect', () => resolve(0))
  })
}

/**
 * Has `requests` done by `workers` processes of `program`; tells of each result as it comes. A worker that dies takes the
 * run down with it.
 */
export async function runPool(
  program: { readonly file: string; readonly args: readonly string[] },
  workers: number,
  requests: Iterator<SeedRequest>,
  onResult: (response: SeedResponse) => void,
): Promise<void> {
  await Promise.all(Array.from({ length: workers }, () => runWorker(program, requests, onResult)))
}

function runWorker(
  { file, args }: { readonly file: string; readonly args: readonly string[] },
  requests: Iterator<SeedRequest>,
  onResult: (response: SeedResponse) => void,
): Promise<void> {
  const worker: ChildProcess = fork(file, [...args], { env: { ...process.env, [WORKER]: '1' } })
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const { value, done } = requests.next()
      if (done) worker.disconnect()
      else worker.send(value)
    }
    worker.on('message', (response: SeedResponse) => {
      onResult(response)
      next()
    })
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with status ${code}`))))
    next()
  })
}
