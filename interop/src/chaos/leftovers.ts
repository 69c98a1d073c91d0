/** Namespaces of a run that was killed: found by the process that their names tell, and removed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { run } from './tools.ts'

const place = '/run/netns'
const pattern = /^hearsay-(\d+)-(\d+)-/

/** What the names of this process's namespaces begin with: its id and, since ids come again, when it began. */
export function namespacePrefix(): string {
  return `hearsay-${process.pid}-${beganAt(process.pid)}-`
}

/** Removes the namespaces of processes that are no more, and ends what still runs in them, such as a stopped member. */
export async function removeLeftovers(): Promise<void> {
  if (!existsSync(place)) return
  for (const name of readdirSync(place)) {
    const [, pid, began] = pattern.exec(name) ?? []
    if (pid === undefined || beganAt(Number(pid)) === began) continue
    // Somebody else may be removing the same one.
    const inside = await run('ip', ['netns', 'pids', name]).catch(() => '')
    for (const left of inside.split('\n').filter(Boolean)) end(Number(left))
    await run('ip', ['netns', 'delete', name]).catch(() => undefined)
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Clock ticks from the start of the machine to that of a process; undefined when there is none. */
function beganAt(pid: number): string | undefined {
  try {
    // The name, second, may hold anything but ends with the last parenthesis; the time is the 22nd field.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19]
  } catch {
    return undefined
  }
}
