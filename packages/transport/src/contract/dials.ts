/** Laws of dialling. */

import assert from 'node:assert/strict'
import { type ContractTest, dial, eventually, type MakeTransports, pause, record, withPair } from './kit.ts'

/** Declares them. */
export function describeDials(make: MakeTransports, { describe, it }: ContractTest): void {
  describe('dials', () => {
    it('to an address where nobody listens are rejected with a code, within their timeout', () =>
      withPair(make, async (a, b) => {
        const gone = b.listening.advertised
        await b.transport.close()
        const error = await rejection(a.transport.dial(gone, { timeoutMs: 2000 }))
        assert.ok(['DIAL_REFUSED', 'DIAL_TIMEOUT', 'DIAL_FAILED'].includes(error.code), `code ${error.code}`)
        assert.ok(error.message.includes(gone), `the address is named in: ${error.message}`)
        assert.equal(error.address, gone)
      }))

    it('that are aborted before they begin are rejected', () =>
      withPair(make, async (a, b) => {
        const signal = AbortSignal.abort(new Error('no longer wanted'))
        const error = await rejection(a.transport.dial(b.listening.advertised, { timeoutMs: 2000, signal }))
        assert.equal(error.code, 'ABORTED')
      }))

    it('that are aborted under way are rejected', () =>
      withPair(make, async (a, b) => {
        const controller = new AbortController()
        const dialling = a.transport.dial(b.listening.advertised, { timeoutMs: 2000, signal: controller.signal })
        controller.abort(new Error('no longer wanted'))
        const error = await rejection(dialling)
        assert.equal(error.code, 'ABORTED')
        assert.equal((error.cause as Error).message, 'no longer wanted')
      }))

    it('leave a stream alone that is aborted too late', () =>
      withPair(make, async (a, b) => {
        const controller = new AbortController()
        const { advertised } = b.listening
        const near = record(await a.transport.dial(advertised, { timeoutMs: 2000, signal: controller.signal }), a.guard)
        controller.abort()
        near.stream.write(Uint8Array.of(1))
        await eventually('the byte arrives', () => b.accepted[0]?.receivedBytes === 1)
        await pause(20)
        assert.equal(near.closes.length, 0)
      }))

    it('that wait when the transport closes are rejected', () =>
      withPair(make, async (a, b) => {
        const dialling = rejection(a.transport.dial(b.listening.advertised, { timeoutMs: 5000 }))
        await a.transport.close()
        assert.equal((await dialling).code, 'CLOSED')
      }))

    it('after the transport closed are rejected', () =>
      withPair(make, async (a, b) => {
        await a.transport.close()
        const error = await rejection(a.transport.dial(b.listening.advertised, { timeoutMs: 1000 }))
        assert.equal(error.code, 'CLOSED')
      }))

    it('work in both directions at one time', () =>
      withPair(make, async (a, b) => {
        const [there, back] = await Promise.all([dial(a, b), dial(b, a)])
        there.stream.write(Uint8Array.of(1))
        back.stream.write(Uint8Array.of(2))
        await eventually(
          'both bytes arrive',
          () => a.accepted[0]?.chunks[0]?.[0] === 2 && b.accepted[0]?.chunks[0]?.[0] === 1,
        )
      }))
  })
}

interface Rejection extends Error {
  readonly code: string
  readonly address?: string
}

async function rejection(promise: Promise<unknown>): Promise<Rejection> {
  try {
    await promise
  } catch (error) {
    // Looked at by name, since the transport may bring a copy of the class of its own.
    assert.ok(error instanceof Error && error.name === 'TransportError', `a TransportError, not ${String(error)}`)
    return error as Rejection
  }
  throw new assert.AssertionError({ message: 'the dial succeeded' })
}
