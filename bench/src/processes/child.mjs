// Processes that are asked by lines.

import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** Starts one, on one `core` if that can be had. `ask(line)` resolves with the answer. */
export function startChild(file, args, { env = {}, core } = {}) {
  const [command, ...rest] = core === undefined ? [file, ...args] : ['taskset', '-c', `${core}`, file, ...args]
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`)
      const { value, done } = await answers.next()
      // A Go test that fails says so before it ends.
      if (done || /^(---|FAIL|ok)/.test(value)) throw new Error(`${file} gave up on: ${line.slice(0, 100)}`)
      return value
    },
    stop: () => child.stdin.end(),
  }
}

/** Two cores that this process may use, one to be measured on and one for what surrounds it; none where there are no two. */
export function twoCores() {
  try {
    const [, list] = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    const cores = list.split(',').flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
    const pinned = cores.length > 1 && spawnSync('taskset', ['-c', `${cores[0]}`, 'true']).status === 0
    return pinned ? cores.slice(0, 2) : []
  } catch {
    return []
  }
}
