/** Every experiment, one after the other. */
import { run as e0 } from '../e0/command.ts'
import { run as e1 } from '../e1/command.ts'
import { run as e2 } from '../e2/command.ts'
import { run as e5 } from '../e5/command.ts'
import { run as e7 } from '../e7/command.ts'
import { run as e9 } from '../e9/command.ts'
import { run as e13 } from '../e13/command.ts'
import { run as e21 } from '../e21/command.ts'

/** In the order of building: what later ones stand on comes first. */
const experiments = { e0, e21, e7, e5, e1, e2, e9, e13 }

/** `npm run simulate -- all [--smoke]`: 0 when all hold, else the worst status. */
export async function run(args: readonly string[]): Promise<number> {
  const lines: string[] = []
  let worst = 0
  for (const [name, experiment] of Object.entries(experiments)) {
    const started = performance.now()
    const status = await experiment(args)
    worst = Math.max(worst, status)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    lines.push(`${name.padEnd(4)} ${seconds.padStart(7)} s  ${status === 0 ? 'holds' : `FAILED (status ${status})`}`)
    if (status === 2) break
  }
  console.log(['', ...lines].join('\n'))
  return worst
}
