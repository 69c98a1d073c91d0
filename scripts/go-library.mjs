// A pinned Go library as a folder that test files of ours can be put into, since what we compare with is not exported.
// Nothing of the library's source is kept.

import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A writable copy of the module below `scratch`, without its tests, after its checksum was found to be the pinned one. */
export function libraryCopy({ module, version, sum }, scratch) {
  const answer = JSON.parse(go(['mod', 'download', '-json', `${module}@${version}`], scratch))
  if (answer.Sum !== sum) throw new Error(`${module}@${version} has the checksum ${answer.Sum}, not the pinned ${sum}`)
  const copy = join(scratch, `${basename(module)}-${version}`)
  cpSync(answer.Dir, copy, { recursive: true, filter: (path) => !path.endsWith('_test.go') })
  spawnSync('chmod', ['-R', 'u+w', copy])
  return copy
}

/** Runs the Go command to its end; its output. Throws when it fails or is not there. */
export function go(args, cwd, env = {}) {
  const { status, error, stdout, stderr } = spawnSync('go', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '-buildvcs=false', GOWORK: 'off', ...env },
    maxBuffer: 64 * 1024 * 1024,
  })
  if (error) throw new Error('this runs the real Go libraries and needs Go 1.25 or newer: install it and try again.')
  if (status !== 0) throw new Error(`go ${args.join(' ')} failed:\n${stdout}${stderr}`)
  return stdout
}
