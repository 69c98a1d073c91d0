// Goal: the demo says that all agree only when they do, and on the right thing.

import { describe, expect, it } from 'vitest'
import type { MemberReport } from '../src/protocol.ts'
import { agrees, objections } from '../src/verdict.ts'

type Instance = MemberReport['instances'][number]
const instance = (id: string, changes: Partial<Instance> = {}): Instance =>
  ({ id, state: 'ACTIVE', healthy: true, tokens: 128, ...changes }) as Instance
const report = (instances: readonly Instance[], hash = 'h'): MemberReport => ({ instances, hash }) as MemberReport
const expectation = { living: ['a', 'b'], killed: ['c'] }
const right = report([instance('a'), instance('b')])

describe('one member', () => {
  it('is right when the killed one is gone or unhealthy', () => {
    expect(objections(right, expectation)).toEqual([])
    expect(objections(report([...right.instances, instance('c', { healthy: false })]), expectation)).toEqual([])
  })

  it.each<[string, readonly Instance[], string]>([
    ['a living one is missing', [instance('a')], 'b is missing'],
    ['a living one is unhealthy', [instance('a'), instance('b', { healthy: false })], 'b lives'],
    ['one is not active', [instance('a'), instance('b', { state: 'LEAVING' })], 'b is LEAVING'],
    ['one has no tokens', [instance('a'), instance('b', { tokens: 0 })], 'b has no tokens'],
    ['the killed one is healthy', [instance('a'), instance('b'), instance('c')], 'c was killed'],
    ['a stranger is there', [instance('a'), instance('b'), instance('z')], 'z never registered'],
  ])('is wrong when %s', (_name, instances, objection) => {
    expect(objections(report(instances), expectation).join()).toContain(objection)
    expect(agrees([right, report(instances)], expectation)).toBe(false)
  })
})

describe('all members', () => {
  it('agree when each is right and all hold the same', () => {
    expect(agrees([right, right], expectation)).toBe(true)
  })

  it('do not when hashes differ, when one was not asked, or nobody was', () => {
    expect(agrees([right, report(right.instances, 'other')], expectation)).toBe(false)
    expect(agrees([right], expectation)).toBe(false)
    expect(agrees([], expectation)).toBe(false)
  })
})
