/** One input, read in every way: what it says, and what it costs. */
import { readFileSync } from 'node:fs'
import { fromHex } from '@hearsay/encoding'
import type { StreamReaderOptions } from '@hearsay/wire'
import { Finding } from './finding.ts'
import { measure } from './meter.ts'
import { checkPacket } from './packet-check.ts'
import { receivers } from './packet-source.ts'
import { checkStream } from './stream-check.ts'
import type { Subject } from './subject.ts'

/** Letters of a message that are shown. */
const SHOWN_LETTERS = 300
/** Longer ones are not read byte by byte: that may be what is wrong with them. */
const MAX_BYTEWISE_BYTES = 4096

/** `hex` are digits, or `@` and the path of a file of digits. True when nothing is wrong. */
export function replay(hex: string, subject: Subject, say: (line: string) => void): boolean {
  const bytes = fromHex(hex.startsWith('@') ? readFileSync(hex.slice(1), 'utf8') : hex)
  say(`${bytes.length} bytes`)
  let isFine = true
  const attempt = (title: string, run: () => unknown): void => {
    try {
      const { cost, result } = measure(run)
      say(`${title}: ${shown(result)}; ${JSON.stringify(cost)}`)
    } catch (error) {
      isFine = false
      say(
        `${title}: ${error instanceof Finding ? `${error.kind}: ` : ''}${error instanceof Error ? error.stack : error}`,
      )
    }
  }
  for (const receiver of Object.values(receivers))
    attempt(`as a packet, ${receiver.name}`, () => {
      const packet = { kind: 'noise', bytes, receiver, sent: undefined, whole: false } as const
      const { messages, drops } = checkPacket(subject, packet)
      return { messages, drops }
    })
  const every = Array.from({ length: Math.max(0, Math.min(bytes.length, MAX_BYTEWISE_BYTES) - 1) }, (_, at) => at + 1)
  for (const { name, ...surroundings } of Object.values(receivers))
    for (const role of ['acceptor', 'initiator'] as const)
      for (const cuts of [[], every]) {
        const options: StreamReaderOptions = { role, ...surroundings }
        const stream = { kind: 'noise', bytes, cuts, options, as: name, sent: undefined, whole: false } as const
        const title = `as a stream, ${role}, ${name}, ${cuts.length === 0 ? 'whole' : 'byte by byte'}`
        attempt(title, () => checkStream(subject, stream, true).result)
      }
  return isFine
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_key, each) => (each instanceof Uint8Array ? `${each.length} bytes` : each)).slice(
    0,
    SHOWN_LETTERS,
  )
