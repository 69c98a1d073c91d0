// Goal: what a checkout runs works: two daemons as processes of their own gossip a value, and end as they should.
// Method: the bundle, built afresh; flags, stdout, HTTP and signals only.
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { eventually, json, program, start, useBundle } from './daemon-process.ts'

useBundle()

describe('two daemons', () => {
  it.each(['udp', 'tcp'])('gossip a ring over %s, and see each other leave', { timeout: 30_000 }, async (transport) => {
    const first = await start('first', `-memberlist.transport=${transport}`)
    const second = await start(
      'second',
      `-memberlist.transport=${transport}`,
      `-memberlist.join=${first.ready.memberlist}`,
    )
    expect(second.ready.pid).toBe(second.child.pid)

    const instance = {
      addr: '10.0.0.1:9095',
      timestamp: Math.floor(Date.now() / 1000),
      state: 'ACTIVE',
      tokens: [1, 2 ** 31, 2 ** 32 - 1],
      zone: 'a',
      registered_timestamp: 1_700_000_000,
    }
    const put = await fetch(`${first.ready.http}/api/v1/kv/collectors%2Fring?codec=ringDesc`, {
      method: 'PUT',
      body: JSON.stringify({ ingesters: { 'i-1': instance } }),
    })
    expect(put.status).toBe(200)
    const answer = await eventually(
      () => fetch(`${second.ready.http}/api/v1/kv/collectors%2Fring`),
      ({ status }) => status === 200,
    )
    expect(await answer.json()).toEqual({ ingesters: { 'i-1': instance } })

    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    expect(second.output().out.split('\n')).toHaveLength(2)
    type Members = { members: { name: string; state: string }[] }
    const { members } = await eventually(
      () => json<Members>(`${first.ready.http}/api/v1/members`),
      (answer) => answer.members.some(({ state }) => state === 'left'),
    )
    expect(members).toMatchObject([
      { name: 'first', state: 'alive' },
      { name: 'second', state: 'left' },
    ])
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(0)
  })
})

describe('the programs', () => {
  const run = (file: string, ...argv: string[]) =>
    execFileSync(process.execPath, [program(file), ...argv], { encoding: 'utf8' })

  it('print their versions', () => {
    expect(run('hearsayd.js', '-version')).toMatch(/^hearsayd \d+\.\d+\.\d+ \(node v/)
    expect(run('hearsay.js', '--version')).toMatch(/^hearsay \d+\.\d+\.\d+ \(node v/)
  })
})
