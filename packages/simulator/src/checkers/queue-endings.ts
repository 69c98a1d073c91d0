import type { Broadcast, BroadcastEnd } from '@hearsay/membership'
import type { SimNode } from '../node.ts'
import { law } from './checker.ts'

/** A broadcast that remembers how it ended. */
export interface CountedBroadcast extends Broadcast {
  readonly ends: BroadcastEnd[]
}

/** Makes a broadcast count its endings: what the law of queue endings looks at. */
export function counted(item: Omit<Broadcast, 'onFinished'>): CountedBroadcast {
  const ends: BroadcastEnd[] = []
  return { ...item, ends, onFinished: (end) => ends.push(end) }
}

const isCounted = (item: Broadcast): item is CountedBroadcast => 'ends' in item

interface Waiting {
  readonly node: SimNode
  readonly life: number
  readonly item: CountedBroadcast
}

/** Invariants 32 and 34. */
export const queueEndings = law(
  {
    name: 'queue-endings',
    law: 'What is queued ends exactly once: transmitted, superseded, pruned or stopped; nothing disappears',
    invariants: [32, 34],
  },
  (beliefs, check) => {
    let waiting: Waiting[] = []
    return {
      afterInput(node, input) {
        if (input.kind === 'broadcast' && isCounted(input.item) && !beliefs.view.stopped)
          waiting.push({ node, life: node.life, item: input.item })
        if (input.kind !== 'stop') return
        for (const { node: owner, life, item } of waiting) {
          if (owner !== node || life !== node.life) continue
          check(item.ends.length === 1, node, () => `an item ended ${item.ends.length} times when its member stopped`)
        }
        waiting = waiting.filter((each) => each.node !== node)
      },
      end() {
        for (const { node, life, item } of waiting) {
          // A crash ends nothing: nobody is left to be told.
          if (node.life !== life || node.state === 'crashed') {
            check(item.ends.length <= 1, node, () => `an item ended ${item.ends.length} times: ${item.ends.join(', ')}`)
            continue
          }
          const { items } = node.machine.queueDepths()[item.class]
          const expected = item.ends.length === 1 || (item.ends.length === 0 && items > 0)
          check(expected, node, () => `an item ended ${item.ends.length} times, while ${items} wait`)
        }
      },
    }
  },
)
