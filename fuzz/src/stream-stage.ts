/** Hostile pieces of streams through the reader. */
import { Flatness } from './flatness.ts'
import type { StageOptions } from './packet-stage.ts'
import { Progress } from './progress.ts'
import { Random } from './random.ts'
import { checkStream } from './stream-check.ts'
import { StreamSource } from './stream-source.ts'

/** Streams between two looks at the clock and the memory. */
const BATCH = 64
/** One stream in so many is also read in one piece, which must come to the same. */
const COMPARE_EVERY = 4

/** `count` is in chunks. Returns what to print. Throws a `Finding`. */
export function runStreams({ seed, count, untilMs, subject, say }: StageOptions): readonly string[] {
  const source = new StreamSource(new Random(seed))
  const progress = new Progress('chunks', say)
  const flatness = new Flatness('streams', count)
  let done = 0
  while (done < count && performance.now() < untilMs) {
    for (let index = 0; index < BATCH && done < count; index++) {
      const stream = source.next()
      const { result, chunks } = checkStream(subject, stream, stream.kind === 'long' || index % COMPARE_EVERY === 0)
      done += chunks
      progress.count('streams')
      progress.count(result.kind === 'failed' ? result.drop.reason : result.kind)
    }
    progress.at(done)
    flatness.at(done)
  }
  return [progress.summary(done), flatness.judge()]
}
