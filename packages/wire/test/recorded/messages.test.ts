// Goal: bodies of messages equal to those of the Go library, and the same view of what others may send. Method: what
// five of its versions recorded (wire spec 8 A), built again from what went in, and decoded again from what came out.

import { isDeepStrictEqual } from 'node:util'
import { ByteReader, ByteWriter, DecodeError, fromHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import { type PacketMessage, Part } from '../../src/index.ts'
import { decodeMessage } from '../../src/messages/index.ts'
import { nodeState, pushPullHeader, userHeader } from '../../src/messages/stream-bodies.ts'
import { encodeStreamMessage } from '../../src/stream-message.ts'
import { differing } from './differences.ts'
import { bodies, messageOf, messageTypes, nodeStateOf, pushPullHeaderOf, userHeaderOf } from './fields.ts'
import { formOf, libraries, textOf, type Vector, vectorsOfType } from './vectors.ts'

/** The older codec writes positive numbers of signed types as unsigned ones (wire spec 1.4). */
const isOld = ({ lib }: Vector) => lib.endsWith('memberlist@v0.5.0')

describe.each(libraries)('$vectors', (library) => {
  it.each(messageTypes)('%s: encoded and decoded alike', (type) => {
    for (const { in: fields, out } of vectorsOfType(library, 'messages', type)) {
      const message = messageOf(type, fields)
      if (typeof out === 'string') expect(decodeMessage(fromHex(out)), JSON.stringify(fields)).toEqual(decoded(message))
      // Go peers may have sent fewer than six version bytes; we never do (wire spec 4.3).
      if (message.type === 'alive' && message.versions === null) continue
      expect(formOf(new Part(message).bytes), JSON.stringify(fields)).toEqual(out)
    }
  })

  it('error', () => {
    for (const { in: fields, out } of vectorsOfType(library, 'messages', 'error')) {
      const message = { type: 'error' as const, error: textOf(fields.error) }
      expect(formOf(encodeStreamMessage(message, { compression: 'none' }))).toEqual(out)
      expect(bodies.error!.decode(fromHex(out).subarray(1))).toEqual(message)
    }
  })

  it('headers of streams', () => {
    const headers = {
      'user-header': [userHeader, userHeaderOf],
      'push-pull-header': [pushPullHeader, pushPullHeaderOf],
    }
    for (const [type, [codec, fieldsOf]] of Object.entries(headers) as [
      string,
      [typeof userHeader, typeof userHeaderOf],
    ][])
      for (const line of vectorsOfType(library, 'messages', type)) {
        const header = fieldsOf(line.in)
        const bytes = fromHex(line.out)
        expect(codec.read(new ByteReader(bytes.subarray(1))), JSON.stringify(line.in)).toEqual(header)
        if (isOld(line) && Object.values(line.in).some((value) => value > 127)) continue
        const writer = new ByteWriter(64)
        writer.u8(bytes[0]!)
        codec.write(writer, header)
        expect(formOf(writer.finish()), JSON.stringify(line.in)).toBe(line.out)
      }
  })

  it('entries of push/pulls', () => {
    for (const { in: fields, out } of vectorsOfType(library, 'messages', 'node-state')) {
      const state = nodeStateOf(fields)
      const writer = new ByteWriter(256)
      nodeState.write(writer, state)
      expect(formOf(writer.finish()), JSON.stringify(fields)).toBe(out)
      expect(nodeState.read(new ByteReader(fromHex(out)))).toEqual(state)
    }
  })

  it('accepts what the library accepts, with the same result, and refuses the rest', () => {
    const lines = vectorsOfType(library, 'messages', 'decode')
    expect(lines.filter((line) => !agrees(line)).map(({ id }) => id)).toEqual(differing(library, lines))
  })
})

function agrees({ in: { message, body }, out }: Vector): boolean {
  const { expected, decode } = bodies[message]!
  let ours: object
  try {
    ours = decode(fromHex(body))
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    return out === null
  }
  return out !== null && isDeepStrictEqual(ours, expected(out))
}

/** What a message decodes as: an empty source address is not written. */
function decoded(message: PacketMessage): PacketMessage {
  const isSourced = message.type === 'ping' || message.type === 'indirect-ping'
  return isSourced && message.sourceAddress?.length === 0 ? { ...message, sourceAddress: null } : message
}
