/**
 * A whole member as a process of its own. It answers lines, as `go/memberlist/node_test.go` does:
 *
 *   start flood|idle plain|encrypted   a member on loopback; its port
 *   read                               CPU nanoseconds, packets of 16 alives handled, members, broadcasts that wait
 *   memory OTHERS                      heap bytes of a member without network that knows so many others
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { decodePacket, Keyring, Part } from '@hearsay/wire'
import type { Machine } from '../../../packages/membership/src/machine.ts'
import { Memberlist } from '../../../packages/membership/src/memberlist.ts'
import { lan, type Tuning } from '../../../packages/membership/src/tuning.ts'
import { udpTcpTransport } from '../../../packages/transport/src/node/udp-tcp.ts'
import { aliveOf } from '../inputs.ts'
import { label, loneMachine, selfName, from as sender } from '../membership/member.ts'
import { key, PARTS } from '../membership/packets.ts'
import { answerLines } from './lines.ts'

const noPushPull: Tuning = { ...lan, pushPull: { ...lan.pushPull, intervalMs: 0 } }
const silent: Tuning = {
  ...noPushPull,
  probe: { ...lan.probe, intervalMs: 0 },
  gossip: { ...lan.gossip, intervalMs: 0 },
}
// What 1000 members are told of is told in a second, not in a minute.
const LARGE_PACKET_BYTES = 60_000

let member: Memberlist | undefined

async function start(kind: string, encryption: string): Promise<string> {
  member = new Memberlist({
    name: selfName,
    label,
    transport: udpTcpTransport({
      bindAddress: '127.0.0.1',
      bindPort: 0,
      ...(kind === 'idle' ? { packetBudgetBytes: LARGE_PACKET_BYTES } : {}),
    }),
    tuning: kind === 'idle' ? noPushPull : silent,
    encryption: { keyring: new Keyring(encryption === 'encrypted' ? [key] : []) },
  })
  await member.start()
  return member.address.split(':')[1]!
}

function read(): string {
  const { user, system } = process.cpuUsage()
  const metrics = member!.metrics()
  const handled = (metrics.messagesIn.alive ?? 0) / PARTS - (metrics.drops.overload ?? 0)
  const waiting = Object.values(member!.queueDepths()).reduce((sum, { items }) => sum + items, 0)
  return `${(user + system) * 1000} ${handled} ${metrics.members} ${waiting}`
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

// What is told is told as seldom as can be, so that the queue is soon empty.
const tellingOnce: Tuning = { ...silent, gossip: { ...lan.gossip, retransmitMultiplier: 1 } }

function grow(machine: Machine, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const part = new Part({
      ...aliveOf(index),
      node: `member-24-byte-${String(index).padStart(9, '0')}`,
      meta: new Uint8Array(64).fill(0x6d),
    })
    // As it comes off the network, so that it holds on to whatever a decoder leaves it with.
    machine.handle({ kind: 'packet', from: sender, messages: decodePacket(part.bytes.slice()).messages }, 0)
  }
  // Alone, it has nobody to tell.
  while (to > 0 && Object.values(machine.queueDepths()).some(({ items }) => items > 0))
    machine.handle({ kind: 'deadline' }, machine.nextDeadline()!.at)
}

let lone: Machine | undefined
let known = 0

function memory(others: number): string {
  // Code, and what it needs, is there before anything is weighed.
  if (!lone) grow(loneMachine(tellingOnce), 0, 2000)
  lone ??= loneMachine(tellingOnce)
  grow(lone, known, others)
  known = others
  for (let time = 0; time < 3; time++) collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return String(heapUsed + external)
}

answerLines({
  start: ([kind, encryption]) => start(kind!, encryption!),
  read,
  memory: ([others]) => memory(Number(others)),
})
