// kv spec 5.2 to the byte. The vector is V5 of kv spec 2.9, recorded from the Go library.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePacketFrame, encodePacketFrame } from '../src/index.ts'
import { portableMd5 } from '../src/node/md5.ts'
import { v5 } from './v5.ts'

const payload = v5.subarray(15, 128)

describe('the frame of a packet', () => {
  it('is the recorded one, byte for byte', () => {
    expect(hex(encodePacketFrame('10.0.0.7:7946', payload))).toBe(hex(v5))
  })

  it('is read back to its address and payload', () => {
    expect(decodePacketFrame(v5)).toEqual({ ok: true, from: '10.0.0.7:7946', payload: new Uint8Array(payload) })
  })

  it('survives any payload and both kinds of address', () => {
    const address = fc.constantFrom('10.0.0.7:7946', '[2001:db8::1]:7946', '255.255.255.255:65535')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), address, (bytes, advertised) => {
        const frame = decodePacketFrame(encodePacketFrame(advertised, bytes))
        expect(frame).toEqual({ ok: true, from: advertised, payload: bytes })
      }),
    )
  })

  it('with any one byte of payload or digest changed does not match', () => {
    for (let i = 15; i < v5.length; i++) {
      const broken = new Uint8Array(v5)
      broken[i]! ^= 1
      expect(decodePacketFrame(broken)).toMatchObject({ ok: false, reason: 'digest-mismatch', from: '10.0.0.7:7946' })
    }
  })

  it('cut short anywhere is never delivered, and malformed where less than a digest follows the address', () => {
    for (let length = 0; length < v5.length; length++) {
      const frame = decodePacketFrame(v5.subarray(0, length))
      expect(frame).toMatchObject({ ok: false, reason: length < 15 + 16 ? 'frame-malformed' : 'digest-mismatch' })
    }
  })

  it('is malformed with an address that nothing could be sent to', () => {
    for (const address of ['', 'localhost:7946', '10.0.0.7', '10.0.0.7:70000', 'a\nb:1'])
      expect(decodePacketFrame(encodePacketFrame(address, payload))).toMatchObject({
        ok: false,
        reason: 'frame-malformed',
      })
  })

  it('gives the address in canonical form', () => {
    expect(decodePacketFrame(encodePacketFrame('[::ffff:10.0.0.7]:7946', payload))).toMatchObject({
      from: '10.0.0.7:7946',
    })
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        bytes[0] = 1
        expect(typeof decodePacketFrame(bytes).ok).toBe('boolean')
      }),
    )
  })
})

describe('the digest where the system has none', () => {
  it('is the one of RFC 1321 A.5', () => {
    const ascii = (text: string) => new TextEncoder().encode(text)
    expect(hex(portableMd5(ascii('')))).toBe('d41d8cd98f00b204e9800998ecf8427e')
    expect(hex(portableMd5(ascii('message digest')))).toBe('f96b697d7cb7938d525a2f31aaf161d0')
  })

  it('is the one of OpenSSL for any bytes, around every block boundary', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + length)
      expect(hex(portableMd5(bytes))).toBe(createHash('md5').update(bytes).digest('hex'))
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
        expect(hex(portableMd5(bytes))).toBe(createHash('md5').update(bytes).digest('hex'))
      }),
    )
  })
})

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
