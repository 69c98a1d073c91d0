// Goal: whole streams of the Go library are read, and written again to the same bytes, in both directions. Method:
// conversations between two members of each of five versions, under combinations of label, compression and encryption
// (wire spec 8 H); the nonces are taken from the recording.

import { fromHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import {
  encodeStreamMessage,
  labelHeader,
  type Ping,
  type StreamMessage,
  StreamReader,
  type StreamResult,
} from '../../src/index.ts'
import { expectSameBytes } from '../same-bytes.ts'
import { messageOf, nodeStateOf } from './fields.ts'
import { encodeOlder } from './older-codec.ts'
import { compressionOf, encryptionOf, keysOf } from './setups.ts'
import { bytesOf, formOf, type Library, libraries, type Vector, vectorsOf, vectorsOfType } from './vectors.ts'

type Settings = Vector['settings']
const of = (library: Library, type: string) => vectorsOfType(library, 'streams', type)

/** HashiCorp's compresses streams always, the fork if that makes them smaller (wire spec 5.4). */
const whenOf = ({ module }: Library) => (module.includes('grafana') ? 'if-smaller' : 'always')

const encryptionFrom = (settings: Settings, nonces?: readonly string[]) => {
  const encryption = encryptionOf(settings, nonces?.map(fromHex))
  return encryption ? { encryption } : {}
}

function written(library: Library, message: StreamMessage, settings: Settings, nonces: readonly string[]): Uint8Array {
  const options = {
    compression: compressionOf(settings),
    when: whenOf(library),
    label: settings.label as string,
  } as const
  const encode = library.version === 'v0.5.0' ? encodeOlder : encodeStreamMessage
  return encode(message, { ...options, ...encryptionFrom(settings, nonces) })
}

/** What a reader makes of a stream that comes in pieces of so many bytes. */
function readAs(
  role: 'acceptor' | 'initiator',
  bytes: Uint8Array,
  settings: Settings,
  pieceBytes: number,
): StreamResult {
  const reader = new StreamReader({ role, label: settings.label, labelMode: 'strict', ...encryptionFrom(settings) })
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    // Nobody knows before the last byte.
    expect(reader.next()).toEqual({ kind: 'need-more' })
    reader.push(bytes.subarray(at, at + pieceBytes))
  }
  return reader.next()
}

/** Both directions: ours are the same bytes, and they are read as what they were made of. */
function compare(library: Library, line: Vector, request: StreamMessage, reply?: StreamMessage) {
  const { id, settings, out } = line
  const [first, second] = out.nonces as string[]
  const asked = written(library, request, settings, first ? [first] : [])
  const whole = new Uint8Array([...labelHeader(settings.label), ...asked])
  const where = `${id} ${JSON.stringify(settings)}`
  expect(formOf(whole), where).toEqual(out.request)
  const answered = reply ? written(library, reply, settings, second ? [second] : []) : new Uint8Array(0)
  expect(formOf(answered), where).toEqual(out.reply)
  for (const [role, bytes, message] of [
    ['acceptor', whole, request],
    ['initiator', answered, reply],
  ] as const)
    if (message)
      for (const pieceBytes of [bytes.length, bytes.length > 500 ? 997 : 1])
        expect(plain(readAs(role, bytes, settings, pieceBytes)), where).toEqual(plain({ kind: 'message', message }))
}

/** With bytes as a recording writes them: comparing large arrays element by element takes long. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return formOf(value)
  if (value === null || typeof value !== 'object') return value
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, plain)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

describe.each(libraries)('$vectors', { timeout: 60_000 }, (library) => {
  it.each(['GV-H01', 'GV-H02', 'GV-H03'])('push/pulls of %s', (id) => {
    const lines = of(library, 'push-pull').filter((line) => line.id === id)
    expect(lines.length).toBeGreaterThanOrEqual(12)
    for (const line of lines) {
      const side = ({ nodes, userState }: Vector['in']): StreamMessage => ({
        type: 'push-pull',
        join: line.in.join,
        nodes: nodes.map(nodeStateOf),
        userState: bytesOf(userState) ?? new Uint8Array(0),
      })
      compare(library, line, side(line.in.initiator), side(line.in.acceptor))
    }
  })

  it('user messages', () => {
    for (const line of of(library, 'user-stream'))
      compare(library, line, { type: 'user', payload: bytesOf(line.in.payload)! })
  })

  it('pings: answered for the own name or none, else closed', () => {
    const lines = of(library, 'ping-stream')
    expect(new Set(lines.map(({ in: { ping, answered } }) => `${ping.node || 'nobody'} ${answered}`))).toEqual(
      new Set(['node2 true', 'nobody true', 'node3 false']),
    )
    for (const line of lines) {
      const ping = messageOf('ping', line.in.ping) as Ping
      compare(library, line, ping, line.in.answered ? { type: 'ack', seqNo: ping.seqNo, payload: null } : undefined)
    }
  })

  it('error replies: read, and written again; the same requests are answered with an error here too', () => {
    for (const { id, in: fields, settings, out } of of(library, 'error-reply')) {
      const where = `${id} ${JSON.stringify(settings)}`
      const result = readAs('initiator', fromHex(out.reply), settings, fromHex(out.reply).length)
      expect(result, where).toMatchObject({
        kind: 'message',
        message: { type: 'error', error: expect.stringMatching(/./) },
      })
      if (result.kind !== 'message') continue
      const again = written(library, result.message, settings, out.nonces ?? [])
      expectSameBytes(again, out.reply, { kind: 'reply', label: settings.label, keys: keysOf(settings) }, where)

      const request = fromHex(fields.request)
      const acceptor = new StreamReader({
        role: 'acceptor',
        label: settings.label,
        labelMode: 'strict',
        ...encryptionFrom(settings),
      })
      acceptor.push(request)
      expect(acceptor.next(), where).toMatchObject({ kind: 'failed', reply: expect.stringMatching(/./) })
    }
  })

  it('a request under another label is closed without an answer', () => {
    for (const { settings, out } of of(library, 'ping-stream')) {
      const other = { ...settings, label: settings.label === '' ? 'prod' : 'other' }
      const reader = new StreamReader({
        role: 'acceptor',
        label: other.label,
        labelMode: 'strict',
        ...encryptionFrom(other),
      })
      reader.push(fromHex(out.request))
      expect(reader.next()).toMatchObject({ kind: 'failed', drop: { reason: 'label-mismatch' }, reply: undefined })
    }
  })

  it('every kind of line of this file is compared above', () => {
    expect(new Set(vectorsOf(library, 'streams').map(({ in: { type } }) => type))).toEqual(
      new Set(['push-pull', 'user-stream', 'ping-stream', 'error-reply']),
    )
  })
})
