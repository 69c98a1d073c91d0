// Goal: options are checked to the last name, and reach the part they are for.

import { lastWriterMap } from '@hearsay/kv'
import { memoryNetwork } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import type { NodeOptions, Profile } from '../src/index.ts'
import { settle } from '../src/settings.ts'
import { failure, soon, start } from './nodes.ts'

describe('wrong options', () => {
  it.each<[string, object, string[]]>([
    ['misspelt groups of numbers', { tuning: { prob: {}, gossip: 7 } }, ['tuning.prob', 'tuning.gossip']],
    ['misspelt numbers', { tuning: { probe: { timeOutMs: 5 } } }, ['tuning.probe.timeOutMs']],
    ['no tuning at all', { tuning: null }, ['tuning']],
    [
      'texts for switches',
      { requireJoin: 'yes', kvTraffic: 'no', allowForeignCodecs: 1 },
      ['requireJoin', 'kvTraffic', 'allowForeignCodecs'],
    ],
    [
      'durations that are none',
      { joinTimeoutMs: -1, rejoinIntervalMs: Number.NaN },
      ['joinTimeoutMs', 'rejoinIntervalMs'],
    ],
    ['what is no signal, bytes, list', { signal: {}, meta: 'zone', values: {} }, ['signal', 'meta', 'values']],
    ['seeds', { join: [''] }, ['join']],
    ['addresses', { bindAddress: 'localhost', advertiseAddress: '1.2.3' }, ['bindAddress', 'advertiseAddress']],
  ])('%s are named by path', async (_name, options, paths) => {
    const error = await failure({ transport: memoryNetwork(), ...options } as NodeOptions)
    expect(error).toMatchObject({ name: 'NodeError', code: 'CONFIG_INVALID' })
    expect(error.problems.map(({ path }) => path).sort()).toEqual(paths.sort())
    for (const { path, message } of error.problems) expect(error.message).toContain(`${path}: ${message}`)
  })
})

it('every profile is accepted with every number of its own given again', () => {
  for (const profile of ['lan', 'wan', 'local', 'mimir'] satisfies Profile[]) {
    const { tuning } = settle({ profile })
    expect(settle({ profile, tuning }).tuning).toEqual(tuning)
  }
})

it('a deleted key is remembered for 30 seconds under mimir unless told otherwise, then forgotten', async () => {
  expect(settle({ profile: 'mimir' }).obsoleteEntriesTimeoutMs).toBe(30_000)
  const node = await start({ transport: memoryNetwork(), obsoleteEntriesTimeoutMs: 20 })
  await node.kv.update('k', lastWriterMap<number>(), (state) => state.set('x', 1))
  await node.kv.delete('k')
  await soon(() => expect(node.kv.entries()).toEqual([]))
})
