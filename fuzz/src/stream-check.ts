/** What must hold for every stream, whatever comes on it and in whatever pieces. */
import { encodeStreamMessage, MAX_DECOMPRESSED_BYTES, type StreamMessage, type StreamResult } from '@hearsay/wire'
import { Finding, type FindingKind } from './finding.ts'
import type { HostileStream } from './stream-source.ts'
import type { Subject } from './subject.ts'

/** A detail goes into logs, and a reply to strangers. A label in it has 255 bytes, and JSON takes up to six letters for one. */
const MAX_DETAIL_LETTERS = 2000

/** What became of a stream. */
export interface StreamOutcome {
  /** The last thing that was said. */
  readonly result: StreamResult
  /** Pieces that were taken before the end. */
  readonly chunks: number
}

/** Reads a stream as an owner of a socket does, and checks what comes of it. Throws a {@link Finding}. */
export function checkStream(subject: Subject, stream: HostileStream, compareWithWhole: boolean): StreamOutcome {
  const { bytes, kind, as, sent, whole } = stream
  const fail = (what: FindingKind, message: string): never => {
    throw new Finding(what, `${message} (a ${kind} stream)`, { stage: 'streams', input: bytes, as })
  }
  const outcome = read(subject, stream, stream.cuts)
  const { result } = outcome
  if (result.kind === 'need-more') fail('odd-outcome', 'a stream that ended is still awaited')
  if (result.kind === 'failed' && !isTold(result))
    fail('odd-outcome', `an odd failure: ${JSON.stringify(result).slice(0, 200)}`)
  if (result.kind === 'message') {
    if (carriedBytes(result.message) > MAX_DECOMPRESSED_BYTES + bytes.length)
      fail('too-much', `a message with ${carriedBytes(result.message)} bytes`)
    if (sent && !isSame(result.message, sent)) fail('wrong-message', `a ${result.message.type} that nobody sent`)
    if (sent && !whole) fail('wrong-message', 'a stream that was cut was read as whole')
    const borrowed = notPlain(result.message)
    if (borrowed) fail('odd-outcome', `${borrowed} is no plain Uint8Array, so that slice() would not copy it`)
  } else if (whole) fail('wrong-message', `the ${sent?.type} that was sent was not read: ${JSON.stringify(result)}`)
  if (compareWithWhole && stream.cuts.length > 0) {
    const [first, second] = [told(result), told(read(subject, stream, []).result)]
    if (first !== second)
      fail('chunking', `in pieces at ${stream.cuts}: ${first.slice(0, 150)}; whole: ${second.slice(0, 150)}`)
  }
  return outcome
}

function read(subject: Subject, { bytes, options, kind, as }: HostileStream, cuts: readonly number[]): StreamOutcome {
  try {
    const reader = subject.openStream(options)
    let chunks = 0
    let from = 0
    for (const to of [...cuts, bytes.length]) {
      reader.push(bytes.subarray(from, to))
      chunks++
      from = to
      const result = reader.next()
      if (result.kind !== 'need-more') return { result, chunks }
    }
    reader.end()
    return { result: reader.next(), chunks }
  } catch (error) {
    const evidence = { stage: 'streams', input: bytes, as }
    throw new Finding('escape', `${error} (a ${kind} stream)`, evidence, { cause: error })
  }
}

function isTold({ drop, reply }: Extract<StreamResult, { kind: 'failed' }>): boolean {
  const { offset, detail } = drop
  return (
    Number.isInteger(offset) &&
    offset >= 0 &&
    detail.length > 0 &&
    detail.length <= MAX_DETAIL_LETTERS &&
    (reply === undefined || (reply.length > 0 && reply.length <= MAX_DETAIL_LETTERS))
  )
}

/** What may not depend on pieces, as text. */
function told(result: StreamResult): string {
  if (result.kind === 'message') return `message ${Buffer.from(encoded(result.message)).toString('base64')}`
  return result.kind === 'failed' ? `failed ${result.drop.reason} ${result.reply}` : result.kind
}

const encoded = (message: StreamMessage): Uint8Array =>
  encodeStreamMessage(isWritable(message) ? message : withoutStates(message), { compression: 'none' })
const isSame = (message: StreamMessage, sent: StreamMessage): boolean =>
  Buffer.compare(encoded(message), encoded(sent)) === 0

// Negative states can be read, so that the merge can ignore them, and are never written.
const isWritable = (message: StreamMessage): boolean =>
  message.type !== 'push-pull' || [...message.nodes].every(({ state }) => state >= 0)
const withoutStates = (message: StreamMessage): StreamMessage =>
  message.type === 'push-pull'
    ? { ...message, nodes: Array.from(message.nodes, (node) => ({ ...node, state: Math.abs(node.state) })) }
    : message

function carriedBytes(message: StreamMessage): number {
  switch (message.type) {
    case 'user':
      return message.payload.length
    case 'ack':
      return message.payload?.length ?? 0
    case 'push-pull':
      return [...message.nodes].reduce(
        (sum, { meta, name }) => sum + (meta?.length ?? 0) + name.length,
        message.userState.length,
      )
    default:
      return 0
  }
}

/** The first byte field that is a Buffer: what keeps it must be able to copy it with `slice`. */
function notPlain(message: StreamMessage): string | undefined {
  const [node] = message.type === 'push-pull' ? message.nodes : []
  const fields: Record<string, unknown> =
    message.type === 'push-pull'
      ? { userState: message.userState, address: node?.address, meta: node?.meta }
      : { ...message }
  return Object.keys(fields).find((key) => Buffer.isBuffer(fields[key]))
}
