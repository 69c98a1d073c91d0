/** B5: encrypted packets. Each side opens what the other sealed before any is timed. */
import { equalBytes } from '@hearsay/encoding'
import { NONCE_BYTES, openBody, sealBody } from '../../packages/wire/src/encryption/body.ts'
import { Keyring } from '../../packages/wire/src/encryption/keyring.ts'
import { freshNonce } from '../../packages/wire/src/encryption/system.ts'
import { randomBytes } from './inputs.ts'
import type { Item } from './item.ts'

const sizes = { '64 B': 64, '1.4 kB': 1400, '90 kB': 90_000 }
// What Go's side binds to the message too: a label.
const aad = new TextEncoder().encode('cluster-a')

/** The evaluation plan names none for small bodies: there the calls of node:crypto are all that is measured. */
const targetFor = (sizeBytes: number): number | undefined =>
  sizeBytes < 1400 ? undefined : sizeBytes < 90_000 ? 4 : 1.2

function itemsFor(size: string, sizeBytes: number, bits: number, version: 0 | 1): Item[] {
  const key = Uint8Array.from({ length: bits / 8 }, (_, index) => index + 1)
  const strangers = [1, 2].map((index) => new Uint8Array(key.length).fill(0xa0 + index))
  const plain = randomBytes(sizeBytes)
  const sealed = sealBody(plain, key, aad, version, new Uint8Array(NONCE_BYTES).fill(7))
  const shared = { group: 'B5', target: targetFor(sizeBytes), library: 'memberlist' } as const
  const what = `${size}, AES-${bits}, version ${version}`
  const subject = `plain-${sizeBytes}`
  const sealing: Item = {
    ...shared,
    name: `seal ${what}`,
    operation: `seal/${version}/${bits}`,
    subject,
    inputs: () => ({ [subject]: plain }),
    agrees: (golden) => equalBytes(openBody(golden, [key], aad) ?? aad, plain),
    work: () => sealBody(plain, key, aad, version, freshNonce()).length,
  }
  const opening = (keys: readonly Uint8Array[]): Item => {
    const ring = new Keyring(keys)
    const subject = `sealed-${sizeBytes}-${bits}-${version}`
    return {
      ...shared,
      name: `open ${what}, ${keys.length === 1 ? '1 key' : `${keys.length} keys`}`,
      operation: `open/${version}/${bits}/${keys.length}`,
      subject,
      inputs: () => ({ [subject]: sealed }),
      agrees: (golden) => equalBytes(golden, plain) && equalBytes(openBody(sealed, ring.keys(), aad) ?? aad, plain),
      work: () => openBody(sealed, ring.keys(), aad)!.length,
    }
  }
  return [sealing, opening([key]), opening([...strangers, key])]
}

/** Sealing, and opening with a ring of one key and one whose last of three matches. */
export const encryptionItems = (): Item[] =>
  Object.entries(sizes).flatMap(([size, sizeBytes]) =>
    [128, 192, 256].flatMap((bits) => ([0, 1] as const).flatMap((version) => itemsFor(size, sizeBytes, bits, version))),
  )
