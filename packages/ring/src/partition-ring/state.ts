/** What a partition says of itself, with its number on the wire (ring spec 1.4). Deleted is a tombstone. */
export const PartitionState = {
  Unknown: 0,
  Pending: 1,
  Active: 2,
  Inactive: 3,
  Deleted: 4,
} as const

/** What the owner of a partition says of itself (ring spec 1.4). Deleted is a tombstone. */
export const OwnerState = {
  Unknown: 0,
  Active: 1,
  Deleted: 2,
} as const

/** dskit's name of a partition's state, `PartitionActive`; the decimal number of one that a newer writer invented. */
export const partitionStateName = (state: number): string => nameOf('Partition', PartitionState, state)

/** dskit's name of an owner's state, `OwnerActive`. */
export const ownerStateName = (state: number): string => nameOf('Owner', OwnerState, state)

/** The number of a state by its name, with or without dskit's prefix; `undefined` for what is no such name. */
export const partitionStateNumber = (name: string): number | undefined => numberOf('Partition', PartitionState, name)

/** The same of an owner's state. */
export const ownerStateNumber = (name: string): number | undefined => numberOf('Owner', OwnerState, name)

type States = Readonly<Record<string, number>>

function nameOf(prefix: string, states: States, state: number): string {
  const name = Object.keys(states).find((each) => states[each] === state)
  return name === undefined ? String(state) : `${prefix}${name}`
}

function numberOf(prefix: string, states: States, name: string): number | undefined {
  const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name
  return Object.hasOwn(states, bare) ? states[bare] : undefined
}
