/** The only place of this package that touches clock, chance and host. */
import { randomBytes, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** A fresh identity for one run of a node. */
export const newBootId = (): string => randomUUID()

/** The host name followed by eight random hex digits, as dskit names its members (kv spec 4.1). */
export const randomizedName = (base: string = hostname()): string => `${base}-${randomBytes(4).toString('hex')}`

/** Waits, or returns early when `signal` aborts. Never keeps the process alive by itself when `ref` is false. */
export async function pause(delayMs: number, signal?: AbortSignal, ref = true): Promise<void> {
  await sleep(delayMs, undefined, signal ? { signal, ref } : { ref }).catch(() => {})
}

/** Runs `work` with a signal that aborts after `timeoutMs` or with `signal`. */
export async function withTimeout<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), timeoutMs)
  try {
    return await work(AbortSignal.any([limit.signal, signal]))
  } finally {
    clearTimeout(timer)
  }
}
