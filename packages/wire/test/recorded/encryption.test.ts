// Goal: bodies and frames that the Go library encrypted are opened, and encrypted to the same bytes again. Method: what
// five of its versions recorded (wire spec 8 F); the nonce is taken from the recording. What crashes Go is only ours.

import { createCipheriv } from 'node:crypto'
import { fromHex, toHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import { openFrame, sealFrame } from '../../src/encryption/frame.ts'
import { type EncryptionVersion, Keyring, openBody, StreamReader, sealBody } from '../../src/index.ts'
import { keyOf } from './setups.ts'
import { bytesOf, formOf, libraries, vectorsOf, vectorsOfType } from './vectors.ts'

const NONCE_AT = 1
const CIPHERTEXT_AT = 13
const FRAME_HEADER_BYTES = 5
// Changes are of the second lowest bit: versions 0 and 1 differ in the lowest, and which of them it is is not authenticated.

function opened(body: Uint8Array, key: Uint8Array, aad: Uint8Array): string | undefined {
  const plaintext = openBody(body, [key], aad)
  return plaintext && toHex(plaintext)
}

describe.each(libraries)('$vectors', (library) => {
  it('bodies: opened, made again, and refused with any part of them changed', () => {
    for (const { in: fields, settings, out } of vectorsOfType(library, 'encryption', 'body')) {
      const [plaintext, key, aad] = [bytesOf(fields.plaintext)!, keyOf(settings.keyBytes), fromHex(settings.aad)]
      const body = fromHex(out)
      expect(opened(body, key, aad)).toBe(toHex(plaintext))
      const nonce = body.slice(NONCE_AT, CIPHERTEXT_AT)
      expect(toHex(sealBody(plaintext, key, aad, settings.version as EncryptionVersion, nonce))).toBe(out)
      for (const at of [0, CIPHERTEXT_AT, body.length - 1]) {
        const changed = body.slice()
        changed[at]! ^= 2
        expect(openBody(changed, [key], aad), `byte ${at} of ${out}`).toBeUndefined()
      }
      expect(openBody(body, [key], Uint8Array.of(...aad, 0))).toBeUndefined()
    }
  })

  it('frames of streams: opened, made again, and refused under another label or size', () => {
    for (const { in: fields, settings, out } of vectorsOfType(library, 'encryption', 'frame')) {
      const [plaintext, key, frame] = [bytesOf(fields.plaintext)!, keyOf(settings.keyBytes), fromHex(out)]
      const nonce = frame.slice(FRAME_HEADER_BYTES + NONCE_AT, FRAME_HEADER_BYTES + CIPHERTEXT_AT)
      const version = settings.protocol === 1 ? 0 : 1
      expect(toHex(openFrame(frame, settings.label, [key])!)).toBe(toHex(plaintext))
      expect(toHex(sealFrame(plaintext, settings.label, { key, version, nonce }))).toBe(out)
      expect(openFrame(frame, `${settings.label}x`, [key])).toBeUndefined()
      for (const at of [1, 4, FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + CIPHERTEXT_AT, frame.length - 1]) {
        const changed = frame.slice()
        changed[at]! ^= 2
        expect(openFrame(changed, settings.label, [key]), `byte ${at} of ${out}`).toBeUndefined()
      }
    }
  })

  it('keys in turn, and all that no key opens', () => {
    let refused = 0
    for (const { id, in: fields, out } of vectorsOfType(library, 'encryption', 'open')) {
      const plain = openBody(fromHex(fields.body), (fields.keys as string[]).map(fromHex), fromHex(fields.aad))
      expect(plain === undefined ? null : formOf(plain), `${id} ${fields.body}`).toEqual(out)
      if (out === null) refused++
    }
    expect(refused).toBeGreaterThan(0)
  })

  it('every kind of line of this file is compared above', () => {
    expect(new Set(vectorsOf(library, 'encryption').map(({ in: { type } }) => type))).toEqual(
      new Set(['body', 'frame', 'open']),
    )
  })
})

// F05, P12 and S15 of the wire spec: Go crashes, so there is nothing to record.
describe('what crashes Go', () => {
  it('a body of version 1 under version 0 is as long as its last byte says, or refused', () => {
    const under0 = (plaintext: Uint8Array) => {
      const body = sealBody(plaintext, key, aad, 1, nonce)
      body[0] = 0
      return opened(body, key, aad)
    }
    expect(under0(ending(20, 5))).toBe('01'.repeat(15))
    expect(under0(ending(20, 21))).toBeUndefined()
  })

  const key = keyOf(16)
  const nonce = new Uint8Array(12).fill(7)
  const aad = new Uint8Array(0)
  /** A body of version 0 whose padding is as given. */
  const padded = (plaintext: Uint8Array): Uint8Array => {
    const cipher = createCipheriv('aes-128-gcm', key, nonce)
    cipher.setAAD(aad)
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
    return new Uint8Array(Buffer.concat([Uint8Array.of(0), nonce, ciphertext, cipher.getAuthTag()]))
  }
  const ending = (sizeBytes: number, last: number) => {
    const plaintext = new Uint8Array(sizeBytes).fill(1)
    plaintext[sizeBytes - 1] = last
    return plaintext
  }

  it('a padding of 0 bytes takes nothing off', () => {
    expect(opened(padded(ending(16, 0)), key, aad)).toBe(toHex(ending(16, 0)))
  })

  it('a padding above the size of a block is taken off as it says', () => {
    expect(opened(padded(ending(32, 17)), key, aad)).toBe('01'.repeat(15))
  })

  it('a padding of all there is leaves nothing', () => {
    expect(opened(padded(ending(16, 16)), key, aad)).toBe('')
  })

  it.each([17, 128, 255])('a padding of %i bytes on 16 is refused', (last) => {
    expect(openBody(padded(ending(16, last)), [key], aad)).toBeUndefined()
  })

  it.each([0, 1] as const)('a frame of version %i with nothing inside is an error, and answered', (version) => {
    const reader = readerWith(key)
    reader.push(sealFrame(new Uint8Array(0), '', { key, version, nonce }))
    expect(reader.next()).toMatchObject({ kind: 'failed', drop: { reason: 'empty' }, reply: expect.any(String) })
  })
})

function readerWith(key: Uint8Array): StreamReader {
  return new StreamReader({
    role: 'acceptor',
    label: '',
    labelMode: 'strict',
    encryption: { keyring: new Keyring([key]) },
  })
}
