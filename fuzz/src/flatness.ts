/** Whether memory stays where it is, in a run of any length. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Finding } from './finding.ts'

/** Growth of what is reachable between the first quarter of a run and the last that still counts as none. */
export const MAX_HEAP_GROWTH_BYTES = 8 * 1024 * 1024
/** The same of all memory of the process, which the allocator does not give back at once. */
export const MAX_RSS_GROWTH_BYTES = 96 * 1024 * 1024
/** Samples of a run. The first ones are not judged: code is still being compiled. */
const SAMPLES = 40
const WARM_UP_SAMPLES = 4

setFlagsFromString('--expose-gc')
/** Collects all garbage. */
export const collect = runInNewContext('gc') as () => void

/** Reachable bytes, and those of the process. */
interface Sample {
  readonly heap: number
  readonly rss: number
}

/** Memory over one run. */
export class Flatness {
  readonly #stage: string
  readonly #every: number
  readonly #samples: Sample[] = []
  #next: number

  constructor(stage: string, total: number) {
    this.#stage = stage
    this.#every = Math.max(1, Math.floor(total / SAMPLES))
    this.#next = this.#every
  }

  /** Looks, when it is time. */
  at(done: number): void {
    if (done < this.#next) return
    this.#next = done + this.#every
    collect()
    const { heapUsed, external, rss } = process.memoryUsage()
    this.#samples.push({ heap: heapUsed + external, rss })
  }

  /** In words. Throws a {@link Finding} when memory grew. */
  judge(): string {
    const judged = this.#samples.slice(WARM_UP_SAMPLES)
    const quarter = Math.floor(judged.length / 4)
    if (quarter === 0) return 'memory: not enough samples to judge'
    const growth = (of: (sample: Sample) => number): number =>
      median(judged.slice(-quarter).map(of)) - median(judged.slice(0, quarter).map(of))
    const [heap, rss] = [growth(({ heap }) => heap), growth(({ rss }) => rss)]
    const last = judged.at(-1)!
    const said = `reachable ${mib(last.heap)} (${signed(heap)}), process ${mib(last.rss)} (${signed(rss)})`
    if (heap > MAX_HEAP_GROWTH_BYTES || rss > MAX_RSS_GROWTH_BYTES)
      throw new Finding('growth', `${this.#stage}: memory grew from the first quarter to the last: ${said}`)
    return `memory flat: ${said}`
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`
const signed = (bytes: number): string => `${bytes < 0 ? '' : '+'}${mib(bytes)}`
