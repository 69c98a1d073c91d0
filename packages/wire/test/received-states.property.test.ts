/**
 * Goal: that entries of a push/pull are written and read by hand changes nothing but the time it takes. Method: beside the
 * codec that does it by schema, on entries as everybody writes them, in other forms, and damaged; alone and in a message.
 */
import { ByteReader, ByteWriter, DecodeError, toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryAt, entryEnd, entryRoom, putEntry, wordsOf } from '../src/entry-form.ts'
import {
  type KnownNames,
  type NodeState,
  type NodeStates,
  PackedStates,
  type PushPull,
  StreamReader,
} from '../src/index.ts'
import { nodeState, pushPullHeader } from '../src/messages/stream-bodies.ts'
import { join, nodeStates } from './property-samples.ts'
import { edges, uint16, uint32, versions } from './samples.ts'

const lengths = fc.constantFrom(0, 1, 4, 16, 24, 31, 32, 255, 256, 2000)
const filled = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
const entries: fc.Arbitrary<NodeState> = fc.oneof(
  nodeStates.map((node) => ({ ...node, state: node.state < 250 ? node.state % 4 : node.state })),
  fc.record({
    name: lengths.map((length) => 'member-'.repeat(300).slice(0, length)),
    address: fc.option(filled, { nil: null }),
    port: uint16,
    meta: fc.option(filled, { nil: null }),
    incarnation: uint32,
    state: edges(4),
    versions: fc.oneof(versions, fc.constant(null)),
  }),
)

function bySchema(node: NodeState): Uint8Array {
  const writer = new ByteWriter()
  nodeState.write(writer, node)
  return writer.finish()
}

/** The same fields, in forms that only old or strange peers write. */
const otherForms: readonly ((hex: string) => string)[] = [
  (hex) => `de0007${hex.slice(2)}`,
  (hex) => hex.replace('a4506f7274', 'd904506f7274'),
  (hex) => hex.replace('a4506f7274cd', 'a4506f7274ce0001'),
  (hex) => hex.replace(/a44e616d65a5.{10}/, 'a44e616d65c0'),
  (hex) => hex.replace('a5537461746500', 'a55374617465cc00'),
  (hex) => hex.replace('a356736ea6', 'a356736ec406'),
  (hex) => hex.replace('ab496e6361726e6174696f6e', 'ab496e6361726e6174696f6ed3000000'),
  (hex) => `88a3466f6fc0${hex.slice(2)}`,
  (hex) => `86${hex.slice(2).replace(/a441646472(c0|a4.{8})/, '')}`,
]
const harms: readonly ((bytes: Uint8Array, at: number, value: number) => Uint8Array)[] = [
  (bytes) => bytes,
  (bytes, at, value) => bytes.with(at % bytes.length, value),
  (bytes, at, value) =>
    join(bytes.subarray(0, at % bytes.length), Uint8Array.of(value), bytes.subarray(at % bytes.length)),
  (bytes, at) => join(bytes.subarray(0, at % bytes.length), bytes.subarray((at % bytes.length) + 1)),
  (bytes, at) => bytes.slice(0, at % bytes.length),
]
// What begins a value, and what changes little.
const strange = fc.oneof(
  fc.nat(255),
  fc.constantFrom(0x7f, 0x80, 0x87, 0xa0, 0xa6, 0xbf, 0xc0, 0xc4, 0xcc, 0xcd, 0xce, 0xcf, 0xd1, 0xd9, 0xda, 0xdb, 0xff),
)
const forms = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(...otherForms) },
)
const formed: fc.Arbitrary<Uint8Array> = fc
  .tuple(entries, forms)
  .map(([node, form]) => (form ? Uint8Array.from(Buffer.from(form(toHex(bySchema(node))), 'hex')) : bySchema(node)))
const damaged: fc.Arbitrary<Uint8Array> = fc
  .tuple(formed, fc.constantFrom(...harms), fc.nat(3000), strange)
  .map(([bytes, harm, at, value]) => harm(bytes, at, value))

