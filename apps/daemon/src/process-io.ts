/** This process as the world around a program. */
import type { MainIo } from './main.ts'

/** Standard streams, signals and exit of this process. */
export function processIo(): MainIo {
  // A reader that went away (`hearsayd | head -1`) is no reason to die with a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    colour: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
    signals: process,
    exit: (status) => process.exit(status),
  }
}

/** Ends the process with the status of `work`, once its output is out; what it throws becomes one sentence. */
export async function exitWith(program: string, work: Promise<number>): Promise<void> {
  const status = await work.catch((error: unknown) => {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    const details = process.env.HEARSAY_DEBUG ? `\n${stack}` : ''
    process.stderr.write(`${program}: ${message.split('\n')[0]}${details}\n`)
    return 1
  })
  // Ending at once would cut off what a slow reader of a pipe has not taken yet.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((done) => void stream.write('', () => done()))),
  )
  process.exit(status)
}
