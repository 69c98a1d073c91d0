/** The only place of this package that touches clock, chance and host. */
import { randomBytes, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** A fresh identity for one run of a node. */
export const newBootId = (): string => randomUUID()

/** The host name followed by eight random hex digits, as dskit names its members (kv spec 4.1). */
export const randomizedName = (base: string = hostname()): string => `${base}-${randomBytes(4).toString('hex')}`

/** A number from 0 to below 1. */
export const chance = (): number => Math.random()

/** What a timer of Node can wait, about 24.8 days. It takes anything longer for 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** Waits, at most 24.8 days, or returns early when `signal` aborts. Never keeps the process alive by itself when `ref` is false. */
export async function pause(delayMs: number, signal?: AbortSignal, ref = true): Promise<void> {
  await sleep(Math.min(delayMs, MAX_DELAY_MS), undefined, signal ? { signal, ref } : { ref }).catch(() => {})
}

/** Runs `work` with a signal that aborts after `timeoutMs` or with `signal`. */
export async function withTimeout<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), Math.min(timeoutMs, MAX_DELAY_MS))
  try {
    return await work(AbortSignal.any([limit.signal, signal]))
  } finally {
    clearTimeout(timer)
  }
}
