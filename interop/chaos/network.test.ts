// Goal: faults are real, and nothing of them stays behind. Method: packets of two namespaces, and what the machine lists.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { onLinks } from '../src/chaos/faults.ts'
import { removeLeftovers } from '../src/chaos/leftovers.ts'
import { Network } from '../src/chaos/network.ts'
import { run } from '../src/chaos/tools.ts'

/** Datagrams that get from port 0 to port 1, of so many sent. */
async function arrivals(network: Network, count: number): Promise<number> {
  const receive = `
    let got = 0
    const socket = require('node:dgram').createSocket('udp4')
    socket.on('message', () => got++)
    socket.bind(7946, () => console.log('ready'))
    process.stdin.on('data', () => { console.log(got); process.exit() })`
  const send = `
    const socket = require('node:dgram').createSocket('udp4')
    const next = (left) => left === 0 ? socket.close() : socket.send('x', 7946, '${network.host(1)}', () => next(left - 1))
    next(${count})`
  const there = network.commandIn(1, process.execPath, ['-e', receive])
  const receiver = spawn(there.program, there.args, { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  receiver.stdout.on('data', (data) => {
    said += String(data)
  })
  await once(receiver.stdout, 'data')
  const here = network.commandIn(0, process.execPath, ['-e', send])
  await run(here.program, here.args)
  receiver.stdin.write('\n')
  await once(receiver.stdout, 'end')
  return Number(said.split('\n')[1])
}

it('loses what the counters say was lost, and only that way', async () => {
  await using network = await Network.make('net', 2)
  expect(await arrivals(network, 100)).toBe(100)
  await network.faults.set(onLinks([{ from: 0, to: 1 }], 50))
  const arrived = await arrivals(network, 1000)
  expect(await network.faults.counts()).toEqual([
    { from: 0, to: 1, protocol: 'udp', seen: 1000, dropped: 1000 - arrived },
    { from: 0, to: 1, protocol: 'tcp', seen: 0, dropped: 0 },
  ])
  expect(arrived).toBeGreaterThan(400)
  expect(arrived).toBeLessThan(600)
  await network.faults.set(onLinks([{ from: 1, to: 0 }], 100))
  expect(await arrivals(network, 100)).toBe(100)
  await network.faults.set(onLinks([{ from: 0, to: 1 }], 100))
  expect(await arrivals(network, 100)).toBe(0)
  expect((await network.faults.heal())[0]).toMatchObject({ seen: 100, dropped: 100 })
  expect(await arrivals(network, 100)).toBe(100)
})

it('moves a port to another address', async () => {
  await using network = await Network.make('move', 2)
  const before = network.host(1)
  await network.moveHost(1)
  expect(network.host(1)).not.toBe(before)
  expect(await arrivals(network, 10)).toBe(10)
})

it('removes what a run left behind that was killed, a stopped process too, and nothing of those that run', async () => {
  // No process has this id, whatever the machine allows.
  const left = 'hearsay-4194305-1-left-0'
  await run('ip', ['netns', 'add', left])
  const sleeper = spawn('ip', ['netns', 'exec', left, 'sleep', '600'], { stdio: 'ignore' })
  await once(sleeper, 'spawn')
  while (!(await run('ip', ['netns', 'pids', left])).includes(String(sleeper.pid)));
  sleeper.kill('SIGSTOP')
  await using network = await Network.make('stays', 1)
  await removeLeftovers()
  if (sleeper.exitCode === null && sleeper.signalCode === null) await once(sleeper, 'exit')
  expect(readdirSync('/run/netns')).not.toContain(left)
  expect(network.host(0)).toBe('10.77.0.11')
  expect(readdirSync('/run/netns').filter((name) => name.includes(`-${process.pid}-`))).toHaveLength(2)
})
