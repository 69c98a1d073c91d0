import type { SimNode } from '../node.ts'
import { law } from './checker.ts'

/** Invariant 23. */
export const probeVerdict = law(
  {
    name: 'probe-verdict',
    law: 'A probe is held against its target only after its whole window, and not while an answer that came in time lies unread',
    invariants: [23],
  },
  (beliefs, check) => {
    /** Acks that have arrived and were not read: how many of each number, by node. */
    const unread = new Map<SimNode, Map<number, number>>()
    // What arrives at a member that runs is read before it counts as delivered.
    let readBy: SimNode | undefined
    let read = -1
    const note = (node: SimNode, seqNo: number, by: number): void => {
      const acks = unread.get(node) ?? new Map<number, number>()
      unread.set(node, acks)
      const left = (acks.get(seqNo) ?? 0) + by
      if (left <= 0) acks.delete(seqNo)
      else acks.set(seqNo, left)
    }
    return {
      packet(_from, to, fate, parts) {
        if (fate !== 'delivered' || !to) return
        for (const { message } of parts) {
          if (message.type !== 'ack') continue
          if (to === readBy && message.seqNo === read) readBy = undefined
          else note(to, message.seqNo, 1)
        }
      },
      beforeInput(node, input) {
        if (input.kind !== 'packet') return
        for (const message of input.messages) {
          if (message.type !== 'ack') continue
          if (unread.get(node)?.has(message.seqNo)) note(node, message.seqNo, -1)
          else {
            readBy = node
            read = message.seqNo
          }
        }
      },
      lifecycle(node, what) {
        if (what === 'crash' || what === 'restart') unread.delete(node)
      },
      afterInput(node, _input, effects, now) {
        for (const effect of effects) {
          if (effect.kind !== 'event' || effect.event.type !== 'suspect' || effect.event.evidence.source !== 'probe')
            continue
          const { name } = effect.event.member
          const { expired } = beliefs.probe
          check(expired?.target === name, node, () => `it suspects ${name} by a probe that was not under way`)
          if (!expired) continue
          check(
            now >= expired.deadlineMs,
            node,
            () => `it suspects ${name} at ${now}, though the probe lasts until ${expired.deadlineMs}`,
          )
          // memberlist judges whatever lies unread: of invariant 23 this half is marked as a deliberate difference.
          if (!beliefs.policyOf(node).lagAwareness) continue
          check(
            (unread.get(node)?.get(expired.seqNo) ?? 0) <= 0,
            node,
            () => `it suspects ${name}, whose answer lies unread`,
          )
        }
      },
    }
  },
)
