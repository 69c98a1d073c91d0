/** Rows of wire spec 7 that take more than bytes: relays, other sources, many connections, and the initiator's side. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { uncompressLzw } from '@hearsay/encoding'
import {
  ack,
  alive,
  cat,
  hex,
  indirectPing,
  int,
  loopback,
  message,
  nil,
  nodeState,
  ping,
  pushPull,
  raw,
  text,
  u32,
  uint,
  user,
  yes,
} from '../bytes.ts'
import { firstKey, properPacket } from '../group.ts'
import { converse } from '../probe.ts'
import type { Session } from '../session.ts'
import type { Verdict } from '../verdict.ts'
import { compound, compressed, frame, labelled } from '../wrappers.ts'
import { type Case, packet, type Stage, script } from './case.ts'

const elsewhereIp = Uint8Array.of(127, 0, 0, 2)

/** What is heard at the second probe. */
async function heardElsewhere(session: Session, { elsewhere }: Stage, act: () => Promise<Verdict>): Promise<Verdict> {
  let heard = 0
  elsewhere.listen(session.target, () => heard++)
  const verdict = await act()
  await sleep(50)
  elsewhere.forget(session.target)
  return { ...verdict, outcome: [`${heard} datagrams to 127.0.0.2`] }
}

const relay = (session: Session, fields: Readonly<Record<string, Uint8Array>> = {}): Uint8Array =>
  indirectPing(77, { Node: raw('other'), Target: raw(loopback), Port: uint(session.ports.probe), Nack: yes, ...fields })

async function relayed(session: Session, bytes: Uint8Array, answers: boolean): Promise<Verdict> {
  session.answersPings = answers
  session.send(properPacket(session.group, bytes))
  // Longer than the relay waits for the target.
  await sleep(session.group.probeTimeoutMs + 200)
  session.answersPings = false
  return session.verdict()
}

const relays: readonly Case[] = [
  script('relay', 'an indirect ping, the target answers', (session) => relayed(session, relay(session), true)),
  script('relay', 'an indirect ping, the target is silent', (session) => relayed(session, relay(session), false)),
  script('relay', 'the same without a wish for a nack', (session) =>
    relayed(session, relay(session, { Nack: Uint8Array.of(0xc2) }), false),
  ),
  script(
    'relay',
    'an indirect ping without a target',
    (session) => relayed(session, relay(session, { Target: nil }), false),
    { differs: 'wire 2.2' },
  ),
  script(
    'relay',
    'an indirect ping with a target of 3 bytes',
    (session) => relayed(session, relay(session, { Target: raw(hex('7f0000')) }), false),
    { differs: 'wire 2.2' },
  ),
  packet('P36', 'an indirect ping that is empty, and one of nil', [hex('0180'), hex('01c0')]),
]

const sources: readonly Case[] = [
  script(
    'P34',
    'a ping whose Source is at another address',
    (session, stage) =>
      heardElsewhere(session, stage, () =>
        session.packet(ping(1, { SourceAddr: raw(elsewhereIp), SourcePort: uint(stage.elsewhere.port) })),
      ),
    { differs: 'DIV-21' },
  ),
  script('P34', 'a ping whose Source is at a known member’s address', (session, stage) =>
    heardElsewhere(session, stage, async () => {
      await session.packet(alive('known', 1, { Addr: raw(elsewhereIp), Port: uint(stage.elsewhere.port) }))
      return session.packet(ping(1, { SourceAddr: raw(elsewhereIp), SourcePort: uint(stage.elsewhere.port) }))
    }),
  ),
  packet('P48', 'an alive that advertises an allowed address', alive('fresh', 1), { group: 'cidrs' }),
  packet('P48', 'an alive that advertises another address', alive('fresh', 1, { Addr: raw(elsewhereIp) }), {
    group: 'cidrs',
  }),
  script(
    'P48',
    'an alive from another address',
    async (session, { elsewhere }) => session.packet(alive('fresh', 1), elsewhere),
    { group: 'cidrs' },
  ),
  script(
    'P48',
    'a push/pull with a member at another address',
    (session) =>
      session.stream(
        pushPull([nodeState('fresh', 1, 0), nodeState('far', 1, 0, { Addr: raw(elsewhereIp) })]),
        'finish',
      ),
    { group: 'cidrs' },
  ),
  script(
    'P47',
    '2040 user messages at once',
    async (session) => {
      for (let part = 0; part < 8; part++) session.send(compound(Array.from({ length: 255 }, () => user('x'))))
      await sleep(100)
      const { told, ...rest } = await session.verdict()
      return { ...rest, told: [`delivers ${told.length}`] }
    },
    { oursOnly: { must: 'delivers 2040', because: 'drops by chance' } },
  ),
  script('S31', 'a push/pull beside 127 others that are not complete', (session) =>
    besideOthers(session, 127, hex('06')),
  ),
  script('S31', 'a push/pull beside 126 others that are not complete', (session) =>
    besideOthers(session, 126, hex('06')),
  ),
]

async function besideOthers(session: Session, count: number, bytes: Uint8Array): Promise<Verdict> {
  const others = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ host: session.target.host, port: session.target.port })
      socket.on('error', () => {})
      await once(socket, 'connect')
      socket.write(bytes)
      return socket
    }),
  )
  // Written is not yet read.
  await sleep(150)
  const { received, end } = await converse(session.target, pushPull([]), {
    manner: 'finish',
    deadlineMs: session.group.streamTimeoutMs,
  })
  for (const socket of others) socket.destroy()
  await sleep(50)
  return { ...(await session.verdict()), stream: [received.length > 0 ? 'answered' : 'no answer', end] }
}

