/** One thing that both sides do, and how they are found to do the same. */
export interface Item {
  /** Its number in the evaluation plan, such as `B4`. */
  readonly group: string
  readonly name: string
  /** The largest ratio, our time ÷ Go's, that is good enough; `undefined` where the plan names none. */
  readonly target: number | undefined
  /** The Go library that does it. */
  readonly library: 'memberlist' | 'snappy'
  /** What the Go side is asked for: an operation, and the message or the input that it is done to. */
  readonly operation: string
  readonly subject: string
  /** What the Go side is told before. */
  readonly inputs?: Readonly<Record<string, Uint8Array>>
  /** What to ask the Go side for {@link agrees}, where that is something else. */
  readonly golden?: { readonly operation: string; readonly subject: string }
  /** Whether ours does the same as Go, whose result is given. */
  agrees(golden: Uint8Array): boolean
  /** Does it once. Something of the result, so that no engine can leave the work out. */
  work(): number
}

// What the loops make goes here.
let sink = 0

/** Does it `count` times; nanoseconds for each. */
export function time(item: Item, count: number): number {
  const started = process.hrtime.bigint()
  for (let index = 0; index < count; index++) sink += item.work()
  return Number(process.hrtime.bigint() - started) / count
}

/** What the loops made in all: tells that they did something. */
export const made = (): number => sink
