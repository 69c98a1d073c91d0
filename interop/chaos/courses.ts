/** What is played: four clusters beside each other, so that a whole run takes minutes. */
import type { Course } from '../src/chaos/course.ts'
import { cutBetweenTwo, deaf, mute, partition } from '../src/chaos/scenarios/cuts.ts'
import { loss } from '../src/chaos/scenarios/loss.ts'
import { kill, restartElsewhere, stop } from '../src/chaos/scenarios/processes.ts'

/** Seconds of each loss. Default 60. */
const lossSeconds = Number(process.env.HEARSAY_CHAOS_SECONDS ?? 60)

/** Courses of a run, with the program of ours. */
export function courses(ourProgram: string): Course[] {
  return [
    {
      // A ping over a stream hides nearly all that a lost packet does: only two have it here.
      options: { label: 'loss', ourProgram, disableTcpPings: (name) => !name.endsWith('-1') },
      scenarios: {
        'loss of 10 %': (cluster) =>
          loss(cluster, { percent: 10, seconds: lossSeconds, chatterPerSecond: 90, isMeasured: true }),
        'loss of 30 %': (cluster) => loss(cluster, { percent: 30, seconds: lossSeconds }),
      },
    },
    {
      options: { label: 'cuts', ourProgram },
      scenarios: {
        'cut between two': (cluster) => cutBetweenTwo(cluster, 20),
        'deaf, ours': (cluster) => deaf(cluster, 'ts-4', 15),
        'deaf, Go': (cluster) => deaf(cluster, 'go-4', 15),
        'mute, ours': (cluster) => mute(cluster, 'ts-3', 15),
        'mute, Go': (cluster) => mute(cluster, 'go-3', 15),
      },
    },
    {
      options: { label: 'halves', ourProgram },
      scenarios: {
        'short partition': (cluster) => partition(cluster, 5),
        kill: (cluster) => kill(cluster, ['go-5', 'ts-5']),
        'restart elsewhere': (cluster) => restartElsewhere(cluster, ['go-5', 'ts-5']),
      },
    },
    {
      options: { label: 'stops', ourProgram },
      scenarios: {
        'stop for 3 s': (cluster) => stop(cluster, ['go-3', 'ts-3'], 3),
        'stop for 20 s': (cluster) => stop(cluster, ['go-3', 'ts-3'], 20),
        // The dead are kept for 30 s, and forgotten at the end of a pass.
        'long partition': (cluster) => partition(cluster, 45),
      },
    },
  ]
}
