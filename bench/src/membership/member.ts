/** Members without network, as `go/memberlist/membership_test.go` makes them: the same self, the same others. */
import { defaultVersions, type PacketMessage } from '@hearsay/wire'
import { Machine } from '../../../packages/membership/src/machine.ts'
import { nodeSystem } from '../../../packages/membership/src/system.ts'
import { lan, type Tuning } from '../../../packages/membership/src/tuning.ts'
import { aliveOf } from '../inputs.ts'

export const selfName = 'member-27-bytes-long-name-0'
export const otherName = 'member-27-bytes-long-name-2'
export const label = 'cluster-a'
export const from = '10.0.0.1:7946'
/** As production has it. */
export const { random } = nodeSystem()

const forgetting: (() => void)[] = []

/** Has something forgotten once nobody is to be measured with it any more. */
export const whenDone = (forget: () => void): unknown => forgetting.push(forget)

/** Forgets all members: those of one group would only be in the way of the next one's garbage collector. */
export function forgetMembers(): void {
  for (const forget of forgetting) forget()
}

/** Made when first asked for: who is not measured costs nothing. */
export function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  whenDone(() => {
    made = undefined
  })
  return () => {
    made ??= make()
    return made
  }
}

const utf8 = new TextEncoder()
const nobodysState = new Uint8Array(0)

/** A machine that knows nobody but itself. */
export function loneMachine(tuning: Tuning = lan): Machine {
  const machine = new Machine({
    self: {
      name: selfName,
      address: Uint8Array.of(10, 255, 0, 1),
      port: 7946,
      meta: new Uint8Array(0),
      versions: { ...defaultVersions, protocolCurrent: 2 },
    },
    tuning,
    packet: { budgetBytes: 1400, overheadBytes: () => 0 },
    initialIncarnation: 1,
    random,
    localState: () => nobodysState,
  })
  machine.handle({ kind: 'start' }, 0)
  return machine
}

/** A machine that knows so many others. */
export function machineOf(others: number): Machine {
  const machine = loneMachine()
  for (let index = 0; index < others; index++) tell(machine, aliveOf(index))
  return machine
}

/** Hands one message in; what is to be done about it, and when to ask again, as numbers. */
export function tell(machine: Machine, message: PacketMessage): number {
  const effects = machine.handle({ kind: 'packet', from, messages: [message] }, 1)
  return effects.length + (machine.nextDeadline()?.at ?? 0)
}

const stateNumbers = { alive: 0, suspect: 1, dead: 2, left: 3 } as const

/** What a member believes, a line for each name: the same text as Go's. */
export function viewOf(machine: Machine): Uint8Array {
  const lines = machine
    .members()
    .map(
      ({ name, incarnation, status, meta }) =>
        `${name} ${incarnation} ${stateNumbers[status]} ${Buffer.from(meta).toString('hex')}\n`,
    )
  return utf8.encode(lines.sort().join(''))
}
