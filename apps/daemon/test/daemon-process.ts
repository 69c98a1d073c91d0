// The bundle, built afresh, and daemons from it as processes of their own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { ReadyLine } from '../src/run.ts'

const home = join(import.meta.dirname, '..')
// Beneath the package, so that its dependencies are found from there.
const bundle = join(home, 'node_modules', '.cache', `bundle-${process.pid}`)
const children: ChildProcess[] = []

/** Builds the bundle before the tests of a file; ends every daemon that is left after them. */
export function useBundle(): void {
  beforeAll(() => {
    const tsup = join(home, '..', '..', 'node_modules', 'tsup', 'dist', 'cli-default.js')
    execFileSync(process.execPath, [tsup, '--config', 'tsup.bundle.ts', '--out-dir', bundle, '--silent'], { cwd: home })
  }, 60_000)
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(bundle, { recursive: true, force: true })
  })
}

/** A program of the bundle, such as `hearsay.js`. */
export const program = (file: string): string => join(bundle, file)

/** Starts a daemon on free ports of loopback; rejects with what it said when it ends instead. */
export async function start(name: string, ...flags: string[]) {
  const child = spawn(
    process.execPath,
    [
      program('hearsayd.js'),
      '-profile=local',
      '-memberlist.bind-addr=127.0.0.1',
      '-memberlist.bind-port=0',
      '-server.http-listen-port=0',
      `-memberlist.nodename=${name}`,
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  children.push(child)
  let out = ''
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      out += chunk
      if (out.includes('\n')) resolve(out)
    })
    void ended.then((status) => reject(new Error(`ended with ${status}: ${err}`)))
  })
  return { child, ended, ready: JSON.parse(line) as ReadyLine, output: () => ({ out, err }) }
}

/** A daemon as {@link start} makes it. */
export type DaemonProcess = Awaited<ReturnType<typeof start>>

/** Asks again until the answer holds; the test's own timeout is the bound. */
export async function eventually<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What a URL answers, parsed. */
export const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T
