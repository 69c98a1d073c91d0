// Goal: partition rings are a value type as the store wants them, in dskit's bytes and JSON, and merge as ring spec 2.4 says.
// Method: the store's kit of laws; protobuf-es with the schema of ring spec 1.4, both ways; the rules one by one.
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'
import { compressSnappy, uncompressSnappy } from '@hearsay/encoding'
import { asUnixMs } from '@hearsay/kv'
import { checkLaws } from '@hearsay/kv/laws'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  OwnerState,
  owner,
  type PartitionDesc,
  PartitionRingDesc,
  PartitionState,
  partition,
  partitionRingDesc,
} from '../src/index.ts'

const NOW_S = 1_700_000_000
const NOW = asUnixMs(NOW_S * 1000)
const { Active, Pending, Inactive, Deleted } = PartitionState

checkLaws(partitionRingDesc, {
  describe,
  it,
  arbitraryState(random, wallNow) {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
    // A few seconds, the very first, and the far future: ties and tombstones of all ages.
    const time = () => pick([0, 1, ...[0, 1, 2, 90_000].map((ago) => Math.floor(wallNow / 1000) - ago), wallNow])
    const any = (id: number): PartitionDesc =>
      partition({
        id,
        tokens: Uint32Array.from(pick([[], [1, 5], [1, 6], [2]])),
        state: pick([0, 1, 2, 3, 4, 4, 9]),
        stateTimestamp: time(),
        stateChangeLocked: pick([false, true]),
        stateChangeLockedTimestamp: time(),
        unknown: pick([new Uint8Array(0), Uint8Array.of(0x38, 1), Uint8Array.of(0x38, 2)]),
      })
    return PartitionRingDesc.empty.with(
      Array.from({ length: pick([0, 1, 3]) }, () => any(pick([-1, 0, 1, 2]))),
      Array.from({ length: pick([0, 1, 3]) }, () => [
        pick(['a', 'b', 'a/1']),
        owner({ ownedPartition: pick([0, 1]), state: pick([0, 1, 2, 7]), updatedTimestamp: time() }),
      ]),
    )
  },
  // What JSON does not show, fields of a newer writer, must not get lost either.
  view: (ring) => ({
    ...partitionRingDesc.toJson(ring),
    unknown: Object.fromEntries(Array.from(ring.partitions, ([id, { unknown }]) => [id, [...unknown]])),
  }),
  except: { 'JSON round trip': 'fields of a newer writer are not shown; the test below leaves them out' },
})

const ring = (...partitions: PartitionDesc[]): PartitionRingDesc => PartitionRingDesc.empty.with(partitions, [])
const merged = (a: PartitionRingDesc, b: PartitionRingDesc) => partitionRingDesc.merge(a, b, NOW)
const at = (id: number, state: number, stateTimestamp: number, more: Partial<PartitionDesc> = {}) =>
  partition({ id, state, stateTimestamp, ...more })
const only = ({ partitions }: PartitionRingDesc): PartitionDesc => [...partitions.values()][0]!

