import { fromHex, toHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import { decodePacket, type LabelMode, labelHeader, labelOverheadBytes, openPacket, sealPacket } from '../src/index.ts'
import { acceptor, ackHex, ackMessage, pingHex, readAll } from './samples.ts'

const strict = { label: '', labelMode: 'strict' } as const

describe('a label', () => {
  it("stands before a packet as in Go's", () => {
    const packet = sealPacket(fromHex(ackHex), { label: 'prod' })
    expect(toHex(packet)).toBe(`f40470726f64${ackHex}`)
    const opened = openPacket(packet, { label: 'prod', labelMode: 'strict' })
    expect(opened.ok && decodePacket(opened.payload).messages).toEqual([ackMessage])
  })

  it('that is empty stands nowhere', () => {
    expect(toHex(sealPacket(fromHex(ackHex), { label: '' }))).toBe(ackHex)
    expect(labelOverheadBytes('')).toBe(0)
  })

  it('has 1 to 255 bytes of UTF-8', () => {
    expect(labelHeader('l'.repeat(255)).length).toBe(257)
    expect(toHex(labelHeader('é'))).toBe('f402c3a9')
    expect(labelOverheadBytes('prod')).toBe(6)
    expect(() => labelHeader('l'.repeat(256))).toThrow(RangeError)
    expect(() => labelHeader('é'.repeat(128))).toThrow(RangeError)
    const longest = { label: 'é'.repeat(127), labelMode: 'strict' } as const
    expect(openPacket(sealPacket(fromHex(ackHex), longest), longest).ok).toBe(true)
  })

  // Ours, what we do with theirs, theirs, accepted.
  it.each<readonly [string, LabelMode, string, boolean]>([
    ['', 'strict', '', true],
    ['', 'strict', 'prod', false],
    ['prod', 'strict', 'prod', true],
    ['prod', 'strict', '', false],
    ['prod', 'strict', 'test', false],
    ['prod', 'strict', 'PROD', false],
    ['prod', 'stripped-by-proxy', '', true],
    ['prod', 'stripped-by-proxy', 'prod', false],
    ['prod', 'stripped-by-proxy', 'test', false],
    ['', 'stripped-by-proxy', '', true],
    ['', 'stripped-by-proxy', 'prod', false],
    ['prod', 'ignore', '', true],
    ['prod', 'ignore', 'prod', true],
    ['prod', 'ignore', 'test', true],
    ['', 'ignore', 'prod', true],
  ])('%j, %s, meets %j: accepted is %s, on packets and on streams', (label, labelMode, received, accepted) => {
    const opened = openPacket(sealPacket(fromHex(ackHex), { label: received }), { label, labelMode })
    if (opened.ok) expect(toHex(opened.payload)).toBe(ackHex)
    else expect(opened.drop.reason).toBe('label-mismatch')
    expect(opened.ok).toBe(accepted)

    const stream = Uint8Array.of(...labelHeader(received), ...fromHex(pingHex))
    const result = readAll(acceptor({ label, labelMode }), stream)
    if (accepted) expect(result.kind).toBe('message')
    else expect(result).toMatchObject({ kind: 'failed', drop: { reason: 'label-mismatch' }, reply: undefined })
  })

  it.each(['f4', 'f40561', 'f400', `f400${ackHex}`])('that is damaged (%s) is refused in every mode', (hex) => {
    for (const labelMode of ['strict', 'stripped-by-proxy', 'ignore'] as const)
      expect(openPacket(fromHex(hex), { label: '', labelMode })).toMatchObject({
        ok: false,
        drop: { reason: 'label-malformed' },
      })
  })

  it('before nothing leaves nothing, which is refused as a message', () => {
    const opened = openPacket(fromHex('f40161'), { label: 'a', labelMode: 'strict' })
    expect(opened.ok && decodePacket(opened.payload)).toMatchObject({ messages: [], drops: [{ reason: 'empty' }] })
    expect(openPacket(new Uint8Array(0), strict)).toMatchObject({ ok: false, drop: { reason: 'empty' } })
  })

  it('after a label is no message', () => {
    const opened = openPacket(fromHex(`f40161f40161${ackHex}`), { label: 'a', labelMode: 'strict' })
    expect(opened.ok && decodePacket(opened.payload)).toMatchObject({
      messages: [],
      drops: [{ reason: 'unknown-type' }],
    })
  })

  it("opens the packet that dskit's transport carries", () => {
    const packet =
      'f40470726f640cc44285ef080a0f636f6c6c6563746f72732f72696e6712484750' +
      '0a450a0a696e6765737465722d3012370a0d31302e0102b4373a393039351080e2cfaa0632066480bcc1960b3a067a6f6e652d614098dacfaa064a0a696e6765737465722d30' +
      '1a0872696e6744657363'
    const opened = openPacket(fromHex(packet), { label: 'prod', labelMode: 'strict' })
    const { messages, drops } = decodePacket(opened.ok ? opened.payload : new Uint8Array(0))
    expect(drops).toEqual([])
    expect(messages).toMatchObject([{ type: 'user', payload: { length: 101 } }])
  })
})
