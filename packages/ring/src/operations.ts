/**
 * What a lookup is for, as a 32-bit mask (ring spec 4.2): bit s (0-15) is set when an instance in state number s can
 * serve, bit 16 + s when meeting one extends the replica set by a replacement.
 */
export type Operation = number

/** The operations of dskit, by their names in the HTTP API. */
export const operations = {
  /** ACTIVE serves; anything else is replaced by a further instance. */
  write: 0x001e0001,
  /** ACTIVE serves; nothing is replaced. For rings with rolling restarts, zone by zone. */
  'write-no-extend': 0x00000001,
  /** ACTIVE, PENDING and LEAVING serve; PENDING, JOINING and LEFT are replaced. */
  read: 0x001c0007,
  /** Every state serves. */
  reporting: 0x0000ffff,
} as const satisfies Record<string, Operation>

/** The name of a predefined operation. */
export type OperationName = keyof typeof operations

/** An operation from the states that serve and a rule for which states extend; the rule is asked for states 0 to 4. */
export function makeOperation(
  healthyStates: readonly number[],
  extendsOn: (state: number) => boolean = () => false,
): Operation {
  let mask = 0
  for (const state of healthyStates) mask |= 1 << state
  for (let state = 0; state <= 4; state++) if (extendsOn(state)) mask |= 1 << (16 + state)
  return mask >>> 0
}

/** Whether an instance in this state can serve. A state beyond 15 never can. */
export function servesIn(operation: Operation, state: number): boolean {
  return state >= 0 && state < 16 && ((operation >>> state) & 1) === 1
}

/** Whether meeting an instance in this state extends the replica set. */
export function extendsIn(operation: Operation, state: number): boolean {
  return state >= 0 && state < 16 && ((operation >>> (16 + state)) & 1) === 1
}
