// Goal: the daemon says it is ready exactly when it is, stops cleanly, and fails in one sentence.
// Method: the whole program in this process, real sockets on loopback, free ports, signals from a fake process.
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { command } from '../src/command/program.ts'
import { main } from '../src/main.ts'
import type { ReadyLine } from '../src/run.ts'
import { onSignals } from '../src/signals.ts'
import { FakeIo } from './fake-io.ts'

const loopback = [
  '-profile=local',
  '-memberlist.bind-addr=127.0.0.1',
  '-memberlist.bind-port=0',
  '-server.http-listen-port=0',
]

const running: { io: FakeIo; done: Promise<number> }[] = []
afterEach(async () => {
  for (const { io, done } of running.splice(0)) {
    io.signals.emit('SIGTERM')
    await done
  }
})

async function start(...flags: string[]) {
  const io = new FakeIo()
  const done = main([...loopback, ...flags], io)
  running.push({ io, done })
  await Promise.race([io.until(({ out }) => out.includes('\n')), done])
  const ready = io.out === '' ? undefined : (JSON.parse(io.out) as ReadyLine)
  return { io, done, ready: ready! }
}

describe('a daemon', () => {
  it('prints one line when it is ready, with addresses that answer', async () => {
    const { ready, io } = await start('-memberlist.nodename=solo')
    expect(ready).toEqual({
      ready: true,
      name: 'solo',
      pid: process.pid,
      memberlist: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/),
      http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/),
    })
    expect((await fetch(`${ready.http}/live`)).status).toBe(200)
    const answer = await fetch(`${ready.http}/ready`)
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, joined: true, seeds: [] }])
    expect(io.out.split('\n')).toHaveLength(2)
  })

  it('leaves and ends with 0 on a signal; its ports are free again', async () => {
    const { io, done, ready } = await start()
    io.signals.emit('SIGINT')
    expect(await done).toBe(0)
    await expect(fetch(`${ready.http}/live`)).rejects.toThrow()
    expect(io.signals.listenerCount('SIGINT')).toBe(0)
    expect(io.out.split('\n')).toHaveLength(2)
    expect(io.logLines.every((line) => /^ts=\S+ level=info msg=/.test(line))).toBe(true)
  })

  it('ends an open event stream when it leaves, instead of waiting for it', async () => {
    const { io, done, ready } = await start()
    const stream = await fetch(`${ready.http}/api/v1/events`)
    io.signals.emit('SIGTERM')
    await stream.text()
    expect(await done).toBe(0)
  })

  it('goes on without a seed that does not answer: a warning, and not joined', async () => {
    const nobody = createServer()
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve))
    const { port } = nobody.address() as { port: number }
    await new Promise((resolve) => nobody.close(resolve))
    const { ready, io } = await start(`-memberlist.join=127.0.0.1:${port}`)
    expect(await (await fetch(`${ready.http}/ready`)).json()).toMatchObject({
      ready: true,
      joined: false,
      seeds: [{ seed: `127.0.0.1:${port}`, outcome: 'failed' }],
    })
    const warnings = io.logLines.filter((line) => line.includes('level=warn'))
    expect(warnings.some((line) => line.includes(`127.0.0.1:${port}`))).toBe(true)
    expect(io.err).not.toMatch(/\n\s+at /)
  })

  it('with ready-requires-join is not ready until it has joined', async () => {
    const first = await start('-memberlist.nodename=a')
    const alone = await start('-memberlist.nodename=b', '-memberlist.join=127.0.0.1:1', '-server.ready-requires-join')
    expect((await fetch(`${alone.ready.http}/ready`)).status).toBe(503)
    const joined = await start(
      '-memberlist.nodename=c',
      `-memberlist.join=${first.ready.memberlist}`,
      '-server.ready-requires-join',
    )
    expect((await fetch(`${joined.ready.http}/ready`)).status).toBe(200)
  })

  it('shows its members to the command', async () => {
    const { ready } = await start('-memberlist.nodename=solo')
    const io = new FakeIo()
    expect(await command(['members', '--http', ready.http], io)).toBe(0)
    expect(io.out).toMatch(/^NAME .*\nsolo +127\.0\.0\.1:\d+ +alive /)
  })
})

