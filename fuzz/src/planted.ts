/**
 * Faults put in on purpose: each one is a wrong substitute for what is tested, and the fuzzer must find it. A fuzzer that
 * finds nothing has shown nothing until it has found these.
 */
import { ByteReader, DecodeError } from '@hearsay/encoding'
import { type DecodedPacket, decodePacket, MessageType, StreamReader } from '@hearsay/wire'
import { runCosts } from './cost-stage.ts'
import { Finding, type FindingKind } from './finding.ts'
import { runPackets, type StageOptions } from './packet-stage.ts'
import { runStreams } from './stream-stage.ts'
import { real, type StreamSubject, type Subject } from './subject.ts'

/** One fault, and where and as what it must be found. */
interface Planted {
  readonly name: string
  readonly subject: () => Subject
  readonly stage: 'packets' | 'streams' | 'samples'
  readonly found: readonly FindingKind[]
}

const withDecoder = (decode: Subject['decodePacket']): Subject => ({ ...real, decodePacket: decode })
const withStream = (make: (reader: StreamSubject) => StreamSubject): Subject => ({
  ...real,
  openStream: (options) => make(new StreamReader(options)),
})

/** Memory for what a length says, before it has come. */
function trusting(reader: StreamSubject): StreamSubject {
  let length = 0
  const start = new Uint8Array(64)
  return {
    push: (chunk) => {
      start.set(chunk.subarray(0, Math.max(0, start.length - length)), Math.min(length, start.length))
      length += chunk.length
      const key = Buffer.from(start.buffer).indexOf('UserMsgLen')
      if (key >= 0 && start[key + 10] === 0xd1) new Uint8Array(new ByteReader(start, key + 11).u16()).fill(1)
      if (key >= 0 && [0xce, 0xd2].includes(start[key + 10]!))
        new Uint8Array(new ByteReader(start, key + 11).u32() % 2 ** 31)
      reader.push(chunk)
    },
    end: () => reader.end(),
    next: () => reader.next(),
  }
}

/** An error that is no decoder's comes out for one odd form. */
function escaping(payload: Uint8Array): DecodedPacket {
  const decoded = decodePacket(payload)
  if (payload[0] === MessageType.nack && payload[1] === 0xc0) throw new TypeError('planted')
  return decoded
}

/** An error of the text decoder, handed on by a stream. */
function escapingStream(reader: StreamSubject): StreamSubject {
  return {
    push: (chunk) => reader.push(chunk),
    end: () => reader.end(),
    next: () => {
      const result = reader.next()
      if (result.kind === 'failed' && result.drop.reason === 'compression')
        throw new DecodeError('malformed', 0, 'planted')
      return result
    },
  }
}

function leaking(): Subject {
  const kept: unknown[] = []
  return withDecoder((payload, limits) => {
    const decoded = decodePacket(payload, limits)
    kept.push(decoded)
    return decoded
  })
}

function leakingStreams(): Subject {
  const kept: unknown[] = []
  return withStream((reader) => {
    kept.push(reader)
    return reader
  })
}

/** Compounds inside compounds are read again for each level above them. */
function exploding(payload: Uint8Array): DecodedPacket {
  const { messages, drops } = decodePacket(payload)
  const isNested = payload[0] === MessageType.compound && drops.some(({ reason }) => reason === 'too-deep')
  return { messages, drops: isNested ? Array.from({ length: 100_000 }, () => drops[0]!) : drops }
}

/** What is missing at the end is taken for zeros. */
function generous(payload: Uint8Array): DecodedPacket {
  const first = decodePacket(payload)
  if (!first.drops.some(({ reason }) => reason === 'truncated')) return first
  const longer = new Uint8Array(payload.length + 4)
  longer.set(payload)
  return decodePacket(longer)
}

/** A stream that ends too early is taken for complete. */
function generousStream(reader: StreamSubject): StreamSubject {
  return {
    push: (chunk) => reader.push(chunk),
    end: () => {
      reader.push(new Uint8Array(4))
      reader.end()
    },
    next: () => reader.next(),
  }
}

/** Each piece is read for itself. */
function forgetful(reader: StreamSubject): StreamSubject {
  let first = true
  return {
    push: (chunk) => {
      if (first || chunk.length !== 3) reader.push(chunk)
      first = false
    },
    end: () => reader.end(),
    next: () => reader.next(),
  }
}

const faults: readonly Planted[] = [
  {
    name: 'memory for what a length promises',
    subject: () => withStream(trusting),
    stage: 'samples',
    found: ['too-much'],
  },
  { name: 'an error that escapes', subject: () => withDecoder(escaping), stage: 'packets', found: ['escape'] },
  {
    name: 'an error that escapes from a stream',
    subject: () => withStream(escapingStream),
    stage: 'streams',
    found: ['escape'],
  },
  { name: 'packets that are kept', subject: leaking, stage: 'packets', found: ['growth'] },
  { name: 'streams that are kept', subject: leakingStreams, stage: 'streams', found: ['growth'] },
  { name: 'compounds that explode', subject: () => withDecoder(exploding), stage: 'packets', found: ['too-many'] },
  {
    name: 'a packet cut short that is read as whole',
    subject: () => withDecoder(generous),
    stage: 'packets',
    found: ['wrong-message'],
  },
  {
    name: 'a stream cut short that is read as whole',
    subject: () => withStream(generousStream),
    stage: 'streams',
    found: ['wrong-message'],
  },
  {
    name: 'a piece that gets lost',
    subject: () => withStream(forgetful),
    stage: 'streams',
    found: ['chunking', 'wrong-message'],
  },
]

const PACKETS = 100_000
const CHUNKS = 60_000

/**
 * Runs all of them. True when each was found for what it is, and nothing is found without them; says so line by line.
 */
export function runPlanted(seed: number, say: (line: string) => void): boolean {
  let isShown = true
  const stageOf = (stage: Planted['stage'], subject: Subject): Finding | undefined =>
    runStage({ seed, count: 0, untilMs: Number.POSITIVE_INFINITY, subject, say: () => {} }, stage)
  for (const stage of ['packets', 'streams', 'samples'] as const) {
    const finding = stageOf(stage, real)
    // What is found without the faults would be found with them, too, and would show nothing.
    if (finding) isShown = false
    say(`without a fault, ${stage}: ${told(finding)}`)
  }
  for (const { name, subject, stage, found } of faults) {
    const finding = stageOf(stage, subject())
    const isFound = finding !== undefined && found.includes(finding.kind)
    if (!isFound) isShown = false
    say(`${isFound ? 'found' : 'MISSED'}: ${name}: ${told(finding)}`)
  }
  say(isShown ? `all ${faults.length} faults were found` : 'NOT SHOWN: see above')
  return isShown
}

const told = (finding: Finding | undefined): string =>
  finding ? `${finding.kind}: ${finding.message.slice(0, 200)}` : 'nothing found'

function runStage(options: StageOptions, stage: Planted['stage']): Finding | undefined {
  try {
    if (stage === 'packets') runPackets({ ...options, count: PACKETS })
    else if (stage === 'streams') runStreams({ ...options, count: CHUNKS })
    else return runCosts(options.subject, options.seed, ['samples']).findings[0]
    return undefined
  } catch (error) {
    if (error instanceof Finding) return error
    throw error
  }
}
