/** A script, played with a member on its own virtual time. */
import { OwnPings } from '../describe.ts'
import { begin } from '../give.ts'
import type { Observation, Subject } from '../observation.ts'
import type { Script } from './script.ts'
import { Recorder, type Trace } from './trace.ts'
import { type Arrival, World } from './world.ts'

/** How finely the clocks of members tell time, and more. */
const CLOCK_MS = 0.001

/** Plays it to its end. */
export async function run(subject: Subject, script: Script): Promise<Trace> {
  const world = new World(script)
  const trace = new Recorder()
  const pings = new OwnPings()
  const arrivals: Arrival[] = [...world.refusals(), ...script.inputs.map((input) => arrivalOf(input, pings))]
  const take = (said: Observation): number => {
    trace.add(said)
    arrivals.push(...world.answers(said))
    arrivals.sort((a, b) => a.atMs - b.atMs)
    return said.nowMs
  }
  for (let now = take(subject.born); now + CLOCK_MS < script.untilMs; ) {
    const due = arrivals[0]
    if (due === undefined || due.atMs > now + CLOCK_MS)
      now = take(await subject.advance(Math.min(due?.atMs ?? Infinity, script.untilMs)))
    else {
      arrivals.shift()
      take(await due.deliver(subject))
    }
  }
  return trace
}

const arrivalOf = ({ atMs, step }: Script['inputs'][number], pings: OwnPings): Arrival => ({
  atMs,
  deliver: (subject) => begin(subject, pings, step, atMs),
})
