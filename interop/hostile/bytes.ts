/**
 * Bytes by hand: MessagePack in every form, and memberlist's messages from it (wire spec 1). Written without our own
 * encoder, so that what goes to both peers is not what one of them would have written.
 */

/** Hex, with spaces allowed, to bytes. */
export const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits.replaceAll(' ', ''), 'hex'))

/** Everything behind each other. */
export function cat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** ASCII or UTF-8 text. */
export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
/** Two bytes, the higher one first. */
export const u16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff]
/** Four bytes, the highest one first. */
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)]

/** One encoded value. */
export type Encoded = Uint8Array

/** Go's nil. */
export const nil: Encoded = hex('c0')
/** True. */
export const yes: Encoded = hex('c3')
/** False. */
export const no: Encoded = hex('c2')

/** An unsigned integer as Go writes it: the smallest form. */
export function uint(value: number): Encoded {
  if (value < 0x80) return Uint8Array.of(value)
  if (value < 0x100) return Uint8Array.of(0xcc, value)
  return value < 0x10000 ? cat([0xcd], u16(value)) : cat([0xce], u32(value))
}

/** A Go `int` that is not negative, in codec 2's signed families. */
export function int(value: number): Encoded {
  if (value < 0x80) return Uint8Array.of(value)
  return value < 0x8000 ? cat([0xd1], u16(value)) : cat([0xd2], u32(value))
}

/** Raw bytes or text, with the smallest header. */
export function raw(value: Uint8Array | string): Encoded {
  const bytes = typeof value === 'string' ? text(value) : value
  if (bytes.length < 32) return cat([0xa0 | bytes.length], bytes)
  return bytes.length < 0x10000 ? cat([0xda], u16(bytes.length), bytes) : cat([0xdb], u32(bytes.length), bytes)
}

/** Text with the header of newer MessagePack, which a peer must read but none writes. */
export const str8 = (value: Uint8Array | string): Encoded => longRaw(0xd9, value)
/** Bytes with the header of newer MessagePack, which a peer must read but none writes. */
export const bin8 = (value: Uint8Array | string): Encoded => longRaw(0xc4, value)

function longRaw(tag: number, value: Uint8Array | string): Encoded {
  const bytes = typeof value === 'string' ? text(value) : value
  return cat([tag, bytes.length], bytes)
}

/** An array of at most 15 values. */
export const array = (...values: readonly Encoded[]): Encoded => cat([0x90 | values.length], ...values)
/** Bytes as an array of small integers. */
export const byteArray = (bytes: Uint8Array): Encoded => array(...[...bytes].map(uint))

/** A map, in the order given. */
export const map = (entries: readonly (readonly [key: Encoded, value: Encoded])[]): Encoded =>
  cat([0x80 | entries.length], ...entries.flat())

/** Encoded fields by name; `undefined` leaves one out. Written in ascending order, as Go does. */
export type Fields = Readonly<Record<string, Encoded | undefined>>

/** A message: its type, and a map of its fields. */
export function message(type: number, fields: Fields): Uint8Array {
  return cat([type], struct(fields))
}

/** A map of fields, without a type. */
export function struct(fields: Fields): Uint8Array {
  const present = Object.entries(fields).flatMap(([key, value]) => (value ? [[key, value] as const] : []))
  present.sort(([a], [b]) => (a < b ? -1 : 1))
  return map(present.map(([key, value]) => [raw(key), value]))
}

/** 127.0.0.1 */
export const loopback = Uint8Array.of(127, 0, 0, 1)
/** The same, as IPv6 holds it. */
export const mapped = (ip: Uint8Array): Uint8Array => cat(new Uint8Array(10), [0xff, 0xff], ip)
/** PMin, PMax, PCur, DMin, DMax, DCur of every member by default. */
export const usualVersions = Uint8Array.of(1, 5, 2, 0, 0, 0)

/** A ping for whoever gets it. */
export const ping = (seqNo: number, fields: Fields = {}): Uint8Array =>
  message(0, { Node: raw(''), SeqNo: uint(seqNo), ...fields })

/** A wish for a ping; the target is among the fields. */
export const indirectPing = (seqNo: number, fields: Fields): Uint8Array =>
  message(1, { Nack: no, Node: raw(''), SeqNo: uint(seqNo), ...fields })

/** An answer to a ping. */
export const ack = (seqNo: number, fields: Fields = {}): Uint8Array =>
  message(2, { Payload: nil, SeqNo: uint(seqNo), ...fields })

/** A relay's word that there was no answer. */
export const nack = (seqNo: number): Uint8Array => message(11, { SeqNo: uint(seqNo) })

/** An accusation. */
export const suspect = (node: string, incarnation: number, from = 'accuser', fields: Fields = {}): Uint8Array =>
  message(3, { From: raw(from), Incarnation: uint(incarnation), Node: raw(node), ...fields })

/** A verdict, or, where `from` is the node itself, a leave. */
export const dead = (node: string, incarnation: number, from = 'accuser', fields: Fields = {}): Uint8Array =>
  message(5, { From: raw(from), Incarnation: uint(incarnation), Node: raw(node), ...fields })

/** An alive at 127.0.0.1:9, where nobody listens. */
export const alive = (node: string, incarnation: number, fields: Fields = {}): Uint8Array =>
  message(4, {
    Addr: raw(loopback),
    Incarnation: uint(incarnation),
    Meta: nil,
    Node: raw(node),
    Port: uint(9),
    Vsn: raw(usualVersions),
    ...fields,
  })

/** A user message in a packet. */
export const user = (payload: Uint8Array | string): Uint8Array =>
  cat([8], typeof payload === 'string' ? text(payload) : payload)

/** A user message on a stream; `length` may lie. */
export function streamUser(payload: Uint8Array | string, length?: Encoded): Uint8Array {
  const bytes = typeof payload === 'string' ? text(payload) : payload
  return cat(message(8, { UserMsgLen: length ?? int(bytes.length) }), bytes)
}

/** One entry of a push/pull. */
export const nodeState = (name: string, incarnation: number, state: number, fields: Fields = {}): Uint8Array =>
  struct({
    Addr: raw(loopback),
    Incarnation: uint(incarnation),
    Meta: nil,
    Name: raw(name),
    Port: uint(9),
    State: state < 0 ? Uint8Array.of(state & 0xff) : int(state),
    Vsn: raw(usualVersions),
    ...fields,
  })

/** A push/pull; the header may lie. */
export function pushPull(
  nodes: readonly Uint8Array[],
  {
    join = false,
    state = new Uint8Array(0),
    header = {},
  }: { join?: boolean; state?: Uint8Array; header?: Fields } = {},
): Uint8Array {
  const fields = { Join: join ? yes : no, Nodes: int(nodes.length), UserStateLen: int(state.length), ...header }
  return cat(message(6, fields), ...nodes, state)
}
