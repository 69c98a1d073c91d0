/** Blocks that messages and packets are written into, one behind the other: a buffer for each would cost more than all the rest. */
import { ByteWriter } from '@hearsay/encoding'

const BLOCK_BYTES = 16_384

let block = new ByteWriter(BLOCK_BYTES)

/**
 * A writer with room for `sizeBytes`, which others have written to and will write to: what belongs to the caller begins
 * at its size, and `since` gives it out. What is once written there stays.
 */
export function blockWith(sizeBytes: number): ByteWriter {
  if (block.room >= sizeBytes) return block
  // What would fill most of a block has one of its own, so that little is wasted.
  const fresh = new ByteWriter(Math.max(BLOCK_BYTES, sizeBytes))
  if (fresh.room - sizeBytes > block.room) block = fresh
  return fresh
}
