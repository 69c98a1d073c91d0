// Goal: whoever is asked for its state is asked once at a time. Method: the machine alone, asked for exchanges.
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import { Bench, endpoint, quiet } from './harness.ts'

const opened = (effects: readonly Effect[]) => effects.filter((effect) => effect.kind === 'open-stream')

describe('an exchange that is asked for', () => {
  it('is with that member, unless one that we began is under way, or it is gone', () => {
    const bench = new Bench({ tuning: quiet })
    bench.known(2, 'alive', 1)
    bench.known(3, 'alive', 1)
    bench.known(4, 'dead', 1)
    const ask = (node: string) => opened(bench.give({ kind: 'exchange', node }))
    const [first] = ask('n2')
    expect(first).toMatchObject({ to: endpoint(2) })
    expect(ask('n2')).toEqual([])
    expect(ask('n3')).toMatchObject([{ to: endpoint(3) }])
    expect(ask('n4')).toEqual([])
    expect(ask('nobody')).toEqual([])
    bench.give({ kind: 'stream-failed', exchange: first!.exchange, contacted: false, reason: 'refused' })
    expect(ask('n2')).toMatchObject([{ to: endpoint(2) }])
  })
})