describe('partitions', () => {
  it('are taken whole where there is none, whatever their times', () => {
    expect(only(merged(PartitionRingDesc.empty, ring(at(7, Deleted, 0))).change!)).toMatchObject({
      id: 7,
      state: Deleted,
    })
  })

  it('have a state and a lock that change apart, each by its own time', () => {
    const locked = { stateChangeLocked: true, stateChangeLockedTimestamp: 20 }
    const { state, change } = merged(ring(at(1, Pending, 10)), ring(at(1, Active, 5, locked)))
    expect(only(state)).toMatchObject({ state: Pending, stateTimestamp: 10, ...locked })
    expect(only(change!)).toEqual(only(state))
    expect(only(merged(state, ring(at(1, Inactive, 11))).state)).toMatchObject({ state: Inactive, ...locked })
    // A lock outlives the removal and the recreation of its partition.
    const gone = merged(state, ring(at(1, Deleted, 30))).state
    expect(only(merged(gone, ring(at(1, Pending, 40))).state)).toMatchObject({ state: Pending, ...locked })
  })

  it('are deleted rather than anything else of the same second', () => {
    expect(only(merged(ring(at(1, Active, 10)), ring(at(1, Deleted, 10))).state).state).toBe(Deleted)
    expect(merged(ring(at(1, Deleted, 10)), ring(at(1, Active, 10))).change).toBeUndefined()
  })

  it('keep the fields of a newer writer when an old member passes them on without', () => {
    const scheme = at(1, Active, 10, { unknown: Uint8Array.of(0x38, 1) })
    const stripped = at(1, Inactive, 20)
    for (const [a, b] of [
      [scheme, stripped],
      [stripped, scheme],
    ] as const)
      expect(only(merged(ring(a), ring(b)).state)).toMatchObject({ state: Inactive, unknown: Uint8Array.of(0x38, 1) })
  })

  it('that a caller leaves out become tombstones of now, with everything else as it was; owners, too', () => {
    const before = PartitionRingDesc.empty.with(
      [at(1, Active, 10, { tokens: Uint32Array.of(5) }), at(2, Deleted, 10)],
      [['a', owner({ ownedPartition: 1, state: OwnerState.Active, updatedTimestamp: 10 })]],
    )
    const { state, change } = partitionRingDesc.replace(before, PartitionRingDesc.empty, NOW)
    expect(state.partitions.get(1)).toMatchObject({ state: Deleted, stateTimestamp: NOW_S, tokens: Uint32Array.of(5) })
    expect(state.partitions.get(2)!.stateTimestamp).toBe(10)
    expect(state.owners.get('a')).toMatchObject({
      ownedPartition: 1,
      state: OwnerState.Deleted,
      updatedTimestamp: NOW_S,
    })
    expect(partitionRingDesc.names(change!)).toEqual(['1', 'a'])
    expect(partitionRingDesc.names(partitionRingDesc.dropTombstones(state, undefined).state)).toEqual([])
  })

  it('from the far future lose, and are named', () => {
    const far = ring(at(1, Deleted, NOW_S + 3601))
    expect(only(merged(far, ring(at(1, Active, 10))).state).state).toBe(Active)
    expect(merged(ring(at(1, Active, 10)), far).change).toBeUndefined()
    expect(partitionRingDesc.implausible!(far, NOW)).toEqual([
      { name: '1', writer: '', timestampMs: (NOW_S + 3601) * 1000 },
    ])
    expect(only(merged(ring(at(1, Active, 10)), ring(at(1, Deleted, NOW_S + 3600))).state).state).toBe(Deleted)
  })
})

const field = (name: string, number: number, type: Type, typeName = '', label = Label.OPTIONAL) => ({
  name,
  number,
  type,
  label,
  ...(typeName === '' ? {} : { typeName }),
})
const mapEntry = (name: string, key: Type, typeName: string) => ({
  name,
  options: { mapEntry: true },
  field: [field('key', 1, key), field('value', 2, Type.MESSAGE, typeName)],
})
const schema = create(FileDescriptorProtoSchema, {
  name: 'partitions.proto',
  package: 'ring',
  syntax: 'proto3',
  messageType: [
    {
      name: 'PartitionRingDesc',
      field: [
        field('partitions', 1, Type.MESSAGE, '.ring.PartitionRingDesc.PartitionsEntry', Label.REPEATED),
        field('owners', 2, Type.MESSAGE, '.ring.PartitionRingDesc.OwnersEntry', Label.REPEATED),
      ],
      nestedType: [
        mapEntry('PartitionsEntry', Type.INT32, '.ring.PartitionDesc'),
        mapEntry('OwnersEntry', Type.STRING, '.ring.OwnerDesc'),
      ],
    },
    {
      name: 'PartitionDesc',
      field: [
        field('tokens', 1, Type.UINT32, '', Label.REPEATED),
        field('state', 2, Type.INT32),
        field('stateTimestamp', 3, Type.INT64),
        field('id', 4, Type.INT32),
        field('stateChangeLocked', 5, Type.BOOL),
        field('stateChangeLockedTimestamp', 6, Type.INT64),
      ],
    },
    {
      name: 'OwnerDesc',
      field: [
        field('ownedPartition', 1, Type.INT32),
        field('state', 2, Type.INT32),
        field('updatedTimestamp', 3, Type.INT64),
      ],
    },
  ],
})
const desc = createFileRegistry(schema, () => undefined).getMessage('ring.PartitionRingDesc')!

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const seconds = fc.oneof(fc.nat(), fc.constant(0), fc.constant(2n ** 60n))
const anyRing = fc
  .tuple(
    fc.array(
      fc.record({
        id: fc.oneof(fc.nat(5), int32),
        tokens: fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 })).map((list) => Uint32Array.from(list).sort()),
        state: fc.oneof(fc.nat(4), int32),
        stateTimestamp: seconds,
        stateChangeLocked: fc.boolean(),
        stateChangeLockedTimestamp: seconds,
      }),
    ),
    fc.array(
      fc.tuple(
        fc.string(),
        fc.record({ ownedPartition: int32, state: fc.nat(3), updatedTimestamp: seconds }).map(owner),
      ),
    ),
  )
  .map(([partitions, owners]) => PartitionRingDesc.empty.with(partitions.map(partition), owners))

