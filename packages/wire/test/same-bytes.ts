import { fromHex, toHex } from '@hearsay/encoding'
import { expect } from 'vitest'
import { describePacketDifference, type ExplainOptions } from '../src/dump/index.ts'

/** Fails unless the bytes are the same; then it says what they are, and where they differ. */
export function expectSameBytes(
  actual: Uint8Array,
  expectedHex: string,
  options: ExplainOptions = {},
  where = '',
): void {
  if (toHex(actual) !== expectedHex)
    expect.fail(`${where}\n${describePacketDifference(fromHex(expectedHex), actual, options)}`)
}
