/** B7: what one decoded claim does. */
import { equalBytes } from '@hearsay/encoding'
import type { Alive } from '@hearsay/wire'
import { aliveOf } from '../inputs.ts'
import type { Item } from '../item.ts'
import { lazily, machineOf, otherName, selfName, tell, viewOf } from './member.ts'

const OTHERS = 10_000

type Claim = 'alive' | 'suspect' | 'dead' | 'refute'

function itemFor(claim: Claim, name: string): Item {
  const machine = lazily(() => machineOf(OTHERS))
  const alives = Array.from({ length: OTHERS }, (_, index) => aliveOf(index))
  const incarnations = alives.map(({ incarnation }) => incarnation)
  let turn = 0
  // A message of its own for each, as a decoder would make it.
  const newer = (index: number): Alive => {
    const { node, address, port, meta, versions } = alives[index]!
    incarnations[index]!++
    return { type: 'alive', incarnation: incarnations[index]!, node, address, port, meta, versions }
  }
  const next = (): number => {
    turn = (turn + 1) % OTHERS
    return turn
  }
  const works: Readonly<Record<Claim, () => number>> = {
    alive: () => tell(machine(), newer(next())),
    suspect: () => {
      const index = next()
      const { node } = alives[index]!
      return tell(machine(), { type: 'suspect', incarnation: incarnations[index]!, node, from: otherName })
    },
    dead: () => {
      const index = next()
      const { node } = alives[index]!
      return tell(machine(), { type: 'dead', incarnation: incarnations[index]!, node, from: otherName })
    },
    refute: () => {
      // Read as Go's side reads it, not as a snapshot for applications.
      const { table } = machine()
      const incarnation = table.incarnation(table.selfIndex)
      return tell(machine(), { type: 'suspect', incarnation, node: selfName, from: otherName })
    },
  }
  const renew = (): void => {
    for (let index = 0; index < OTHERS; index++) tell(machine(), newer(index))
  }
  const changesAll = claim === 'suspect' || claim === 'dead'
  return {
    group: 'B7',
    name,
    target: 0.4,
    library: 'memberlist',
    operation: `transition/${claim}/${OTHERS}`,
    subject: 'members',
    agrees: (golden) => {
      if (changesAll) renew()
      works[claim]()
      return equalBytes(viewOf(machine()), golden)
    },
    work: works[claim],
    isLarge: claim === 'dead',
    ...(changesAll ? { renewal: { every: OTHERS, renew } } : {}),
  }
}

/** Each claim, about a member that it is news of. */
export const transitionItems = (): Item[] => [
  itemFor('alive', 'alive with a higher incarnation'),
  itemFor('suspect', 'suspect'),
  itemFor('dead', 'dead'),
  itemFor('refute', 'suspect oneself, refuted'),
]
