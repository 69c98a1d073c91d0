// The layering rules of docs/architecture.md, as a check: imports point only where they may, no package reads clock,
// chance or network outside its system and socket files, and every index.ts is a list of re-exports.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './lock.mjs'

/** Which packages of ours a package may import; `type` ones only for their types. */
const layers = {
  'packages/encoding': {},
  'packages/wire': { encoding: 'any' },
  'packages/transport': {},
  'packages/membership': { wire: 'any', transport: 'type' },
  'packages/kv': { encoding: 'any' },
  'packages/ring': { encoding: 'any', kv: 'type' },
  'packages/admin': { kv: 'type', membership: 'type', ring: 'type', wire: 'type' },
  'packages/simulator': {
    encoding: 'any',
    wire: 'any',
    transport: 'any',
    membership: 'any',
    kv: 'any',
    ring: 'any',
    admin: 'any',
  },
  'apps/node': { wire: 'any', transport: 'any', membership: 'any', kv: 'any', ring: 'any' },
  'apps/daemon': { node: 'any', admin: 'any', wire: 'any' },
  'apps/demo': { node: 'any', admin: 'any' },
}

/** Files that are the rim: sockets and one system.ts per driver. */
const rim = (file) =>
  /\/system\.ts$/.test(file) || /^packages\/transport\/src\/node\//.test(file) || file.startsWith('apps/')
const ambient = /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|setTimeout|setInterval|setImmediate)\b/
const ambientModules = /^node:(net|dgram|dns|tls|http|https|os|timers|fs|child_process|perf_hooks)(\/|$)/

const problems = []
for (const [place, allowed] of Object.entries(layers))
  for (const file of sources(join(root, place, 'src'))) check(place, allowed, file)

if (problems.length > 0) {
  for (const problem of problems) console.error(problem)
  console.error(`${problems.length} layering problem(s)`)
  process.exit(1)
}
console.log('layers: all imports point as drawn')

function check(place, allowed, path) {
  const file = relative(root, path)
  const text = readFileSync(path, 'utf8')
  for (const { module, typeOnly } of imports(text)) {
    const ours = /^@hearsay\/([a-z]+)/.exec(module)?.[1]
    if (ours && ours !== place.split('/')[1]) {
      const rule = allowed[ours]
      if (!rule) problems.push(`${file}: ${place} may not import @hearsay/${ours}`)
      else if (rule === 'type' && !typeOnly)
        problems.push(`${file}: ${place} may import only types of @hearsay/${ours}`)
    }
    if (/^\.\.?\//.test(module) && !join(path, '..', module).startsWith(join(root, place)))
      problems.push(`${file}: reaches out of its package: ${module}`)
    if (ambientModules.test(module) && !rim(file) && !typeOnly)
      problems.push(`${file}: ${module} belongs in a system or socket file`)
  }
  if (!rim(file)) {
    for (const [index, line] of withoutComments(text).split('\n').entries()) {
      const found = ambient.exec(line)
      if (found) problems.push(`${file}:${index + 1}: ${found[1]} belongs in a system file`)
    }
  }
  if (/^[^/]+\/[^/]+\/src\/index\.ts$/.test(file)) {
    const rest = withoutComments(text).replace(
      /export\s+(type\s+)?(\*|\{[^}]*\})(\s+as\s+\w+)?(\s+from\s+'[^']+')?;?/g,
      '',
    )
    if (rest.trim() !== '') problems.push(`${file}: holds more than re-exports: ${rest.trim().split('\n')[0]}`)
  }
}

function* imports(text) {
  const pattern =
    /^\s*(?:import|export)\s+(type\s+)?([^'";]*?)from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|^\s*import\s+'([^']+)'/gm
  for (const match of text.matchAll(pattern)) {
    const names = match[2] ?? ''
    const listed = /\{([^}]*)\}/
      .exec(names)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean)
    const typeOnly =
      Boolean(match[1]) ||
      (listed !== undefined && listed.length > 0 && listed.every((name) => name.startsWith('type ')))
    yield { module: match[3] ?? match[4] ?? match[5], typeOnly }
  }
}

function* sources(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* sources(path)
    else if (path.endsWith('.ts')) yield path
  }
}

/** The code with comments blanked out, lines kept. */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, '')).replace(/(^|\s)\/\/.*$/gm, '')
}
