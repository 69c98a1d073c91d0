import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** One thing that both sides do, and how they are found to do the same. */
export interface Item {
  /** Its number in the evaluation plan, such as `B4`. */
  readonly group: string
  readonly name: string
  /** The largest ratio, our time ÷ Go's, that is good enough; `undefined` where the plan names none. */
  readonly target: number | undefined
  /** The Go library that does it. */
  readonly library: 'memberlist' | 'snappy' | 'dskit'
  /** What the Go side is asked for: an operation, and the message or the input that it is done to. */
  readonly operation: string
  readonly subject: string
  /** What the Go side is told before. */
  inputs?(): Readonly<Record<string, Uint8Array>>
  /** What to ask the Go side for {@link agrees}, where that is something else. */
  readonly golden?: { readonly operation: string; readonly subject: string }
  /** Whether ours does the same as Go, whose result is given. */
  agrees(golden: Uint8Array): boolean
  /** Does it once. Something of the result, so that no engine can leave the work out. */
  work(): number
  /** Not in a quick run: it takes long, and another one takes the same way. */
  readonly isLarge?: boolean
  /** Where works change what they work on: before the first, and after `every`, it is made anew, which is not timed. */
  readonly renewal?: { readonly every: number; renew(): void }
}

setFlagsFromString('--expose-gc')
const collectGarbage: (options: { readonly type: 'minor' }) => void = runInNewContext('gc')

/**
 * What was just made grows old before anything is timed. Of the whole heap nothing is collected: that forgets the shapes
 * of all objects that are not there at that moment, and with them the code that was made for them.
 */
function settle(): void {
  for (let age = 0; age < 2; age++) collectGarbage({ type: 'minor' })
}

// What the loops make goes here.
let sink = 0

/** Does it `count` times; nanoseconds for each, of all threads of the process: collectors and compilers have some. */
export function time(item: Item, count: number): number {
  const { renewal } = item
  let spent = 0
  for (let left = count; left > 0; ) {
    const turn = renewal ? Math.min(left, renewal.every) : left
    if (renewal) {
      renewal.renew()
      settle()
    }
    const started = process.cpuUsage()
    for (let index = 0; index < turn; index++) sink += item.work()
    const { user, system } = process.cpuUsage(started)
    spent += user + system
    left -= turn
  }
  return (spent * 1000) / count
}

/** What the loops made in all: tells that they did something. */
export const made = (): number => sink