describe('a daemon that cannot start', () => {
  const occupied = async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { port: (server.address() as { port: number }).port, server }
  }

  it.each([
    [
      'server.http-listen-port',
      /^cannot serve HTTP on 127\.0\.0\.1, port \d+: the port is in use; .*-server\.http-listen-port/,
    ],
    [
      'memberlist.bind-port',
      /^cannot listen for members on 127\.0\.0\.1:\d+: the port is in use; .*-memberlist\.bind-port/,
    ],
  ])('because the port of -%s is in use says so and ends with 1', async (flag, message) => {
    const { port, server } = await occupied()
    const io = new FakeIo()
    const status = await main([...loopback, `-${flag}=${port}`], io)
    await new Promise((resolve) => server.close(resolve))
    expect([status, io.out]).toEqual([1, ''])
    expect(io.logLines.at(-1)).toMatch(message)
    expect(io.err).not.toMatch(/\n\s+at /)
  })

  it('leaves no port open behind it', async () => {
    const { port, server } = await occupied()
    const free = await occupied()
    await new Promise((resolve) => free.server.close(resolve))
    const flags = [...loopback, `-memberlist.bind-port=${port}`, `-server.http-listen-port=${free.port}`]
    expect(await main(flags, new FakeIo())).toBe(1)
    await new Promise((resolve) => server.close(resolve))
    await expect(fetch(`http://127.0.0.1:${free.port}/live`)).rejects.toThrow()
  })

  it('because of its flags says all of it and ends with 2', async () => {
    const io = new FakeIo()
    expect(await main(['-memberlist.bind-port=x', '-nonsense'], io)).toBe(2)
    expect(io.out).toBe('')
    expect(io.logLines.map((line) => line.split(':')[0]).sort()).toEqual(['-memberlist.bind-port', '-nonsense'])
  })

  it('because the node refuses an option names the flag and ends with 2', async () => {
    class Refusal extends Error {
      readonly code = 'CONFIG_INVALID'
      readonly problems = [{ path: 'tuning.gossip.nodes', message: 'must be less' }]
    }
    const io = Object.assign(new FakeIo(), { createNode: () => Promise.reject(new Refusal('invalid options')) })
    expect(await main(loopback, io)).toBe(2)
    expect(io.err).toBe('-memberlist.gossip-nodes: must be less\n')
  })
})

describe('-version and -help', () => {
  it('print on stdout and end with 0', async () => {
    const version = new FakeIo()
    expect(await main(['-version'], version)).toBe(0)
    expect(version.out).toMatch(/^hearsayd \d+\.\d+\.\d+ \(node v\d+\.\d+\.\d+, .*\)\n$/)
    const help = new FakeIo()
    expect(await main(['--help'], help)).toBe(0)
    expect(help.out).toContain('-memberlist.join <list>')
    expect(version.err + help.err).toBe('')
  })
})

describe('signals', () => {
  it('within a second of the first are the same one; a later one insists', () => {
    const { signals } = new FakeIo()
    const seen: string[] = []
    let now = 5000
    const ignore = onSignals(signals, {
      leave: () => seen.push(`leave at ${now}`),
      insist: () => seen.push(`insist at ${now}`),
      nowMs: () => now,
    })
    signals.emit('SIGINT')
    signals.emit('SIGTERM')
    now = 5999
    signals.emit('SIGINT')
    now = 6000
    signals.emit('SIGTERM')
    ignore()
    signals.emit('SIGTERM')
    expect(seen).toEqual(['leave at 5000', 'insist at 6000'])
  })
})

describe('a leave that takes its time', () => {
  it('is cut short with 130 by a second signal, a second later', async () => {
    let now = 0
    let finish = () => {}
    const leaving = new Promise<void>((resolve) => {
      finish = resolve
    })
    const createNode = async () =>
      ({
        name: 'slow',
        address: '127.0.0.1:1',
        joined: true,
        members: () => [],
        leave: () => leaving,
        seeds: () => [],
        keyring: { size: 0 },
      }) as never
    const io = Object.assign(new FakeIo(), { createNode, nowMs: () => now })
    const done = main(loopback, io)
    await io.until(({ out }) => out.includes('\n'))
    io.signals.emit('SIGTERM')
    await io.until(({ err }) => err.includes('leaving'))
    const { http } = JSON.parse(io.out) as ReadyLine
    expect((await fetch(`${http}/ready`)).status).toBe(503)
    expect((await fetch(`${http}/live`)).status).toBe(200)
    now = 999
    io.signals.emit('SIGINT')
    expect(io.exits).toEqual([])
    now = 1000
    io.signals.emit('SIGTERM')
    expect(io.exits).toEqual([130])
    finish()
    expect(await done).toBe(0)
  })
})

describe('hearsay run', () => {
  it('shows who comes and goes, one JSON object a line, and leaves on a signal', async () => {
    const { ready } = await start('-memberlist.nodename=first')
    const io = new FakeIo()
    const done = command(
      [
        'run',
        '-profile=local',
        '-memberlist.bind-addr=127.0.0.1',
        '-memberlist.bind-port=0',
        '-memberlist.nodename=second',
        `-memberlist.join=${ready.memberlist}`,
        '--json',
      ],
      io,
    )
    await io.until(({ out }) => out.includes('"first"'))
    const lines = io.out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    expect(lines[0]).toMatchObject({ event: 'started', name: 'second', joined: true })
    expect(lines[1]).toMatchObject({ event: 'join', name: 'first', state: 'alive' })
    io.signals.emit('SIGTERM')
    expect(await done).toBe(0)
    const { members } = (await (await fetch(`${ready.http}/api/v1/members`)).json()) as {
      members: { name: string; state: string }[]
    }
    expect(members.find(({ name }) => name === 'second')?.state).toBe('left')
  })
})
