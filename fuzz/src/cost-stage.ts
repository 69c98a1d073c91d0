/**
 * What one packet, or one stream, may cost at most, counted. The dearest inputs that are known come first, then a sample
 * of what the sources make.
 */
import { MAX_DECOMPRESSED_BYTES } from '@hearsay/wire'
import { type CostCase, packetCases, streamCases } from './cost-cases.ts'
import { Finding } from './finding.ts'
import { machineCosts } from './machine-cost.ts'
import { type Cost, measure } from './meter.ts'
import { checkPacket } from './packet-check.ts'
import { type HostilePacket, PacketSource, receivers } from './packet-source.ts'
import { Random } from './random.ts'
import { checkStream } from './stream-check.ts'
import { StreamSource } from './stream-source.ts'
import type { Subject } from './subject.ts'

/** Growing by doubling makes twice the last size, and the last may stand beside it. */
const MAX_EXPANSION_ALLOCATED_BYTES = 3 * MAX_DECOMPRESSED_BYTES
/** Arrays that are made for each byte that came, when nothing expands. */
const MAX_ALLOCATED_PER_BYTE = 16
/** Steps of the cursors for each byte that is there to be read. */
const MAX_STEPS_PER_BYTE = 8
/** Exceptions of the text decoder: a few for a message are understandable, one for each character is not. */
const MAX_TEXT_FAILURES_PER_OUTCOME = 4
/** Twice the stream may take so much more work. */
const MAX_DOUBLING = 2.5
/** Work of this size is too small to be compared. */
const SMALL_STEPS = 1000
/** What the sources' own streams expand to at most, bombs apart, with room for errors. */
const SMALL_EXPANSION_BYTES = 512 * 1024
/** What the sources make, measured. */
const SAMPLED_PACKETS = 4000
const SAMPLED_STREAMS = 4000

/** Returns what to print, and every finding: one does not hide the others. */
export function runCosts(
  subject: Subject,
  seed: number,
  parts: readonly ('table' | 'samples')[] = ['table', 'samples'],
): { readonly lines: string[]; readonly findings: Finding[] } {
  const lines: string[] = []
  const findings: Finding[] = []
  const attempt = (check: () => void): void => {
    try {
      check()
    } catch (error) {
      if (!(error instanceof Finding)) throw error
      findings.push(error)
    }
  }
  if (parts.includes('table')) {
    for (const make of packetCases) attempt(() => packetCase(subject, make(), lines))
    for (const make of streamCases) attempt(() => streamPair(subject, make(), lines))
    lines.push(...machineCosts(attempt))
  }
  if (parts.includes('samples')) {
    attempt(() => samplePackets(subject, seed))
    attempt(() => sampleStreams(subject, seed))
  }
  return { lines, findings }
}

function packetCase(subject: Subject, { name, input }: CostCase, lines: string[]): void {
  const packet: HostilePacket = { kind: 'bomb', bytes: input, receiver: receivers.plain, sent: undefined, whole: false }
  const startedMs = performance.now()
  const evidence = { stage: 'packets', input, as: 'plain' }
  const { cost, result } = measure(() => subject.decodePacket(input))
  const tookMs = performance.now() - startedMs
  const outcomes = result.messages.length + result.drops.length
  lines.push(
    `${name}: ${input.length} bytes, ${outcomes} outcomes, ${told(cost)}, about ${tookMs.toFixed(0)} ms measured`,
  )
  judge(cost, input.length, outcomes, MAX_EXPANSION_ALLOCATED_BYTES, (message) => {
    throw new Finding('too-much', `${name}: ${message}`, evidence)
  })
  checkPacket({ ...subject, decodePacket: () => result }, packet)
}

function streamPair(subject: Subject, [once, twice]: readonly [CostCase, CostCase], lines: string[]): void {
  const [first, second] = [readPieces(subject, once), readPieces(subject, twice)]
  lines.push(`${once.name}: ${once.input.length} bytes, ${told(first)}; twice as long: ${told(second)}`)
  const evidence = { stage: 'streams', input: once.input.subarray(0, 4000), as: 'acceptor plain' }
  if (second.steps > SMALL_STEPS && second.steps > MAX_DOUBLING * first.steps)
    throw new Finding('too-much', `${once.name}: ${told(first)}, but twice as long: ${told(second)}`, evidence)
  judge(second, twice.input.length, 1, MAX_ALLOCATED_PER_BYTE * twice.input.length, (message) => {
    throw new Finding('too-much', `${twice.name}: ${message}`, evidence)
  })
}

function readPieces(subject: Subject, { input, pieceBytes = input.length }: CostCase): Cost {
  const { name: _name, ...options } = input[0] === 10 ? { ...receivers.sealed, label: '' } : receivers.plain
  return measure(() => {
    const reader = subject.openStream({ role: 'acceptor', ...options })
    for (let at = 0; at < input.length; at += pieceBytes) {
      reader.push(input.subarray(at, at + pieceBytes))
      reader.next()
    }
  }).cost
}

/** The sources' own: lengths that lie must not make anything large. */
function samplePackets(subject: Subject, seed: number): void {
  const packets = new PacketSource(new Random(seed), Number.MAX_SAFE_INTEGER)
  for (let index = 0; index < SAMPLED_PACKETS; index++) {
    const packet = packets.next()
    const { cost, result } = measure(() => checkPacket(subject, packet))
    const outcomes = result.messages.length + result.drops.length
    judge(cost, packet.bytes.length, outcomes, MAX_EXPANSION_ALLOCATED_BYTES, (message) => {
      const evidence = { stage: 'packets', input: packet.bytes, as: packet.receiver.name }
      throw new Finding('too-much', `a ${packet.kind} packet: ${message}`, evidence)
    })
  }
}

function sampleStreams(subject: Subject, seed: number): void {
  const streams = new StreamSource(new Random(seed))
  for (let index = 0; index < SAMPLED_STREAMS; index++) {
    const stream = streams.next()
    const { cost } = measure(() => checkStream(subject, stream, false))
    judge(
      cost,
      stream.bytes.length,
      1,
      stream.kind === 'bomb' ? MAX_EXPANSION_ALLOCATED_BYTES : SMALL_EXPANSION_BYTES,
      (message) => {
        const evidence = { stage: 'streams', input: stream.bytes, as: stream.as }
        throw new Finding('too-much', `a ${stream.kind} stream: ${message}`, evidence)
      },
    )
  }
}

function judge(
  cost: Cost,
  sizeBytes: number,
  outcomes: number,
  mayAllocate: number,
  fail: (message: string) => void,
): void {
  const available = sizeBytes + cost.allocatedBytes
  if (cost.allocatedBytes > mayAllocate + MAX_ALLOCATED_PER_BYTE * sizeBytes)
    fail(`${cost.allocatedBytes} bytes were allocated for ${sizeBytes}`)
  if (cost.steps > MAX_STEPS_PER_BYTE * (available + 100)) fail(`${cost.steps} steps for ${available} bytes`)
  if (cost.textFailures > MAX_TEXT_FAILURES_PER_OUTCOME * (outcomes + 1))
    fail(`${cost.textFailures} exceptions of the text decoder for ${outcomes} outcomes`)
}

const told = ({ allocatedBytes, steps, textFailures }: Cost): string =>
  `${allocatedBytes} bytes allocated, ${steps} steps${textFailures > 0 ? `, ${textFailures} text exceptions` : ''}`