describe('an entry', () => {
  it('is written as the schema has it, in the room that it asks for', () => {
    fc.assert(
      fc.property(entries, fc.nat(30), (node, start) => {
        const bytes = new Uint8Array(start + entryRoom(node))
        const end = putEntry(wordsOf(bytes), start, node)
        expect(toHex(bytes.subarray(0, end))).toBe('00'.repeat(start) + toHex(bySchema(node)))
      }),
      { numRuns: 500 },
    )
  })

  it('is read by hand where everybody writes it so, and never before all of it is there', () => {
    fc.assert(
      fc.property(entries, fc.uint8Array({ maxLength: 3 }), (node, tail) => {
        const bytes = bySchema(node)
        const isUsual = node.state < 0x80
        expect(entryEnd(wordsOf(join(bytes, tail)), 0, bytes.length + tail.length)).toBe(isUsual ? bytes.length : -1)
        for (let end = 0; end < bytes.length; end += bytes.length > 300 ? 13 : 1)
          expect(entryEnd(wordsOf(bytes), 0, end)).toBe(-1)
      }),
      { numRuns: 200 },
    )
  })

  it('that is read by hand is what the schema reads, whatever was done to it', () => {
    let byHand = 0
    fc.assert(
      fc.property(damaged, fc.option(versions, { nil: null }), (bytes, latest) => {
        const end = entryEnd(wordsOf(bytes), 0, bytes.length)
        if (end < 0) return
        byHand++
        const reader = new ByteReader(bytes)
        expect(entryAt(bytes, 0, latest)).toEqual(nodeState.read(reader))
        expect(reader.offset).toBe(end)
      }),
      { numRuns: 3000 },
    )
    expect(byHand).toBeGreaterThan(500)
  })

  it('that speaks what the one before spoke has the very same versions', () => {
    fc.assert(
      fc.property(nodeStates, versions, (node, latest) => {
        const { state, versions } = node
        const bytes = bySchema({ ...node, state: state % 4 })
        const same =
          versions !== null &&
          Object.entries(latest).every(([key, each]) => versions[key as keyof typeof latest] === each)
        expect(entryAt(bytes, 0, latest).versions === latest).toBe(same)
        expect(entryAt(bytes, 0, versions).versions).toBe(versions)
      }),
    )
  })
})

interface Read {
  readonly nodes: NodeStates
  readonly userState: Uint8Array
}

/** The plain way: by schema, all at once. What it throws says why not. */
function plainly(bytes: Uint8Array): Read | DecodeError {
  const reader = new ByteReader(bytes, 1)
  try {
    const { nodeCount, userStateBytes } = pushPullHeader.read(reader)
    const nodes = Array.from({ length: nodeCount }, () => nodeState.read(reader))
    return { nodes, userState: reader.take(userStateBytes) }
  } catch (error) {
    if (error instanceof DecodeError) return error
    throw error
  }
}

function message(pieces: readonly Uint8Array[], userState: Uint8Array): Uint8Array {
  const writer = new ByteWriter()
  writer.u8(6)
  pushPullHeader.write(writer, { join: false, nodeCount: pieces.length, userStateBytes: userState.length })
  return join(writer.since(0), ...pieces, userState)
}

function streamed(bytes: Uint8Array, pieceBytes: number): ReturnType<StreamReader['next']> {
  const reader = new StreamReader({ role: 'initiator', label: '', labelMode: 'strict' })
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes))
    if (reader.next().kind !== 'need-more') break
  }
  reader.end()
  return reader.next()
}

const messages = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: formed }, { weight: 1, arbitrary: damaged }), { maxLength: 6 }),
    filled,
  )
  .map(([pieces, userState]) => message(pieces, userState))
const pieceBytes = fc.constantFrom(1, 7, 64, 100_000)

function visited(nodes: NodeStates, known: KnownNames): NodeState[] {
  const seen: NodeState[] = []
  nodes.visit?.(known, (node) => seen.push(node))
  return seen
}

