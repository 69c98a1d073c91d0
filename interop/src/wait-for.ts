/** Waiting for other processes: looked at again and again, with the last view in the error. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves with the first result of `look` that is neither undefined nor false. */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = 30_000, view }: { timeoutMs?: number; view?: () => unknown } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false && found !== null) return found as NonNullable<Exclude<T, false>>
    if (performance.now() > until)
      throw new Error(`waited ${timeoutMs} ms in vain: ${what}${view ? `; last seen: ${JSON.stringify(view())}` : ''}`)
    await sleep(20)
  }
}
