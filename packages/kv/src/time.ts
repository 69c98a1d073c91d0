declare const unixMs: unique symbol

/** Wall-clock time: milliseconds since 1970-01-01 UTC. A different type from monotonic time on purpose. */
export type UnixMs = number & { readonly [unixMs]: true }

/** Marks a number as wall-clock milliseconds. */
export const asUnixMs = (value: number): UnixMs => value as UnixMs