describe('a partition ring in bytes', () => {
  it('is what protobuf-es reads and writes', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        // It keeps maps in plain objects, and so loses this name, which ours does not: see the next test.
        fc.pre(!any.owners.has('__proto__'))
        const bytes = uncompressSnappy(partitionRingDesc.encode(any), 2 ** 20)
        const read = fromBinary(desc, bytes) as unknown as {
          partitions: Record<string, object>
          owners: Record<string, object>
        }
        expect(Object.keys(read.partitions)).toHaveLength(any.partitions.size)
        for (const [id, each] of any.partitions)
          expect(read.partitions[id]).toMatchObject({
            id,
            tokens: [...each.tokens],
            state: each.state,
            stateTimestamp: BigInt(each.stateTimestamp),
            stateChangeLocked: each.stateChangeLocked,
            stateChangeLockedTimestamp: BigInt(each.stateChangeLockedTimestamp),
          })
        for (const [name, { ownedPartition, state, updatedTimestamp }] of any.owners)
          expect(read.owners[name]).toMatchObject({ ownedPartition, state, updatedTimestamp: BigInt(updatedTimestamp) })
        const back = partitionRingDesc.decode(compressSnappy(toBinary(desc, fromBinary(desc, bytes))))
        expect(partitionRingDesc.toJson(back)).toEqual(partitionRingDesc.toJson(any))
      }),
    )
  })

  it('keeps an owner called __proto__, also as JSON', () => {
    const any = PartitionRingDesc.empty.with(
      [],
      [['__proto__', owner({ ownedPartition: 1, state: 1, updatedTimestamp: 2 })]],
    )
    const back = partitionRingDesc.decode(partitionRingDesc.encode(any))
    expect([...back.owners.keys()]).toEqual(['__proto__'])
    const json = JSON.parse(JSON.stringify(partitionRingDesc.toJson(back)))
    expect([...partitionRingDesc.fromJson(json).owners.keys()]).toEqual(['__proto__'])
  })

  it('writes partition 0 with its key, and the empty ring as one byte', () => {
    const bytes = uncompressSnappy(partitionRingDesc.encode(ring(at(0, Pending, 0))), 100)
    expect(Buffer.from(bytes).toString('hex')).toBe('0a0608001202' + '1001')
    expect(partitionRingDesc.encode(PartitionRingDesc.empty)).toEqual(Uint8Array.of(0))
    expect(partitionRingDesc.decode(Uint8Array.of(0))).toBe(PartitionRingDesc.empty)
  })
})

describe('a partition ring as JSON', () => {
  it('has the names of dskit, and comes back as it went', () => {
    const json = {
      partitions: {
        '3': { tokens: [1, 9], state: 'PartitionActive', stateTimestamp: 10, id: 3 },
        '0': {
          tokens: [],
          state: '9',
          stateTimestamp: 0,
          stateChangeLocked: true,
          stateChangeLockedTimestamp: '1152921504606846976',
        },
      },
      owners: { 'ingester-1/3': { ownedPartition: 3, state: 'OwnerActive', updatedTimestamp: 10 } },
    }
    expect(partitionRingDesc.toJson(partitionRingDesc.fromJson(json))).toEqual(json)
    fc.assert(
      fc.property(anyRing, (any) => {
        const through = partitionRingDesc.fromJson(JSON.parse(JSON.stringify(partitionRingDesc.toJson(any))))
        expect(partitionRingDesc.toJson(through)).toEqual(partitionRingDesc.toJson(any))
      }),
    )
  })

  it('reads states as names or numbers', () => {
    const state = (value: unknown) => only(partitionRingDesc.fromJson({ partitions: { 1: { state: value } } })).state
    expect([state('PartitionInactive'), state('Inactive'), state(3), state('3'), state(undefined)]).toEqual([
      3, 3, 3, 3, 0,
    ])
  })

  it.each([
    [[], '$'],
    [{ partitions: [] }, '$.partitions'],
    [{ partitions: { x: {} } }, '$.partitions["x"]'],
    [{ partitions: { 4294967296: {} } }, '$.partitions["4294967296"]'],
    [{ partitions: { 1: { id: 2 } } }, '$.partitions["1"].id'],
    [{ partitions: { 1: { state: 'Gone' } } }, '$.partitions["1"].state'],
    [{ partitions: { 1: { tokens: [-1] } } }, '$.partitions["1"].tokens[0]'],
    [{ owners: { a: { state: 'PartitionActive' } } }, '$.owners["a"].state'],
    [{ owners: { a: { ownedPartition: 0.5 } } }, '$.owners["a"].ownedPartition'],
  ])('is refused with the path of the problem: %j', (json, path) => {
    expect(() => partitionRingDesc.fromJson(json)).toThrowError(expect.objectContaining({ code: 'JSON_INVALID' }))
    expect(() => partitionRingDesc.fromJson(json)).toThrowError(path)
  })
})