/** A server that answers each connection with the same bytes, and what the peer makes of it. */
async function joining(session: Session, reply: Uint8Array | undefined): Promise<Verdict> {
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', () => (reply ? socket.end(reply) : socket.end()))
  })
  const port = await listening(server)
  const joined = await session.target.join(`127.0.0.1:${port}`)
  server.close()
  return { ...(await session.verdict()), outcome: [joined ? 'the join succeeds' : 'the join fails'] }
}

async function listening(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as { port: number }).port
}

const fresh = nodeState('fresh', 1, 0)
const reply = (row: string, title: string, bytes: Uint8Array | undefined, options: Partial<Case> = {}): Case =>
  script(row, title, (session) => joining(session, bytes), options as Partial<ReturnType<typeof script>>)

const initiator: readonly Case[] = [
  reply('I2', 'a push/pull', pushPull([fresh], { state: text('state') }), { differs: 'DIV-33' }),
  reply('I1', 'an err', message(13, { Error: raw('boom') })),
  reply('I1', 'an err without a text', message(13, {})),
  reply('I2', 'an ack', ack(1)),
  reply('I2', 'a ping', ping(1)),
  reply('I2', 'a user message', cat(message(8, { UserMsgLen: int(1) }), text('x'))),
  reply('I2', 'an unknown type', hex('0e')),
  reply('I2', 'plaintext, with keys', pushPull([fresh]), { group: 'keys' }),
  reply('I2', 'an encrypted push/pull, with keys', frame(pushPull([fresh]), { key: firstKey }), { group: 'keys' }),
  reply('I2', 'an encrypted push/pull, no keys', frame(pushPull([fresh]), { key: firstKey })),
  reply('I3', 'a label before a push/pull', labelled('prod', pushPull([fresh])), { group: 'label' }),
  reply('I3', 'a push/pull without a label', pushPull([fresh]), { group: 'label' }),
  reply('I5', 'the end', undefined),
  reply('I6', 'a frame of 20 MiB and a byte', cat([0x0a], u32(20_971_521)), { group: 'keys' }),
  reply('I6', 'compressed data that does not expand', hex('0982a4416c676f00a3427566a3000302')),
  reply('I6', 'a push/pull, compressed', compressed(pushPull([fresh]))),
  reply('I6', 'Nodes of −1', pushPull([], { header: { Nodes: hex('ff') } })),
  reply('I6', 'Nodes of 1,048,577', pushPull([], { header: { Nodes: int(1_048_577) } })),
  reply('I6', 'UserStateLen of −1', pushPull([], { header: { UserStateLen: hex('ff') } })),
  reply('I6', 'a push/pull cut short', pushPull([fresh]).subarray(0, 60)),
  reply(
    'I6',
    'an entry with versions that do not fit',
    pushPull([fresh, nodeState('odd', 1, 0, { Vsn: raw(hex('010506000000')) })]),
  ),
]

/** A member that hears no packets; its streams answer pings with `answer`. Is it held alive by the peer's probes? */
async function probed(session: Session, answer: ((seqNo: number) => Uint8Array) | undefined): Promise<Verdict> {
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', (request: Uint8Array) => socket.end(answer?.(seqNoOf(request)) ?? ''))
  })
  const port = await listening(server)
  // It is there, so that nothing is refused, and says nothing.
  const mute = createSocket('udp4')
  mute.bind(port, '127.0.0.1')
  await once(mute, 'listening')
  if (!answer) server.close()
  session.send(properPacket(session.group, alive('mute', 1, { Port: uint(port) })))
  let state: string | undefined
  for (let look = 0; look < 12 && !state?.startsWith('suspect'); look++) {
    await sleep(200)
    state = (await session.dump()).get('"mute"')
  }
  if (answer) server.close()
  mute.close()
  // Its records are looked at, so that nobody takes these peers for fresh.
  await session.verdict()
  return { replies: [], spread: [], told: [], members: [], outcome: [`is held ${state?.split('@')[0]}`] }
}

/** The number in a ping, plain or compressed. */
function seqNoOf(request: Uint8Array): number {
  const data = Buffer.from(request).indexOf('Buf') + 3
  // A short ping has a header of one byte in front of its compressed data, a longer one three.
  const plain =
    request[0] === 0x09 ? uncompressLzw(request.subarray(data + (request[data] === 0xda ? 3 : 1)), 1024) : request
  const at = Buffer.from(plain).indexOf('SeqNo') + 5
  const view = new DataView(plain.buffer, plain.byteOffset)
  const tag = plain[at]!
  return tag < 0x80
    ? tag
    : tag === 0xcc
      ? view.getUint8(at + 1)
      : tag === 0xcd
        ? view.getUint16(at + 1)
        : view.getUint32(at + 1)
}

const fallback: readonly Case[] = [
  script('I4', 'a stream ping answered with its number', (session) => probed(session, (seqNo) => ack(seqNo)), {
    group: 'probing',
  }),
  script(
    'I4',
    'a stream ping answered with another number',
    (session) => probed(session, (seqNo) => ack((seqNo + 1) % 2 ** 32)),
    { group: 'probing' },
  ),
  script('I2', 'a stream ping answered with a ping', (session) => probed(session, (seqNo) => ping(seqNo)), {
    group: 'probing',
  }),
  script('I7', 'nobody accepts a stream ping', (session) => probed(session, undefined), { group: 'probing' }),
]

/** In the order of the table. */
export const scriptRows: readonly Case[] = [...relays, ...sources, ...initiator, ...fallback]
