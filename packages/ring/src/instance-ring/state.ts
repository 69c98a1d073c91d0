/**
 * What an instance says of itself, with its number on the wire (ring spec 1.3). 0 is ACTIVE: an entry that does not
 * mention its state is ACTIVE. LEFT is a tombstone: it travels between stores and no reader ever sees it.
 */
export const InstanceState = {
  ACTIVE: 0,
  LEAVING: 1,
  PENDING: 2,
  JOINING: 3,
  LEFT: 4,
} as const

/** The name of a known state. */
export type InstanceStateName = keyof typeof InstanceState

const names = Object.fromEntries(Object.entries(InstanceState).map(([name, number]) => [number, name]))

/** A state's name; the decimal number of a state that a newer writer invented. */
export function stateName(state: number): string {
  return names[state] ?? String(state)
}

/** The number of a state name; `undefined` for what is no such name. */
export function stateNumber(name: string): number | undefined {
  return Object.hasOwn(InstanceState, name) ? InstanceState[name as InstanceStateName] : undefined
}
