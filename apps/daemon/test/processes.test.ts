// Goal: what a checkout runs works: two daemons as processes of their own gossip a value, and end as they should.
// Method: the bundle, built afresh; flags, stdout, HTTP and signals only.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

describe('a daemon that must not be alone', () => {
  const nobody = '-memberlist.join=127.0.0.1:1'

  it('38: ends with status 1 and the reasons when the first round joins too few', { timeout: 30_000 }, async () => {
    await expect(start('first', nobody, '-memberlist.abort-if-fast-join-fails')).rejects.toThrow(
      /^ended with 1: .*no seed could be joined: 127\.0\.0\.1:1/s,
    )
    const peer = await start('peer')
    const flags = ['-memberlist.abort-if-fast-join-fails', '-memberlist.abort-if-fast-join-fails-min-nodes=2']
    await expect(start('second', `-memberlist.join=${peer.ready.memberlist}`, nobody, ...flags)).rejects.toThrow(
      /fewer than 2 members could be joined/,
    )
  })

  it('ends with status 1 when joining has failed, and otherwise only says so', { timeout: 30_000 }, async () => {
    const retries = ['-memberlist.min-join-backoff=10ms', '-memberlist.max-join-backoff=20ms']
    const flags = [nobody, ...retries, '-memberlist.max-join-retries=2']
    const [patient, strict] = await Promise.all([
      start('patient', ...flags),
      start('strict', ...flags, '-memberlist.abort-if-join-fails'),
    ])
    expect(await strict.ended).toBe(1)
    expect(strict.output().err).toContain('no seed could be joined: 127.0.0.1:1')
    await eventually(
      async () => patient.output().err,
      (err) => err.includes('joining has failed'),
    )
    expect((await fetch(`${patient.ready.http}/live`)).status).toBe(200)
  })

  it('keeps its store in -data-dir over a kill', { timeout: 30_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hearsay-'))
    const snapshot = join(directory, 'store.snapshot')
    try {
      const first = await start('first', `-data-dir=${directory}`)
      const { http } = first.ready
      const body = JSON.stringify({ ingesters: { i: { timestamp: Math.floor(Date.now() / 1000), state: 'ACTIVE' } } })
      expect((await fetch(`${http}/api/v1/kv/ring?codec=ringDesc`, { method: 'PUT', body })).status).toBe(200)
      await eventually(
        async () => (existsSync(snapshot) ? readFileSync(snapshot, 'latin1') : ''),
        (bytes) => bytes.includes('ringDesc'),
      )
      first.child.kill('SIGKILL')
      await first.ended
      const second = await start('first', `-data-dir=${directory}`)
      expect(await json(`${second.ready.http}/api/v1/kv/ring`)).toMatchObject({ ingesters: { i: { state: 'ACTIVE' } } })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
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
