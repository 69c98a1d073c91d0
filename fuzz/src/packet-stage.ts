/** Hostile datagrams through opening and decoding, as fast as they can be made. */

import { Flatness } from './flatness.ts'
import { checkPacket } from './packet-check.ts'
import { PacketSource } from './packet-source.ts'
import { Progress } from './progress.ts'
import { Random } from './random.ts'
import type { Subject } from './subject.ts'

/** How a stage runs. */
export interface StageOptions {
  readonly seed: number
  /** Packets, or chunks. */
  readonly count: number
  /** Stops then, however much is done. `performance.now()`. */
  readonly untilMs: number
  readonly subject: Subject
  readonly say: (line: string) => void
}

/** Packets between two looks at the clock and the memory. */
const BATCH = 256

/** Returns what to print. Throws a `Finding`. */
export function runPackets({ seed, count, untilMs, subject, say }: StageOptions): readonly string[] {
  const source = new PacketSource(new Random(seed))
  const progress = new Progress('packets', say)
  const flatness = new Flatness('packets', count)
  let done = 0
  while (done < count && performance.now() < untilMs) {
    for (const end = Math.min(count, done + BATCH); done < end; done++) {
      const { messages, drops } = checkPacket(subject, source.next())
      if (messages.length > 0) progress.count('messages', messages.length)
      for (const { reason } of drops) progress.count(reason)
    }
    progress.at(done)
    flatness.at(done)
  }
  return [progress.summary(done), flatness.judge()]
}
