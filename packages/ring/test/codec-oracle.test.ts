// Goal: our hand-written protobuf says what protobuf says. Method: protobuf-es with the schema of ring spec 1.1 and 1.2,
// both ways, over random rings. Maps travel in no particular order, so meanings are compared, not bytes.
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRingMessage, encodeRingMessage, type InstanceDesc } from '../src/index.ts'
import { anyRing, plain } from './rings.ts'

const field = (name: string, number: number, type: Type, typeName = '', label = Label.OPTIONAL) => ({
  name,
  number,
  type,
  label,
  ...(typeName === '' ? {} : { typeName }),
})
const mapEntry = (name: string, key: Type, value: Type, typeName = '') => ({
  name,
  options: { mapEntry: true },
  field: [field('key', 1, key), field('value', 2, value, typeName)],
})

const schema = create(FileDescriptorProtoSchema, {
  name: 'ring.proto',
  package: 'ring',
  syntax: 'proto3',
  messageType: [
    {
      name: 'Desc',
      field: [field('ingesters', 1, Type.MESSAGE, '.ring.Desc.IngestersEntry', Label.REPEATED)],
      nestedType: [mapEntry('IngestersEntry', Type.STRING, Type.MESSAGE, '.ring.InstanceDesc')],
    },
    {
      name: 'InstanceDesc',
      field: [
        field('addr', 1, Type.STRING),
        field('timestamp', 2, Type.INT64),
        field('state', 3, Type.ENUM, '.ring.InstanceState'),
        field('tokens', 6, Type.UINT32, '', Label.REPEATED),
        field('zone', 7, Type.STRING),
        field('registered', 8, Type.INT64),
        field('id', 9, Type.STRING),
        field('readOnlyUpdated', 10, Type.INT64),
        field('readOnly', 11, Type.BOOL),
        field('versions', 12, Type.MESSAGE, '.ring.InstanceDesc.VersionsEntry', Label.REPEATED),
      ],
      nestedType: [mapEntry('VersionsEntry', Type.UINT64, Type.UINT64)],
    },
  ],
  enumType: [
    {
      name: 'InstanceState',
      value: ['ACTIVE', 'LEAVING', 'PENDING', 'JOINING', 'LEFT'].map((name, number) => ({ name, number })),
    },
  ],
})
const desc = createFileRegistry(schema, () => undefined).getMessage('ring.Desc')!

/** An instance as protobuf-es has it, as far as a schema knows. */
const theirs = (entry: InstanceDesc) => ({
  addr: entry.addr,
  timestamp: BigInt(entry.timestamp),
  state: entry.state,
  tokens: [...entry.tokens],
  zone: entry.zone,
  registered: BigInt(entry.registeredTimestamp),
  id: entry.id,
  readOnlyUpdated: BigInt(entry.readOnlyUpdatedTimestamp),
  readOnly: entry.readOnly,
  versions: Object.fromEntries(Array.from(entry.versions, ([key, value]) => [String(key), value])),
})

describe('protobuf-es', () => {
  it('reads what we write', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        const read = fromBinary(desc, encodeRingMessage(any)) as unknown as { ingesters: Record<string, object> }
        expect(Object.keys(read.ingesters).sort()).toEqual(any.names().sort())
        for (const [name, entry] of any) expect(read.ingesters[name]).toMatchObject(theirs(entry))
      }),
    )
  })

  it('writes what we read, unknown fields included', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        const written = toBinary(desc, fromBinary(desc, encodeRingMessage(any)))
        expect(plain(decodeRingMessage(written))).toEqual(plain(any))
      }),
    )
  })
})