describe('the entries of a message', () => {
  it('are packed as the schema has each, and are read again', () => {
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 20 }), fc.nat(20), (nodes, guess) => {
        const packed = new PackedStates(guess)
        for (const node of nodes) packed.add(node)
        expect(toHex(packed.bytes)).toBe(nodes.map((node) => toHex(bySchema(node))).join(''))
        expect(packed.length).toBe(nodes.length)
        expect([...packed]).toEqual(nodes.map((node) => nodeState.read(new ByteReader(bySchema(node)))))
      }),
    )
  })

  it('are those that the schema reads, and fail for the same reason at the same place', () => {
    const outcomes = { message: 0, truncated: 0, malformed: 0 } as Record<string, number>
    fc.assert(
      fc.property(messages, pieceBytes, (bytes, size) => {
        const expected = plainly(bytes)
        const result = streamed(bytes, size)
        const outcome = result.kind === 'failed' ? result.drop.reason : result.kind
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        if (expected instanceof DecodeError) {
          expect(outcome).toBe(expected.reason)
          // Of one that ends too early it is only said that it does.
          if (outcome !== 'truncated')
            expect(result).toMatchObject({ drop: { offset: expected.offset, detail: expected.message } })
          return
        }
        expect(outcome).toBe('message')
        const { nodes, userState } = (result as { message: PushPull }).message
        expect(nodes.length).toBe(expected.nodes.length)
        expect([...nodes]).toEqual(expected.nodes)
        // As often as one likes.
        expect([...nodes]).toEqual(expected.nodes)
        expect(userState).toEqual(expected.userState)
      }),
      { numRuns: 1000 },
    )
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(10)
  })

  it('have a few among them that stand for the versions and the state of all', () => {
    const few = fc.record({ state: fc.nat(2), protocolCurrent: fc.nat(2) })
    fc.assert(
      fc.property(fc.array(fc.tuple(few, forms), { maxLength: 40 }), (kinds) => {
        const pieces = kinds.map(([{ state, protocolCurrent }, form], index) => {
          const spoken = {
            protocolMin: 1,
            protocolMax: 5,
            protocolCurrent,
            delegateMin: 0,
            delegateMax: 0,
            delegateCurrent: 0,
          }
          const node = {
            name: `n${index}`,
            address: null,
            port: 1,
            meta: null,
            incarnation: 1,
            state,
            versions: spoken,
          }
          const hex = toHex(bySchema(node))
          return Uint8Array.from(Buffer.from(form ? form(hex) : hex, 'hex'))
        })
        const result = streamed(message(pieces, new Uint8Array(0)), 100_000)
        if (result.kind !== 'message') return
        const { nodes } = result.message as PushPull
        const all = [...nodes]
        const standing = [...(nodes.kinds ?? [])]
        const kindOf = ({ state, versions }: NodeState): string => JSON.stringify([state, versions])
        const place = ({ name }: NodeState): number => all.findIndex((each) => each.name === name)
        for (const node of all)
          expect(standing.some((each) => kindOf(each) === kindOf(node) && place(each) <= place(node))).toBe(true)
        for (const node of standing) expect(all).toContainEqual(node)
      }),
    )
  })

  it('are the same for somebody who knows some of the names, in whatever order', () => {
    const names = fc.oneof(
      fc.nat(9).map(String),
      fc.constantFrom('', 'é', 'Ã©', 'member-27-bytes-long-name-0', 'member-27-bytes-long-name-1'),
    )
    const few = fc.array(fc.tuple(names, forms), { maxLength: 40 })
    fc.assert(
      fc.property(
        few,
        fc.array(fc.option(names, { nil: undefined }), { maxLength: 40 }),
        fc.boolean(),
        (sent, held, isAlike) => {
          const pieces = sent.map(([name, form]) => {
            const hex = toHex(
              bySchema({ name, address: null, port: 1, meta: null, incarnation: 1, state: 0, versions: null }),
            )
            return Uint8Array.from(Buffer.from(form ? form(hex) : hex, 'hex'))
          })
          const result = streamed(message(pieces, new Uint8Array(0)), 100_000)
          if (result.kind !== 'message') return
          const { nodes } = result.message as PushPull
          const list = isAlike ? [...nodes].map(({ name }) => name) : held
          const known = { find: (name: string) => list.indexOf(name), name: (index: number) => list[index] }
          expect(visited(nodes, known)).toEqual([...nodes])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('make no text of names that come in a known order, and find it again', () => {
    const list = Array.from({ length: 100 }, (_, index) => `member-27-bytes-long-name-${index}`)
    const sent = [...list.slice(50, 80), 'stranger', ...list.slice(80), ...list.slice(0, 50)]
    const pieces = sent.map((name) =>
      bySchema({ name, address: null, port: 1, meta: null, incarnation: 1, state: 0, versions: null }),
    )
    const { nodes } = (streamed(message(pieces, new Uint8Array(0)), 100_000) as { message: PushPull }).message
    const asked: number[] = []
    const searched: string[] = []
    const known = {
      find: (name: string) => {
        searched.push(name)
        return list.indexOf(name)
      },
      name: (index: number) => {
        asked.push(index)
        return list[index]
      },
    }
    expect(visited(nodes, known).map(({ name }) => name)).toEqual(sent)
    expect(searched).toEqual([list[50], 'stranger', list[0]])
    expect(asked).toHaveLength(sent.length)
  })

  it('that are all of one kind have one that stands for them', () => {
    const node = { name: 'n', address: null, port: 1, meta: null, incarnation: 1, state: 0, versions: null }
    const result = streamed(
      message(
        Array.from({ length: 100 }, () => bySchema(node)),
        new Uint8Array(0),
      ),
      100_000,
    )
    const { nodes } = (result as { message: PushPull }).message
    expect(nodes.length).toBe(100)
    expect([...(nodes.kinds ?? [])]).toHaveLength(1)
  })
})
