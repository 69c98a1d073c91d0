/** What the suite needs of the machine: root, `ip` and `nft`. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Packages that hold the programs, for a machine that has apt. */
const packages = { ip: 'iproute2', nft: 'nftables' } as const

/**
 * Makes sure that namespaces and filters can be made; installs what is missing. Throws, and says what is to be done,
 * when that cannot be had: a suite of faults without faults would pass.
 */
export function requireTools(): void {
  if (process.platform !== 'linux') throw new Error('the chaos suite needs Linux: network namespaces and nftables')
  if (process.getuid?.() !== 0) throw new Error('the chaos suite needs root: it makes network namespaces and filters')
  const missing = (Object.keys(packages) as (keyof typeof packages)[]).filter((program) => !isThere(program))
  if (missing.length > 0) install(missing.map((program) => packages[program]))
  for (const program of missing)
    if (!isThere(program)) throw new Error(`${packages[program]} is installed, but ${program} is not on the PATH`)
}

const isThere = (program: string): boolean => spawnSync(program, ['-V']).error === undefined

function install(names: readonly string[]): void {
  const apt = (...args: string[]): string | undefined => {
    const { error, status, stderr } = spawnSync('apt-get', ['-q', '-y', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      encoding: 'utf8',
    })
    return error || status !== 0 ? (error?.message ?? stderr) : undefined
  }
  // The lists of a fresh machine are empty or old.
  apt('update')
  const problem = apt('install', '--no-install-recommends', ...names)
  if (problem !== undefined) throw new Error(`the chaos suite needs ${names.join(' and ')}: install them. ${problem}`)
}

/** Runs a program to its end; what it wrote. Throws with what it complained of. */
export async function run(program: string, args: readonly string[], input = ''): Promise<string> {
  const running = execute(program, args, { maxBuffer: 16 * 1024 * 1024 })
  // One that ends before it has read its input says why by its status.
  running.child.stdin?.on('error', () => {}).end(input)
  const { stdout } = await running
  return stdout
}
