/** How the columns of a table get longer. */

/** By an eighth, not doubled: what is unused counts for each member, and copying the rest costs little. */
const GROWTH = 1.125
const SPARE = 16

/** The capacity for a column that has to hold so many. */
export const roomFor = (count: number): number => Math.ceil(count * GROWTH) + SPARE

/** The larger array, holding what the smaller one held. */
export function grown<Column extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array>(
  from: Column,
  into: Column,
): Column {
  into.set(from)
  return into
}
