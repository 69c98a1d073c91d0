/**
 * Counts work instead of timing it: bytes allocated, steps of the cursors, calls of the text decoder. The same input
 * counts the same on every machine, however busy.
 *
 * `Uint8Array` is replaced while something is measured, and methods of prototypes are wrapped: what is measured runs
 * slower, and nothing else should run meanwhile.
 */
import { ByteReader } from '@hearsay/encoding'

/** What something cost. */
export interface Cost {
  /** Bytes of all arrays that were made, views not counted. */
  readonly allocatedBytes: number
  /** The largest of them. */
  readonly largestBytes: number
  /** Reads of cursors, calls of the text decoder, and elements that searches through arrays looked at. */
  readonly steps: number
  /** Calls that ended with an exception of the text decoder: each takes as long as a hundred characters. */
  readonly textFailures: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/** Runs something and says what it cost. What it throws is thrown. */
export function measure<T>(run: () => T): { readonly cost: Cost; readonly result: T } {
  const cost: Mutable<Cost> = { allocatedBytes: 0, largestBytes: 0, steps: 0, textFailures: 0 }
  const restore = [meterArrays(cost), meterCursors(cost), meterText(cost), meterSearches(cost)]
  try {
    const result = run()
    return { cost, result }
  } finally {
    for (const undo of restore) undo()
  }
}

function meterArrays(cost: Mutable<Cost>): () => void {
  const Original = globalThis.Uint8Array
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args: unknown[]) {
      const [first] = args
      if (typeof first === 'number') {
        cost.allocatedBytes += first
        cost.largestBytes = Math.max(cost.largestBytes, first)
      }
      return Reflect.construct(target, args)
    },
  })
  return () => {
    globalThis.Uint8Array = Original
  }
}

function meterCursors(cost: Mutable<Cost>): () => void {
  const undo = (['peek', 'u8', 'u16', 'u32', 'u64', 'take', 'text', 'skip', 'accept'] as const).map((name) =>
    wrap(ByteReader.prototype, name, (original, self, args) => {
      cost.steps++
      return original.apply(self, args)
    }),
  )
  return () => {
    for (const one of undo) one()
  }
}

const meterText = (cost: Mutable<Cost>): (() => void) =>
  wrap(TextDecoder.prototype, 'decode', (original, self, args) => {
    cost.steps++
    try {
      return original.apply(self, args)
    } catch (error) {
      cost.textFailures++
      throw error
    }
  })

/** Searches look at elements one by one. */
function meterSearches(cost: Mutable<Cost>): () => void {
  const undo = [
    ...(['find', 'findIndex', 'filter', 'some', 'every'] as const).map((name) =>
      wrap(Array.prototype, name, (original, self, [callback, ...rest]) => {
        const counted: AnyFunction = function (...args) {
          cost.steps++
          return (callback as AnyFunction).apply(this, args)
        }
        return original.apply(self, [counted, ...rest])
      }),
    ),
    ...(['indexOf', 'includes'] as const).map((name) =>
      wrap(Array.prototype, name, (original, self, args) => {
        const found = original.apply(self, args)
        cost.steps += typeof found === 'number' && found >= 0 ? found + 1 : (self as unknown[]).length
        return found
      }),
    ),
  ]
  return () => {
    for (const one of undo) one()
  }
}

function wrap(
  target: object,
  name: string,
  around: (original: AnyFunction, self: unknown, args: unknown[]) => unknown,
): () => void {
  const methods = target as Record<string, AnyFunction>
  const original = methods[name]!
  methods[name] = function (...args) {
    return around(original, this, args)
  }
  return () => {
    methods[name] = original
  }
}
