/** What one push/pull may cost the machine: twice the entries may take little more than twice the work. */
import { lan, Machine } from '@hearsay/membership'
import { defaultVersions, type NodeState } from '@hearsay/wire'
import { Finding } from './finding.ts'
import { measure } from './meter.ts'

const ENTRIES = 2000
/** As for streams, see cost-stage.ts. */
const MAX_DOUBLING = 2.5
/** Strangers' states in the order of their numbers. */
const states = [
  [0, 'alive'],
  [1, 'suspect'],
  [2, 'dead'],
  [3, 'left'],
] as const

/** Returns a line for each case, and throws what breaks a promise through `attempt`. */
export function machineCosts(attempt: (check: () => void) => void): readonly string[] {
  const lines: string[] = []
  for (const [state, name] of states) {
    const [once, twice] = [work(ENTRIES, state), work(2 * ENTRIES, state)]
    for (const [title, of] of [
      [`a push/pull of members never heard of, ${name}`, 'first'],
      [`the same again, ${name}`, 'again'],
    ] as const)
      attempt(() => {
        const told = `${title}: ${once[of]} steps for ${ENTRIES} entries, ${twice[of]} for twice as many`
        lines.push(told)
        if (twice[of] > MAX_DOUBLING * once[of] && twice[of] > ENTRIES) throw new Finding('too-much', told)
      })
  }
  return lines
}

function work(entries: number, state: number): { readonly first: number; readonly again: number } {
  const machine = new Machine({
    self: {
      name: 'self',
      address: Uint8Array.of(10, 0, 0, 1),
      port: 7946,
      meta: new Uint8Array(0),
      versions: defaultVersions,
    },
    tuning: lan,
    packet: { budgetBytes: 1400, overheadBytes: () => 0 },
    initialIncarnation: 1,
    random: () => 0.5,
    localState: () => new Uint8Array(0),
  })
  machine.handle({ kind: 'start' }, 0)
  const nodes = Array.from({ length: entries }, (_, index): NodeState => entry(index, state))
  const merge = (exchange: number): number =>
    measure(() => {
      const message = { type: 'push-pull', join: true, nodes, userState: new Uint8Array(0) } as const
      return machine.handle({ kind: 'stream-request', exchange, from: '10.0.0.2:7946', message }, 1)
    }).cost.steps
  return { first: merge(-1), again: merge(-2) }
}

const entry = (index: number, state: number): NodeState => ({
  name: `member-${index}`,
  address: Uint8Array.of(10, 1, index >> 8, index & 0xff),
  port: 7946,
  meta: null,
  incarnation: 1,
  state,
  versions: defaultVersions,
})
