/**
 * What members are surrounded with, as a process of its own. It answers lines:
 *
 *   introduce PORT OTHERS plain|encrypted   tells a member of so many others, slowly
 *   flood PORT MS plain|encrypted           the same members, in packets of 1.4 kB, as fast as it can; how many they were
 *   pace PORT MS plain|encrypted RATE       the same, so many a second
 *   ping PORT MS                            a ping each 2 ms; how many, how many were answered, the longest wait in ms
 *   surround PORT OTHERS                    so many peers, each on a port of its own, that answer pings and send some
 */
import { createSocket, type Socket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodePacket, encodePacket, openPacket, type PacketMessage, Part, sealPacket } from '@hearsay/wire'
import { aliveOf } from '../inputs.ts'
import { label, selfName } from '../membership/member.ts'
import { PARTS, packetsOf } from '../membership/packets.ts'
import { answerLines } from './lines.ts'

const host = '127.0.0.1'
const loopback = Uint8Array.of(127, 0, 0, 1)
/** Sends under way at one time. */
const BURST = 64
const PING_EVERY_MS = 1000

const socket = createSocket('udp4')

async function introduce(port: number, others: number, encrypted: boolean): Promise<string> {
  for (const packet of packetsOf(Math.ceil(others / PARTS), 0, encrypted)) {
    socket.send(packet, port, host)
    await sleep(2)
  }
  return 'introduced'
}

function flood(port: number, ms: number, encrypted: boolean): Promise<string> {
  const packets = packetsOf(62, 0, encrypted, 'none')
  const until = performance.now() + ms
  let sent = 0
  return new Promise((resolve) => {
    let underWay = BURST
    const next = (): void => {
      if (performance.now() < until) socket.send(packets[sent++ % packets.length]!, port, host, next)
      else if (--underWay === 0) resolve(String(sent))
    }
    for (let at = 0; at < BURST; at++) next()
  })
}

async function pace(port: number, ms: number, encrypted: boolean, rate: number): Promise<string> {
  const packets = packetsOf(62, 0, encrypted, 'none')
  const started = performance.now()
  let sent = 0
  for (let spent = 0; spent < ms; spent = performance.now() - started) {
    for (; sent < (spent * rate) / 1000; sent++) socket.send(packets[sent % packets.length]!, port, host)
    await sleep(1)
  }
  return String(sent)
}

async function ping(port: number, ms: number): Promise<string> {
  const own = createSocket('udp4')
  await new Promise<void>((resolve) => own.bind(0, host, resolve))
  const source = { sourceAddress: loopback, sourcePort: own.address().port, sourceNode: 'pinger' }
  const sentAt: number[] = []
  const waits: number[] = []
  own.on('message', (datagram) => {
    const now = performance.now()
    for (const message of messagesOf(datagram)) if (message.type === 'ack') waits.push(now - sentAt[message.seqNo]!)
  })
  const started = performance.now()
  while (performance.now() - started < ms) {
    const seqNo = sentAt.push(performance.now()) - 1
    own.send(seal([new Part({ type: 'ping', seqNo, node: selfName, ...source })]), port, host)
    await sleep(2)
  }
  await sleep(500)
  own.close()
  return `${sentAt.length} ${waits.length} ${Math.max(...waits)}`
}

async function surround(port: number, others: number): Promise<string> {
  const peers = await Promise.all(Array.from({ length: others }, (_, index) => peer(port, index)))
  const introductions = peers.map(
    (each, index) => new Part({ ...aliveOf(index), address: loopback, port: each.address().port }),
  )
  for (let at = 0; at < others; at += PARTS) {
    socket.send(seal(introductions.slice(at, at + PARTS)), port, host)
    await sleep(2)
  }
  let turn = 0
  setInterval(() => {
    turn = (turn + 1) % others
    const { node: sourceNode } = aliveOf(turn)
    const source = { sourceAddress: loopback, sourcePort: peers[turn]!.address().port, sourceNode }
    peers[turn]!.send(seal([new Part({ type: 'ping', seqNo: turn, node: selfName, ...source })]), port, host)
  }, PING_EVERY_MS)
  return 'surrounded'
}

/** One that answers pings. */
async function peer(port: number, index: number): Promise<Socket> {
  const own = createSocket('udp4')
  own.on('message', (datagram) => {
    for (const message of messagesOf(datagram))
      if (message.type === 'ping' && message.node === aliveOf(index).node)
        own.send(seal([new Part({ type: 'ack', seqNo: message.seqNo, payload: null })]), port, host)
  })
  await new Promise<void>((resolve) => own.bind(0, host, resolve))
  return own
}

const seal = (parts: readonly Part[]): Uint8Array =>
  sealPacket(encodePacket(parts, { compression: 'none', checksum: false }), { label })

function messagesOf(datagram: Uint8Array): readonly PacketMessage[] {
  const opened = openPacket(datagram, { label, labelMode: 'strict' })
  return opened.ok ? decodePacket(opened.payload).messages : []
}

answerLines({
  introduce: ([port, others, encryption]) => introduce(Number(port), Number(others), encryption === 'encrypted'),
  flood: ([port, ms, encryption]) => flood(Number(port), Number(ms), encryption === 'encrypted'),
  pace: ([port, ms, encryption, rate]) => pace(Number(port), Number(ms), encryption === 'encrypted', Number(rate)),
  ping: ([port, ms]) => ping(Number(port), Number(ms)),
  surround: ([port, others]) => surround(Number(port), Number(others)),
})
